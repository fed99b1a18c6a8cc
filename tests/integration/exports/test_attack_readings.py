"""What the attacker is given: files, and the house's numbers from its memory or its warehouse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

import attacker
import exports
from attacker import Promise, Published, facts
from tests.integration.exports.test_attacker import people, publish, publish_primary_only
from tests.integration.exports.test_measure_relations import add_plans_of_year_before
from tests.support.small_tables import write_small

TABLE = people("one", "a", 3) + people("one", "b", 20) + people("one", "c", 500)


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return write_small(tmp_path / "small.duckdb", TABLE)


def test_what_the_house_remembers_is_as_good_as_the_warehouse(
    warehouse: Path, tmp_path: Path
) -> None:
    file = publish(warehouse, tmp_path / "out").files[1]
    (withheld,) = (tmp_path / "withheld").iterdir()
    told = attacker.attack([Published("1", file, warehouse)])
    # A later publication brings the catalogue.
    remembered = attacker.attack(
        [Published("1", file, None, withheld), Published("2", file, warehouse)]
    )
    assert told.findings == remembered.findings == ()
    assert remembered.unknown == remembered.differing == 0
    # Twice the numbers about few people; what only protects others is asked of the last one.
    assert told.attacked < remembered.attacked <= 2 * told.attacked


def test_a_publication_of_which_nothing_is_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"Nothing tells what 2019\.1 withholds"):
        Published("2019.1", tmp_path / "indicators.parquet", None)


def test_numbers_that_are_counted_otherwise_today_are_told(warehouse: Path, tmp_path: Path) -> None:
    file = publish(warehouse, tmp_path / "out").files[1]
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "UPDATE indicators.indicator_values SET numerator = 501 "
            "WHERE indicator = 'test.people' AND area = 'c' AND period_type = 'year'"
        )
    found = attacker.attack([Published("1", file, warehouse)])
    assert found.differing == 2  # the undivided row and its only part


def test_withheld_rows_that_nobody_knows_any_more_are_told(warehouse: Path, tmp_path: Path) -> None:
    file = publish(warehouse, tmp_path / "out").files[1]
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("DELETE FROM indicators.indicator_values WHERE area = 'a'")
    found = attacker.attack([Published("1", file, warehouse)])
    assert found.unknown > 0
    assert found.exact == 0


def test_what_the_next_year_tells_of_a_year_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The plans of the year before are those made in it: two releases show one number.
    table = [*people("one", "a", 28), *people("one", "b", 3), *people("one", "c", 60)]
    warehouse = write_small(tmp_path / "small.duckdb", table)
    add_plans_of_year_before(warehouse)
    first = exports.publish(warehouse, tmp_path / "first", year=2019).files[1]
    second = publish_primary_only(warehouse, tmp_path / "second.parquet")
    duckdb.sql(
        f"COPY (FROM read_parquet('{second}') WHERE period = '2020') "
        f"TO '{tmp_path / '2020.parquet'}' (FORMAT parquet)"
    )
    both = [
        Published("2019.1", first, warehouse),
        Published("2020.1", tmp_path / "2020.parquet", warehouse),
    ]
    apart = attacker.attack(both)
    monkeypatch.setitem(facts.OF_YEAR_BEFORE, "old", "people")  # type: ignore[index]
    together = attacker.attack(both)
    assert not [one for one in apart.findings if one.publication == "2019.1"]
    assert [one for one in together.findings if one.publication == "2019.1" and one.is_exact]


def test_that_nobody_stands_on_a_side_of_a_delicate_share_is_a_secret(tmp_path: Path) -> None:
    # Of seven people all are inside: that is told of each of them.
    table = [*people("one", "a", 7, is_in=True), *people("one", "b", 40), *people("two", "c", 50)]
    warehouse = write_small(tmp_path / "small.duckdb", table)
    with duckdb.connect(str(warehouse)) as connection:
        file = tmp_path / "all.parquet"
        connection.execute(
            "COPY (SELECT *, 'published' AS status FROM indicators.indicator_values "
            f"WHERE area_type <> 'municipality' OR period_type = 'year') TO '{file}' (FORMAT parquet)"
        )
    published = [Published("1", file, warehouse)]
    assert attacker.attack(published, Promise()).findings == ()
    delicate = replace(Promise(), delicate_indicators=("test.share",))
    assert {one.area for one in attacker.attack(published, delicate).findings} == {"a"}
