"""What a warehouse knew when it was built, by its own record.

Knows only `staging.build_info` and the submissions; nothing of how a warehouse is built.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from expectations.results import BuildInfo

_QUERY = """
    SELECT *, (SELECT count(*) FROM staging.stg_submissions) AS submissions
    FROM staging.build_info
"""


def build_info_of(warehouse: Path) -> BuildInfo | None:
    """Read which submissions a warehouse was built from, and when.

    Args:
        warehouse: a DuckDB file; it is only read.

    Returns:
        None where there is no such file, or it has no record: an older build, a test's file.
    """
    if not warehouse.is_file():
        return None
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            result = connection.execute(_QUERY)
            names = [column[0] for column in result.description or ()]
            row = result.fetchone()
    except duckdb.Error:
        return None
    if row is None:
        return None
    row_values = dict(zip(names, row, strict=True))
    return BuildInfo(
        built_at=row_values["built_at"].replace(tzinfo=UTC),
        built_on=row_values["built_on"],
        project_hash=row_values["project_hash"],
        newest_submission_id=row_values["newest_submission_id"],
        newest_received_at=_utc(row_values["newest_received_at"]),
        # An older build does not record when what it knows could first be known.
        newest_known_at=_utc(row_values.get("newest_known_at") or row_values["newest_received_at"]),
        submissions=row_values["submissions"],
    )


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None
