"""The pools that DAGs run tasks in."""

from __future__ import annotations

from vuosikello.orchestration.pools import WAREHOUSE_POOL

__all__ = ["WAREHOUSE_POOL"]
