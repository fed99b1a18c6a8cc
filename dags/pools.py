"""Airflow pools of the house."""

from __future__ import annotations

WAREHOUSE_POOL = "warehouse"
WAREHOUSE_POOL_TEXT = (
    "One slot: only one task at a time opens the warehouse that is being built. "
    "Readers of the published warehouse need no slot."
)
