"""Where disclosure control forgets a kind of relation, the attacker finds what it gives away."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from attacker import facts
from exports.disclosure.relations import system
from tests.integration.exports.test_attacker import attack, people, publish
from tests.support.small_tables import Person, write_small


def in_month(month: str, count: int) -> list[Person]:
    return [Person("one", "a", f"2019-{month}") for _ in range(count)]


# By the kind of relation that is forgotten: a table in which it gives three people away.
TABLES = {
    "country of *": people("one", "a", 3) + people("three", "b", 30),
    "welfare_area of *": people("one", "a", 3) + people("two", "b", 20) + people("two", "c", 60),
    "year of months": in_month("01", 3) + in_month("02", 30) + in_month("03", 40),
    "undivided of *": [
        *people("one", "a", 3, part="x"),
        *people("one", "a", 30, part="y"),
        *people("one", "a", 40, part="z"),
    ],
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_kind_of_sum_that_is_forgotten_is_found(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = write_small(tmp_path / "small.duckdb", TABLES[kind])
    careful = publish(warehouse, tmp_path / "careful").files[1]
    assert attack(warehouse, careful).findings == ()
    make_parts = system.make_parts

    def forget(connection: duckdb.DuckDBPyConnection, schema: str) -> None:
        make_parts(connection, schema)
        connection.execute("DELETE FROM disclosure_part WHERE kind GLOB $kind", {"kind": kind})

    monkeypatch.setattr(system, "make_parts", forget)
    careless = publish(warehouse, tmp_path / "careless").files[1]
    found = attack(warehouse, careless)
    assert found.exact > 0
    assert {one.publication for one in found.findings} == {"1"}


def test_what_no_definition_says_the_attacker_does_not_believe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # That the people inside are all people is not true here; an attacker who believed it would
    # know a number that is not so.
    monkeypatch.setattr(facts, "SAME", [("inside", "people")])
    table = [
        *people("one", "a", 3),
        *people("one", "b", 20, is_in=False),
        *people("one", "c", 50),
    ]
    warehouse = write_small(tmp_path / "small.duckdb", table)
    published = publish(warehouse, tmp_path / "out").files[1]
    assert attack(warehouse, published).findings == ()
