"""The warehouse is what was sent, not how: any order, any split into files, any number of times.

Two homes get the same generated rows. One gets a file a year, in path order, and is built once; the
other gets months and parts of files in random order, a good many of them once more, and is built
twice, the second time for two feeds that came later. What a person can ask of the two warehouses is
compared value for value.

The same goes for the lake alone in many small examples, which Hypothesis makes up; what staging
makes of the lake is asked there in the words of the specification, and held against staging itself.
"""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from common.home import Home
from expectations import validate
from expectations.configuration import load_thresholds
from ingest import ledger, receiver
from ingest.contracts import load_contracts
from ingest.keys import pseudonym_key
from simulation import Request, simulate
from tests.support.built_homes import SOURCES, built_home, remember_project
from tests.support.submissions import Sent, dated_in, parts_of, put_together, read, split
from vuosikello.warehouse import build

CONTRACTS = load_contracts()
WITH_A_LIFE = {
    "workers", "clients", "assignments", "assessments", "plans", "groups", "measures", "places",
}  # fmt: skip
TODAY = date(2025, 1, 1)
SEED = 20
LATER = ("groups", "outreach")
REQUEST = Request(organisations=2, years=2, clients=70, last_year=2024, errors=0, seed=SEED)

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Houses:
    """Two homes that received the same rows, and what was sent to each."""

    plain: Path
    other: Path
    sent: list[Sent]

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Open both warehouses side by side."""
        connection = duckdb.connect()
        for name in ("plain", "other"):
            path = getattr(self, name) / "warehouse.duckdb"
            connection.execute(f"ATTACH '{path}' AS {name} (READ_ONLY)")
        return connection


@pytest.fixture(scope="module")
def houses(iso_sos: Path) -> Houses:
    def make(folder: Path) -> Houses:
        return receive_both(folder, iso_sos)

    sources = (*SOURCES, "tests/support/submissions.py", "tests/scenarios/test_any_order.py")
    return built_home("any-order", make, (*sources, "tests/conftest.py"))[1]


def receive_both(folder: Path, iso_sos: Path) -> Houses:
    """Let both homes receive the same rows, each in its way, and build them."""
    simulate(REQUEST, folder / "made", today=TODAY)
    files = read(folder / "made")
    plain, other = folder / "plain", folder / "other"

    for file in put_together(files):
        file.drop(Home(plain).inbox)
    assert all(receipt.is_accepted for receipt in receiver.receive(Home(plain)))
    remember_project(iso_sos, plain)
    built = build.build(plain)
    assert built.failures == []

    # The same person must be the same pseudonym in both.
    shutil.copytree(plain / "keys", other / "keys")
    shutil.copytree(plain / "build" / "dbt", other / "build" / "dbt")
    chance = random.Random(SEED)
    sent = []
    for file in put_together(files, "time_entries"):
        sent += split(file, chance) if chance.random() < 0.2 else [file]
    chance.shuffle(sent)
    # Two feeds come when a warehouse has been built: the next build touches only what rests on them.
    sent.sort(key=lambda file: file.feed in LATER)
    first_later = next(nth for nth, file in enumerate(sent) if file.feed in LATER)
    paths = [file.drop(folder / "sent" / str(nth)) for nth, file in enumerate(sent)]
    for some in (paths[:first_later], paths[first_later:]):
        assert all(receipt.is_accepted for path in some for receipt in receive(other, path))
        again = [
            receipt
            for path in chance.sample(some, min(15, len(some)))
            for receipt in receive(other, path)
        ]
        assert {receipt.status.value for receipt in again} == {"duplicate"}
        built = build.build(other)
        assert built.failures == []
    # At midnight everything is built anew.
    assert built.feeds in (LATER, None)
    return Houses(plain, other, sent)


def receive(home: Path, path: Path) -> list[Any]:
    return receiver.receive(Home(home), [path])


@pytest.fixture(scope="module")
def both(houses: Houses) -> Iterator[duckdb.DuckDBPyConnection]:
    with houses.connect() as connection:
        yield connection


def ask(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()


def test_the_two_were_told_in_quite_another_way(houses: Houses) -> None:
    counts = {
        name: len(list((home / "receipts").glob("*.json")))
        for name, home in (("plain", houses.plain), ("other", houses.other))
    }
    assert counts["other"] > 2 * counts["plain"]
    assert any(len(file.period) == 10 for file in houses.sent)


def test_every_indicator_value_is_the_same(both: duckdb.DuckDBPyConnection) -> None:
    differing = """
        from {one}.indicators.indicator_values
        except all
        from {two}.indicators.indicator_values
    """
    assert ask(both, differing.format(one="plain", two="other")) == []
    assert ask(both, differing.format(one="other", two="plain")) == []


def test_every_mart_is_the_same(both: duckdb.DuckDBPyConnection) -> None:
    marts = ask(
        both,
        "select table_name from duckdb_tables() "
        "where database_name = 'plain' and schema_name = 'marts' order by all",
    )
    assert len(marts) > 25
    for (mart,) in marts:
        for one, two in (("plain", "other"), ("other", "plain")):
            differing = ask(both, f"from {one}.marts.{mart} except all from {two}.marts.{mart}")
            assert differing == [], mart


def test_staging_is_what_the_specification_says_of_the_lake(houses: Houses) -> None:
    for home in (houses.plain, houses.other):
        with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
            for feed in CONTRACTS:
                columns = ", ".join(column.name for column in CONTRACTS[feed].columns)
                staged = connection.execute(
                    f"select organisation, {columns} from staging.stg_{feed}"
                ).fetchall()
                assert Counter(map(repr, staged)) == in_force(Home(home), feed), feed


def test_every_indicator_of_the_catalogue_has_a_value(both: duckdb.DuckDBPyConnection) -> None:
    assert (
        ask(
            both,
            """
        select indicator from plain.indicators.indicator_catalogue
        except
        select indicator from plain.indicators.indicator_values
        """,
        )
        == []
    )


def test_every_breakdown_of_the_catalogue_has_a_value(both: duckdb.DuckDBPyConnection) -> None:
    assert (
        ask(
            both,
            """
        select indicator, unnest(string_split(breakdowns, '|'))
        from plain.indicators.indicator_catalogue
        where breakdowns <> ''
        except
        select indicator, breakdown from plain.indicators.indicator_values
        """,
        )
        == []
    )


def test_shares_lie_between_0_and_1(both: duckdb.DuckDBPyConnection) -> None:
    assert (
        ask(
            both,
            """
        select given.* from plain.indicators.indicator_values as given
        inner join plain.indicators.indicator_catalogue using (indicator)
        where kind = 'share' and (value not between 0 and 1 or numerator > denominator)
        """,
        )
        == []
    )


def test_organisations_sum_to_the_country(both: duckdb.DuckDBPyConnection) -> None:
    # Two organisations may share what is counted once for the country.
    shared = load_thresholds().not_additive
    sums = ask(
        both,
        """
        with sums as (
            select
                indicator,
                sum(numerator) filter (area_type = 'organisation') as of_organisations,
                sum(numerator) filter (area_type = 'country') as of_the_country,
                breakdown,
                sum(events) filter (area_type = 'organisation') as events,
                sum(events) filter (area_type = 'country') as all_events
            from plain.indicators.indicator_values
            inner join plain.indicators.indicator_catalogue using (indicator)
            where areas like '%organisation%' and kind <> 'quantile'
            group by indicator, period_type, period, breakdown, breakdown_value
        )
        select
            indicator,
            bool_and(abs(of_organisations - of_the_country) < 1e-6),
            bool_and(of_organisations >= of_the_country - 1e-6),
            bool_and(breakdown <> 'none' or events = all_events)
        from sums group by indicator
        """,
    )
    assert len(sums) > 30
    for indicator, is_the_sum, is_no_more, events_are_the_sum in sums:
        assert is_no_more and events_are_the_sum, indicator
        assert is_the_sum or indicator in shared, indicator


def test_months_sum_to_the_year(both: duckdb.DuckDBPyConnection) -> None:
    # Of what happens on a day; a state on the last day is no sum, and has no date of its own.
    dated = [feed for feed, contract in CONTRACTS.items() if contract.period_date]
    sums = ask(
        both,
        f"""
        select
            indicator,
            area_type,
            area,
            breakdown,
            breakdown_value,
            left(period, 4) as year,
            sum(numerator) filter (period_type = 'year') as of_the_year,
            coalesce(sum(numerator) filter (period_type = 'month'), 0) as of_the_months,
            coalesce(sum(events) filter (period_type = 'year'), 0) as events,
            coalesce(sum(events) filter (period_type = 'month'), 0) as events_of_the_months
        from plain.indicators.indicator_values
        inner join plain.indicators.indicator_catalogue using (indicator)
        where
            (period_types like '%rolling_year%' or indicator = 'time.contact_minutes_per_client')
            and base_feed in {tuple(dated)}
            and period_type in ('month', 'year')
        group by all
        """,
    )
    assert len({row[0] for row in sums}) > 8
    for *cell, kind, of_the_year, of_the_months, events, events_of_the_months in sums:
        assert of_the_year == pytest.approx(of_the_months, abs=1e-6), cell
        # A month in which nothing was counted has no row of a municipality or a breakdown.
        assert events >= events_of_the_months, cell
        has_every_month = kind == "count" and cell[1] != "municipality" and cell[3] == "none"
        assert events == events_of_the_months or not has_every_month, cell


def test_the_warehouse_suite_holds_for_what_was_made_up(houses: Houses, tmp_path: Path) -> None:
    result = validate(tmp_path, "warehouse", 2024, warehouse=houses.plain / "warehouse.duckdb")
    assert [failure.message for failure in result.failures] == []


# The lake alone.


def in_force(home: Home, feed: str) -> Counter[str]:
    """Return the rows in force, each as text, by the words of the specification.

    A submission replaces the one before it for organisation, feed and period. Rows dated in the
    stated periods of their own submission and of a later one are out of force. Of the rows of a key
    that are left in several of an organisation's submissions, that of the one received last counts,
    of rows that have a life that of the latest stated end.
    """
    current: dict[tuple[str, str], dict[str, Any]] = {}
    for event in ledger.submissions(home):
        if event["feed"] == feed and event["status"] in ledger.ACCEPTED:
            current[event["organisation"], event["period"]] = event
    if not current:
        return Counter()
    contract = CONTRACTS[feed]
    order = sorted(current.values(), key=lambda event: event["arrival_no"])
    files = [str(home.root / event["lake_path"]) for event in order]
    columns = ", ".join(column.name for column in contract.columns)
    key = ", ".join(column.name for column in contract.key)
    latest = "submission.period_end desc, " if feed in WITH_A_LIFE else ""
    dated = contract.period_date
    is_out = "false"
    if dated is not None:
        is_out = (
            f"{dated} between submission.period_start and submission.period_end and exists ("
            "select 1 from submissions as later where later.organisation = submission.organisation "
            "and later.arrival_no > submission.arrival_no "
            f"and {dated} between later.period_start and later.period_end)"
        )
    names = ("submission_id", "organisation", "arrival_no", "period_start", "period_end")
    with duckdb.connect() as connection:
        connection.execute(
            "create table submissions (submission_id varchar, organisation varchar, "
            "arrival_no bigint, period_start date, period_end date)"
        )
        connection.executemany(
            "insert into submissions values (?, ?, ?, ?, ?)",
            [[event[name] for name in names] for event in order],
        )
        rows = connection.execute(
            f"select given.organisation::varchar, {columns} from read_parquet($files) as given "
            "inner join submissions as submission "
            "on given.submission_id::varchar = submission.submission_id "
            f"where not coalesce({is_out}, false) "
            "qualify row_number() over ("
            f"partition by given.organisation, {key} "
            f"order by {latest}submission.arrival_no desc) = 1",
            {"files": files},
        ).fetchall()
    return Counter(map(repr, rows))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Sent]:
    """One organisation's files of the last year, by feed; months are put together."""
    folder = tmp_path_factory.mktemp("small")
    request = Request(organisations=1, years=1, clients=12, last_year=2024, errors=0, seed=SEED)
    simulate(request, folder, today=TODAY)
    files = {file.feed: file for file in put_together(read(folder)) if len(file.period) == 4}
    return {
        feed: Sent(file.organisation, feed, file.period, file.header, file.lines[:40])
        for feed, file in files.items()
        if len(file.lines) > 5
    }


@pytest.fixture(scope="module")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a key of pseudonyms, so that a worker is the same one everywhere."""
    home = Home(tmp_path_factory.mktemp("key")).create()
    pseudonym_key(home)
    return home.keys


FEEDS = sorted(set(CONTRACTS) - {"population", "survey_rounds", "worker_survey"})


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_any_split_in_any_order_leaves_the_same_rows_in_force(
    data: st.DataObject, small: dict[str, Sent], key_folder: Path
) -> None:
    whole = small[data.draw(st.sampled_from([feed for feed in FEEDS if feed in small]), "feed")]
    periods = [
        whole.period,
        *data.draw(
            st.lists(st.sampled_from(parts_of(whole.period)), min_size=1, max_size=3, unique=True),
            "periods",
        ),
    ]
    is_dated = CONTRACTS[whole.feed].period_date is not None
    # Every row stands in one of the files, or in several; where rows have a date, in all files
    # whose period it lies in.
    homes_of_rows = data.draw(
        st.lists(
            st.sets(st.integers(0, len(periods) - 1), min_size=1, max_size=2),
            min_size=len(whole.lines),
            max_size=len(whole.lines),
        ),
        "files of the rows",
    )
    parts = [
        Sent(
            whole.organisation,
            whole.feed,
            period,
            whole.header,
            tuple(
                line
                for line, places in zip(whole.lines, homes_of_rows, strict=True)
                if nth in places
            ),
        )
        for nth, period in enumerate(periods)
    ]
    if is_dated:
        parts = [whole, *(dated_in(whole, period) for period in periods[1:])]
    parts = data.draw(st.permutations([part for part in parts if part.lines]), "order")
    again = data.draw(st.lists(st.integers(0, len(parts) - 1), max_size=3), "sent again")
    with tempfile.TemporaryDirectory() as folder:
        told_whole = reported(Path(folder) / "whole", [whole], key_folder)
        in_parts = reported(Path(folder) / "parts", list(parts), key_folder)
        rows = in_force(told_whole, whole.feed)
        assert rows.total() == len(whole.lines)
        assert in_force(in_parts, whole.feed) == rows
        current = current_ids(in_parts)
        for nth in again:
            parts[nth].drop(in_parts.inbox)
            (receipt,) = receiver.receive(in_parts)
            assert receipt.status == "duplicate"
        assert current_ids(in_parts) == current
        assert in_force(in_parts, whole.feed) == rows


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_of_rows_that_disagree_the_one_received_last_counts(
    data: st.DataObject, small: dict[str, Sent], key_folder: Path
) -> None:
    # The same visits felt otherwise in each file; which one counts follows from the order alone.
    visits = small["outreach"]
    periods = [
        "2024",
        *data.draw(
            st.lists(st.sampled_from(parts_of("2024")), min_size=1, max_size=3, unique=True)
        ),
    ]
    order = data.draw(st.permutations(list(enumerate(periods, start=1))))
    lines = [line.rsplit(",", 1)[0] for line in visits.lines]
    parts = [
        Sent(
            visits.organisation,
            visits.feed,
            period,
            visits.header,
            tuple(f"{line},{feeling}" for line in lines),
        )
        for feeling, period in order
    ]
    with tempfile.TemporaryDirectory() as folder:
        home = reported(Path(folder), parts, key_folder)
        last_feeling, _ = order[-1]
        found = in_force(home, "outreach")
        assert found.total() == len(lines)
        assert all(row.endswith(f", {last_feeling})") for row in found)


def reported(root: Path, parts: list[Sent], key_folder: Path) -> Home:
    """Return a home that received these files one after another."""
    home = Home(root).create()
    shutil.copytree(key_folder, home.keys, dirs_exist_ok=True)
    for part in parts:
        part.drop(home.inbox)
        (receipt,) = receiver.receive(home)
        assert receipt.is_accepted, json.dumps(receipt.model_dump(mode="json"), default=str)
    return home


def current_ids(home: Home) -> set[str]:
    """Return the ids of the submissions in force."""
    found = {}
    for event in ledger.submissions(home):
        if event["status"] in ledger.ACCEPTED:
            found[event["organisation"], event["feed"], event["period"]] = event["submission_id"]
    return set(found.values())
