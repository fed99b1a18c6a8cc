"""Whether the published warehouse still holds everything that has been accepted.

The warehouse itself holds which submissions it was built from, on which day it was built (periods
under way end on it) and from which models. The ledger only grows, so the same number of accepted
submissions means the same submissions.
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
    accepted = _accepted(folders)
    if not folders.warehouse.exists():
        return accepted > 0
    today = clock.today()
    return _known(folders.warehouse) != (accepted, today, project_hash())


def _known(warehouse: Path) -> tuple[object, ...] | None:
    """How many accepted submissions a warehouse knows, the day it was built on, and its models.

    None where the file does not say: it is broken, or of an older version.
    """
    try:
        with duckdb.connect(str(warehouse), read_only=True) as reader:
            return reader.execute(
                "select (select count(*) from staging.stg_submissions "
                "where list_contains($accepted, status)), built_on, project_hash "
                "from staging.build_info",
                {"accepted": list(ACCEPTED)},
            ).fetchone()
    except duckdb.Error:
        return None


def _accepted(folders: Home) -> int:
    """How many accepted submissions the ledger holds; lines torn by a crash are none."""
    files = [str(path) for path in sorted(folders.ledger.glob("*.jsonl"))]
    if not files:
        return 0
    row = duckdb.execute(
        "select count(*) from read_json($files, format = 'newline_delimited', "
        "ignore_errors = true, columns = {event: 'VARCHAR', status: 'VARCHAR'}) "
        "where event = 'submission' and list_contains($accepted, status)",
        {"files": files, "accepted": list(ACCEPTED)},
    ).fetchone()
    return int(row[0]) if row else 0
