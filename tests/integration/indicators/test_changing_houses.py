"""Every value where things change, as counted once more from the files that were sent.

Clients, posts and places change, files overlap, months have nothing to report, and submissions are
withdrawn. The mirror reads the files by the words of the specification and knows neither the
receiver nor the warehouse (``tests/support/mirror``).
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from common.home import Home
from common.indicator_key import KEY
from ingest import keys
from tests.support.changing_houses import HOUSES, Houses, changing_houses
from tests.support.mirror import INDICATORS, Cell, Key, mirrored_cells, sent, structural
from tests.support.mirror.marts import Source
from tests.support.mirror.received import Received

SPELLS = {
    "dim_client_spell": (
        "organisation, client_id, person_id, birth_year, sex, started_on, ended_on, valid_from, "
        "valid_to, municipality, team, intensity, special_support, labour_market_status, household"
    ),
    "dim_worker_spell": (
        "organisation, worker_id, post, started_on, ended_on, valid_from, valid_to, profession, "
        "team, municipality, fte"
    ),
    "dim_place_spell": (
        "organisation, place_id, opened_on, closed_on, valid_from, valid_to, municipality, kind, "
        "sector, target_groups"
    ),
}
ORGANISATIONS = {seed: list(organisations) for seed, organisations in HOUSES.items()}


@pytest.fixture(scope="module")
def made() -> tuple[Path, Houses]:
    return changing_houses()


@pytest.fixture(scope="module")
def houses(made: tuple[Path, Houses]) -> Houses:
    return made[1]


@pytest.fixture(scope="module")
def warehouse(made: tuple[Path, Houses]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(made[0] / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


def source_of(warehouse: duckdb.DuckDBPyConnection, houses: Houses, withdrawn: set[str]) -> Source:
    return sent.source_of(
        Received(houses.inboxes, withdrawn),
        dict(warehouse.execute("SELECT code, measurement_no FROM codes.wave").fetchall()),
        dict(
            warehouse.execute(
                'SELECT "column", answer FROM codes.worker_survey_questions'
            ).fetchall()
        ),
    )


@pytest.fixture(scope="module")
def source(warehouse: duckdb.DuckDBPyConnection, houses: Houses) -> Source:
    """What the files say."""
    return source_of(warehouse, houses, set(houses.withdrawn))


@pytest.fixture(scope="module")
def computed(warehouse: duckdb.DuckDBPyConnection) -> dict[Key, tuple[Any, ...]]:
    """What the warehouse says."""
    rows = warehouse.execute(
        f"SELECT {', '.join(KEY)}, numerator, denominator, value, persons, events "
        "FROM indicators.indicator_values"
    ).fetchall()
    return {row[: len(KEY)]: row[len(KEY) :] for row in rows}


@pytest.fixture(scope="module")
def counted(warehouse: duckdb.DuckDBPyConnection, source: Source) -> dict[Key, Cell]:
    """What the mirror counts over the files."""
    return mirrored_cells(warehouse, source)


def is_of(seed: int, key: Key) -> bool:
    """Tell whether a value is of an organisation, or a team, of a seed."""
    return key[1] in ("organisation", "team") and key[2].partition(":")[0] in ORGANISATIONS[seed]


def is_told_alike(row: tuple[Any, ...], cell: Cell) -> bool:
    numerator, denominator, value, persons, events = row
    return (
        (denominator is None) == (cell.denominator is None)
        and math.isclose(numerator, cell.numerator, rel_tol=1e-12)
        and math.isclose(denominator or 0, cell.denominator or 0, rel_tol=1e-12)
        and math.isclose(value, cell.numerator / (cell.denominator or 1), rel_tol=1e-12)
        and (persons, events) == (cell.persons, cell.events)
    )


def comparable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(tuple(sorted(one)) if isinstance(one, list) else one for one in row)


def as_named(home: Path, name: str, row: dict[str, Any]) -> Any:
    """Return a column of a mirrored row as the warehouse names it, pseudonyms as pseudonyms."""
    message = {
        "client_id": f"{row['organisation']}/id/{row[name]}",
        "worker_id": f"{row['organisation']}/{row[name]}",
        "person_id": row[name],
    }.get(name)
    if message is None:
        return row[name]
    key = keys.pseudonym_key(Home(home))
    return f"{key.id}:{hmac.new(key.secret, message.encode(), hashlib.sha256).hexdigest()}"


@pytest.mark.parametrize("mart", SPELLS)
@pytest.mark.parametrize("seed", HOUSES)
def test_every_state_holds_on_the_days_that_the_photographs_say(
    seed: int,
    mart: str,
    made: tuple[Path, Houses],
    warehouse: duckdb.DuckDBPyConnection,
    source: Source,
) -> None:
    columns = SPELLS[mart].split(", ")
    told = {
        comparable(row)
        for row in warehouse.execute(
            f"SELECT {SPELLS[mart]} FROM marts.{mart} WHERE organisation IN $1",
            [ORGANISATIONS[seed]],
        ).fetchall()
    }
    mirrored = {
        comparable(tuple(as_named(made[0], name, row) for name in columns))
        for row in source.tables[mart]
        if row["organisation"] in ORGANISATIONS[seed]
    }
    print(f"{mart}, seed {seed}: {len(told)} stretches compared")
    assert told - mirrored == set()
    assert mirrored - told == set()
    assert told


@pytest.mark.parametrize("seed", HOUSES)
def test_there_are_exactly_the_values_of_a_seed_that_the_files_give(
    seed: int, computed: dict[Key, tuple[Any, ...]], counted: dict[Key, Cell]
) -> None:
    told = {key for key in computed if is_of(seed, key)}
    mirrored = {key for key in counted if is_of(seed, key)}
    print(f"seed {seed}: {len(told)} values compared")
    assert sorted(told - mirrored)[:10] == []
    assert sorted(mirrored - told)[:10] == []
    assert len(told) > 2000
    assert [key for key in told if not is_told_alike(computed[key], counted[key])] == []


def test_there_are_exactly_the_values_that_the_files_of_all_seeds_give(
    computed: dict[Key, tuple[Any, ...]], counted: dict[Key, Cell]
) -> None:
    print(f"{len(computed)} values compared")
    assert sorted(computed.keys() - counted.keys())[:10] == []
    assert sorted(counted.keys() - computed.keys())[:10] == []
    assert len(computed) > 50_000


@pytest.mark.parametrize("indicator", INDICATORS)
def test_every_value_is_what_the_files_give(
    indicator: str, computed: dict[Key, tuple[Any, ...]], counted: dict[Key, Cell]
) -> None:
    told = {key: row for key, row in computed.items() if key[0] == indicator}
    assert told
    assert [
        (key, row, counted[key])
        for key, row in told.items()
        if not is_told_alike(row, counted[key])
    ][:10] == []


def test_the_people_on_the_sides_of_a_value_are_those_of_the_files_or_fewer(
    warehouse: duckdb.DuckDBPyConnection, counted: dict[Key, Cell]
) -> None:
    rows = warehouse.execute(
        f"SELECT {', '.join(KEY)}, numerator_persons, other_side_persons, persons "
        "FROM indicators.indicator_basis"
    ).fetchall()
    assert len(rows) == len(counted)
    for *named, numerator_persons, other_side_persons, persons in rows:
        cell = counted[tuple(named)]
        assert persons == cell.basis_persons, named
        assert numerator_persons == cell.numerator_persons, named
        is_bound = INDICATORS[named[0]].only and not INDICATORS[named[0]].heads
        if is_bound and cell.other_side_persons is not None:
            # A bound from below: a part of a whole has no measure of what it leaves.
            assert other_side_persons <= cell.other_side_persons, named
            assert (other_side_persons == 0) == (cell.other_side_persons == 0), named
        else:
            assert other_side_persons == cell.other_side_persons, named


def test_a_withdrawal_that_the_mirror_leaves_out_shows_in_what_it_counts_over(
    warehouse: duckdb.DuckDBPyConnection, houses: Houses, source: Source
) -> None:
    """Else the comparison would prove nothing about withdrawals."""
    for path in houses.withdrawn:
        wrong = source_of(warehouse, houses, set(houses.withdrawn) - {path})
        assert [name for name in source.tables if wrong.tables[name] != source.tables[name]], path


def test_a_withdrawal_that_the_mirror_leaves_out_shows_in_the_values(
    warehouse: duckdb.DuckDBPyConnection, houses: Houses, computed: dict[Key, tuple[Any, ...]]
) -> None:
    observations = {path for path in houses.mistakes if "/observations/" in path}
    wrong = source_of(warehouse, houses, set(houses.withdrawn) - observations)
    counted = mirrored_cells(warehouse, wrong, (structural.THEME,))
    found = {
        key[0]
        for key, cell in counted.items()
        if key not in computed or not is_told_alike(computed[key], cell)
    }
    assert "structural.observations" in found
    assert all(indicator.startswith("structural.") for indicator in found)


def test_the_files_hold_what_makes_the_comparison_worth_its_while(
    houses: Houses, source: Source
) -> None:
    received = Received(houses.inboxes, houses.withdrawn)
    current = [one for submissions in received.current.values() for one in submissions]
    assert {path.split("/")[1] for path in houses.mistakes} >= {
        "assignments",
        "observations",
        "places",
        "workers",
    }
    # Some months have nothing to report, and of these some take rows out of force.
    assert sum(not one.rows for one in current) > 10
    assert len([path for path in houses.held if path.endswith(".3-nothing.csv")]) > 1
    # Rows are put out by the days of a later submission.
    for feed in ("outreach", "observations", "plans", "meetings", "contacts", "time_entries"):
        rows = sum(len(one.rows) for one in current if one.feed == feed)
        assert len(received.rows(feed)) < rows, feed
    for mart, key in (
        ("dim_client_spell", ("organisation", "client_id")),
        ("dim_worker_spell", ("organisation", "worker_id", "started_on", "post")),
        ("dim_place_spell", ("organisation", "place_id")),
    ):
        things = {tuple(row[name] for name in key) for row in source.tables[mart]}
        assert len(source.tables[mart]) > len(things) + 3, mart
