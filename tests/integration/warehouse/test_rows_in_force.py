"""Which rows of a feed are in force: the SQL of the staging models against the specification.

The model below takes the rules of feeds.md one by one, in plain Python: slots, withdrawals,
overlap, then keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import duckdb
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.contracts import load_contracts
from ingest.in_force import displaced
from ingest.periods import parse_period
from tests.support.mirror.received import LIVING
from tests.support.rendered_macros import PROJECT, rendered

SUBMISSIONS = (
    "WITH stg_submissions AS (SELECT * FROM (VALUES {rows}) AS rows (organisation, feed, period, "
    "period_start, period_end, submission_id, received_at, arrival_no, status, withdrawn_at, "
    "contract_version, file, sha256, rows_loaded, rows_rejected, rows_warned, lake_path, key_id))"
)


@dataclass(frozen=True)
class Submission:
    """One submission: what it states, and its rows as (key, day)."""

    arrival_no: int
    period: str
    is_withdrawn: bool
    rows: tuple[tuple[str, date], ...]

    def states(self, day: date) -> bool:
        period = parse_period(self.period)
        assert period is not None
        return period.first <= day <= period.last


def in_force(
    submissions: list[Submission], *, is_dated: bool, has_life: bool
) -> set[tuple[int, str, date]]:
    """Choose the rows in force, as (submission, key, day)."""
    standing = [one for one in submissions if not one.is_withdrawn]
    current = list({one.period: one for one in standing}.values())
    left = [
        (one, key, day)
        for one in current
        for key, day in one.rows
        if not is_dated
        or not one.states(day)
        or not any(later.states(day) for later in current if later.arrival_no > one.arrival_no)
    ]

    def precedence(one: Submission) -> tuple[date, int]:
        period = parse_period(one.period)
        assert period is not None
        return (period.last if has_life else date.min, one.arrival_no)

    found = set()
    for key in {key for _, key, _ in left}:
        of_key = [(one, day) for one, name, day in left if name == key]
        winner, day = max(of_key, key=lambda pair: precedence(pair[0]))
        found.add((winner.arrival_no, key, day))
    return found


def from_sql(
    submissions: list[Submission], feed: str, *, has_life: bool
) -> set[tuple[int, str, date]]:
    """Choose the rows in force by the models' own SQL."""
    values = []
    for one in submissions:
        period = parse_period(one.period)
        assert period is not None
        withdrawn = "TIMESTAMP '2021-01-01'" if one.is_withdrawn else "NULL"
        values.append(
            f"('kainuu', '{feed}', '{one.period}', DATE '{period.first}', DATE '{period.last}', "
            f"'S{one.arrival_no}', TIMESTAMP '2020-01-01', {one.arrival_no}, 'accepted', "
            f"{withdrawn}, '2', 'f', 'h', 1, 0, 0, 'p', 'k')"
        )
    rows = [
        f"('kainuu', 'S{one.arrival_no}', '{key}', DATE '{day}')"
        for one in submissions
        for key, day in one.rows
    ] or ["(NULL::VARCHAR, NULL::VARCHAR, NULL::VARCHAR, NULL::DATE)"]
    lake = (
        f"SELECT * FROM (VALUES {', '.join(rows)}) "
        "AS rows (organisation, submission_id, key, day) WHERE organisation IS NOT NULL"
    )
    current, displaced, model = models(feed, has_life=has_life)
    found = duckdb.execute(
        SUBMISSIONS.format(rows=", ".join(values))
        + f", lake_rows AS ({lake})"
        + f", stg_current_submissions AS ({current}), stg_displaced_days AS ({displaced}) "
        f"SELECT CAST(substr(submission_id, 2) AS INTEGER), key, day FROM ({model})"
    ).fetchall()
    return set(found)


@cache
def models(feed: str, *, has_life: bool) -> tuple[str, str, str]:
    """Render the current submissions, the displaced days and the staging model of a feed."""
    names: dict[str, object] = {
        "var": lambda name: {feed: "day"} if feed == "dated" else {"other": "day"},
        "ledger_order": _ledger_order,
        "feed_of_this_model": lambda: feed,
        "columns_of_this_model": lambda: [
            {"name": name} for name in ("submission_id", "organisation", "key", "day")
        ],
        "lake_rows": lambda *_: "lake_rows",
    }
    file = "stg_clients.sql" if has_life else "stg_contacts.sql"
    source = (PROJECT / "models/staging/feeds" / file).read_text(encoding="utf-8")
    return (
        rendered("models/staging/ledger/stg_current_submissions.sql", **names),
        rendered("models/staging/ledger/stg_displaced_days.sql", **names),
        rendered_source(source, names),
    )


def rendered_source(source: str, names: dict[str, object]) -> str:
    """Render a staging model over the one key of the made-up feed."""
    start, end = source.index("key=["), source.index("]") + 1
    return rendered("", source=source[:start] + "key=['key']" + source[end:], **names)


def _ledger_order(direction: str = "asc") -> str:
    return f"arrival_no {direction}"


DAYS = [date(2019, 1, 1) + timedelta(7 * n) for n in range(60)]
PERIODS = ["2019", "2020", "2019-01", "2019-03", "2019-12", "2020-01", "2019-01-01", "2019-01-15"]


@st.composite
def _submissions(draw: st.DrawFn) -> list[Submission]:
    number = draw(st.integers(1, 6))
    found = []
    for arrival_no in range(1, number + 1):
        rows = draw(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(DAYS), max_size=5))
        found.append(
            Submission(
                arrival_no,
                draw(st.sampled_from(PERIODS)),
                draw(st.sampled_from([False, False, False, True])),
                tuple(rows.items()),
            )
        )
    return found


@settings(max_examples=60, deadline=None)
@given(submissions=_submissions(), has_life=st.booleans())
def test_overlap_puts_rows_of_a_dated_feed_out_of_force_then_keys_decide(
    submissions: list[Submission], has_life: bool
) -> None:
    expected = in_force(submissions, is_dated=True, has_life=has_life)
    assert from_sql(submissions, "dated", has_life=has_life) == expected


@settings(max_examples=60, deadline=None)
@given(submissions=_submissions())
def test_receiving_and_the_warehouse_put_the_same_days_out_of_force(
    submissions: list[Submission],
) -> None:
    current = list({one.period: one for one in submissions if not one.is_withdrawn}.values())
    lines = []
    for one in sorted(current, key=lambda one: one.arrival_no):
        period = parse_period(one.period)
        assert period is not None
        lines.append(
            {
                "submission_id": f"S{one.arrival_no}",
                "period": one.period,
                "period_start": period.first.isoformat(),
                "period_end": period.last.isoformat(),
            }
        )
    expected = {
        (one.submission_id, one.displaced_by, one.first_day, one.last_day)
        for one in displaced(lines)
    }
    _, days, _ = models("dated", has_life=False)
    rows = (
        ", ".join(
            f"('kainuu', 'dated', '{line['period']}', DATE '{line['period_start']}', "
            f"DATE '{line['period_end']}', '{line['submission_id']}', {place})"
            for place, line in enumerate(lines)
        )
        or "('kainuu', 'other', '2019', DATE '2019-01-01', DATE '2019-12-31', 'S0', 0)"
    )
    found = duckdb.execute(
        f"WITH stg_current_submissions AS (SELECT * FROM (VALUES {rows}) AS rows (organisation, "
        "feed, period, period_start, period_end, submission_id, arrival_no)) "
        f"SELECT submission_id, displaced_by, first_day, last_day FROM ({days})"
    ).fetchall()
    assert set(found) == expected
    assert len(found) == len(expected)


@settings(max_examples=30, deadline=None)
@given(submissions=_submissions(), has_life=st.booleans())
def test_in_a_feed_without_a_period_date_only_keys_decide(
    submissions: list[Submission], has_life: bool
) -> None:
    expected = in_force(submissions, is_dated=False, has_life=has_life)
    assert from_sql(submissions, "undated", has_life=has_life) == expected


def test_the_warehouse_dates_the_rows_of_the_feeds_as_their_contracts_do() -> None:
    settings_ = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    in_contracts = {
        feed: contract.period_date
        for feed, contract in load_contracts().items()
        if contract.period_date is not None
    }
    assert settings_["vars"]["period_dates"] == in_contracts


def test_rows_with_a_life_are_those_of_the_specification() -> None:
    with_life = {
        path.stem.removeprefix("stg_")
        for path in (PROJECT / "models/staging/feeds").glob("*.sql")
        if "has_life=true" in path.read_text(encoding="utf-8")
    }
    assert with_life == set(LIVING)
