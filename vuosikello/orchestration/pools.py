"""Airflow's pools: how many tasks may do the same thing at a time.

The DAG files name a pool, and preparing Airflow's metadata creates it; both take it from here.
"""

from __future__ import annotations

WAREHOUSE_POOL = "warehouse"
WAREHOUSE_POOL_TEXT = (
    "One slot: only one task at a time opens the warehouse that is being built. "
    "Readers of the published warehouse need no slot."
)
