"""What a warehouse knew when it was built, as it tells itself.

Knows only `staging.build_info` and the submissions; nothing of how a warehouse is built.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from expectations.results import Knowledge

_QUERY = """
    SELECT
        built_at,
        built_on,
        project_hash,
        newest_submission_id,
        newest_received_at,
        (SELECT count(*) FROM staging.stg_submissions) AS submissions
    FROM staging.build_info
"""


def knowledge_of(warehouse: Path) -> Knowledge | None:
    """Read what a warehouse knew.

    Args:
        warehouse: a DuckDB file; it is only read.

    Returns:
        None where there is no such file, or it does not tell: an older build, a file of a test.
    """
    if not warehouse.is_file():
        return None
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            row = connection.execute(_QUERY).fetchone()
    except duckdb.Error:
        return None
    if row is None:
        return None
    built_at, built_on, project_hash, newest_id, newest_at, submissions = row
    return Knowledge(
        built_at=built_at.replace(tzinfo=UTC),
        built_on=built_on,
        project_hash=project_hash,
        newest_submission_id=newest_id,
        newest_received_at=_utc(newest_at),
        submissions=submissions,
    )


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None
