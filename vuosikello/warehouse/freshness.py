"""Whether the published warehouse still holds everything that has been accepted.

The warehouse itself holds which submissions it was built from, on which day it was built (periods
under way end on it) and from which models. The ledger only grows, so the same number of accepted
submissions and of withdrawals means the same ones.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from common import clock
from common.home import Home
from ingest.ledger import ACCEPTED
from vuosikello.warehouse.build import project_hash


def build_is_due(home: Path) -> bool:
    """Whether a build would give another warehouse than the published one.

    Args:
        home: the installation's home folder.

    Returns:
        False too where nothing has been accepted yet and nothing is published.
    """
    folders = Home(home)
    accepted, withdrawn = _in_ledger(folders)
    if not folders.warehouse.exists():
        return accepted > 0
    today = clock.today()
    return _known(folders.warehouse) != (accepted, withdrawn, today, project_hash())


def _known(warehouse: Path) -> tuple[object, ...] | None:
    """How many accepted and withdrawn submissions a warehouse knows, its day, and its models.

    None where the file does not say: it is broken, or of an older version.
    """
    try:
        with duckdb.connect(str(warehouse), read_only=True) as reader:
            return reader.execute(
                "select (select count(*) from staging.stg_submissions "
                "where list_contains($accepted, status)), "
                "(select count(withdrawn_at) from staging.stg_submissions), "
                "built_on, project_hash from staging.build_info",
                {"accepted": list(ACCEPTED)},
            ).fetchone()
    except duckdb.Error:
        return None


def _in_ledger(folders: Home) -> tuple[int, int]:
    """How many accepted submissions and withdrawals the ledger holds, without torn lines."""
    files = [str(path) for path in sorted(folders.ledger.glob("*.jsonl"))]
    if not files:
        return 0, 0
    row = duckdb.execute(
        "select count(*) filter (event = 'submission' and list_contains($accepted, status)), "
        "count(distinct submission_id) filter (event = 'withdrawal') "
        "from read_json($files, format = 'newline_delimited', ignore_errors = true, "
        "columns = {event: 'VARCHAR', submission_id: 'VARCHAR', status: 'VARCHAR'})",
        {"files": files, "accepted": list(ACCEPTED)},
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)
