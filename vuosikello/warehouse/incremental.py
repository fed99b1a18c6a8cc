"""What a build must build anew: what the submissions received since the last build can change.

A build after one new submission takes over the published warehouse and builds anew the feed's
staging model and whatever rests on it, directly or not; every other table would come out as it
stands. That holds only while nothing else has changed, so anything that bears on all of them
(another day, other models or code lists, another version, a longer past, a moved home) asks for the
whole. What was left alone is what a build of everything would have made: the tests compare the two
value for value.

This module knows the names of the models that every submission changes, and dbt's way of naming
what rests on a model; it knows nothing of what the models hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from common.home import Home
from ingest.ledger import ACCEPTED

# These list submissions, whatever feed they are of. What else rests on them does so feed by feed
# and is named by the feed; but for the periods, which are asked for below.
_OF_EVERY_SUBMISSION = (
    "stg_submissions",
    "stg_current_submissions",
    "stg_displaced_days",
    "fct_coverage",
    "int_covered_stretch",
)

_LEDGER = """
    select event, submission_id, feed, period_start,
        coalesce(list_contains($accepted, status), false) as is_accepted
    from read_json($files, format = 'newline_delimited', ignore_errors = true, columns = {
        event: 'VARCHAR', submission_id: 'VARCHAR', feed: 'VARCHAR', period_start: 'DATE',
        status: 'VARCHAR'
    })
    where event in ('submission', 'withdrawal') and submission_id is not null
"""

_SINCE = f"""
    with events as ({_LEDGER}),
    ledger as (select * from events where event = 'submission'),
    known as (select submission_id, period_start, withdrawn_at from staging.stg_submissions),
    added as (select * from ledger where submission_id not in (select submission_id from known)),
    withdrawn as (
        select events.submission_id, events.feed, known.period_start from events
        left join known on events.submission_id = known.submission_id
        where events.event = 'withdrawal' and known.withdrawn_at is null
    )
    select
        (select count(*) from known where submission_id not in (select submission_id from ledger)),
        (select list(distinct feed order by feed) from (
            select feed from added where is_accepted union all select feed from withdrawn
        )),
        (select min(period_start) from added where is_accepted),
        (select min(period_start) from staging.stg_current_submissions),
        (select count(distinct submission_id) from ledger),
        (select count(distinct submission_id) from events where event = 'withdrawal'),
        (select min(period_start) from withdrawn)
"""


@dataclass(frozen=True, slots=True)
class Versions:
    """What a warehouse was built with; where any of it differs, all of it is built anew.

    Attributes:
        built_on: the day on which periods under way end.
        code: version of Vuosikello.
        project: SHA-256 of models and code lists.
        dbt: version of dbt.
        duckdb: version of DuckDB.
    """

    built_on: date
    code: str
    project: str
    dbt: str
    duckdb: str


@dataclass(frozen=True, slots=True)
class Part:
    """What a build builds anew.

    Attributes:
        feeds: those with newly accepted or withdrawn submissions, of which there may be none.
        submissions: how many submissions the ledger held then; while it was read, receiving may
            have gone on, and a build that found more has not built what rests on those.
        withdrawals: how many of them had been withdrawn.
    """

    feeds: tuple[str, ...]
    submissions: int
    withdrawals: int = 0

    @property
    def selection(self) -> list[str]:
        """What dbt is to build, in its way of naming models and what rests on them."""
        return [*_OF_EVERY_SUBMISSION, *(f"stg_{feed}+" for feed in self.feeds)]


def part_to_build(home: Path, published: Path, versions: Versions) -> Part | None:
    """Return what must be built anew since the published warehouse was built.

    Args:
        home: the installation's home folder.
        published: the published warehouse.
        versions: what the build to come would be built with.

    Returns:
        The part; None where everything must be built.
    """
    files = [str(path) for path in sorted(Home(home).ledger.glob("*.jsonl"))]
    if not published.is_file() or not files:
        return None
    try:
        with duckdb.connect(str(published), read_only=True) as reader:
            built_with = reader.execute(
                "select built_on, code_version, project_hash, dbt_version, duckdb_version "
                "from staging.build_info where as_of is null"
            ).fetchone()
            of_this_home = reader.execute(
                "select coalesce(bool_and(contains(sql, $lake)), true) from duckdb_views() "
                "where schema_name = 'staging' and contains(sql, 'read_parquet(')",
                {"lake": f"{home}/lake/"},
            ).fetchone()
            since = reader.execute(_SINCE, {"files": files, "accepted": list(ACCEPTED)}).fetchone()
    except duckdb.Error:
        return None
    if built_with is None or Versions(*built_with) != versions or of_this_home != (True,):
        return None
    assert since is not None
    lost, feeds, first_added, first, submissions, withdrawals, first_withdrawn = since
    begins_earlier = first_added is not None and (first is None or first_added < first)
    # The past may begin later where what it began with is taken back.
    begins_later = first_withdrawn is not None and (first is None or first_withdrawn <= first)
    if lost or begins_earlier or begins_later:
        return None
    return Part(tuple(feeds or ()), submissions, withdrawals)


def is_whole(part: Part, writer: Path) -> bool:
    """Whether a build of this part knows of no event that came after it was decided on.

    Args:
        part: what was built anew.
        writer: the warehouse that was built.
    """
    with duckdb.connect(str(writer), read_only=True) as reader:
        known = reader.execute(
            "select count(*), count(withdrawn_at) from staging.stg_submissions"
        ).fetchone()
    return known == (part.submissions, part.withdrawals)
