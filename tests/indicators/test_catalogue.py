"""The catalogue, the values and the specification say the same.

The tables of the specification stand in `specification.md` as they were given. What they say of
each indicator (breakdowns, base feed, periods, areas, target) is read from them and held against
the catalogue and against the values of the example.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

SPECIFICATION = Path(__file__).with_name("specification.md")
# The feed that the numerator counts, where the specification names none.
COUNTED_FEED = {
    "caseload.open_clients": "clients",
    "caseload.intensive_share": "clients",
    "caseload.special_support_share": "clients",
    "time.": "time_entries",
    "time.survey": "worker_survey",
    "time.contact": "contacts",
    "outreach.": "outreach",
    "outreach.outside": "contacts",
}


@dataclass(frozen=True)
class Specified:
    """What the specification says of one indicator."""

    indicator: str
    base_feed: str
    is_count: bool
    breakdown: str | None
    is_only: bool
    period_types: str
    has_municipality: bool
    target: float | None
    target_operator: str | None


def specified() -> Iterator[Specified]:
    """Read the tables above."""
    for table in SPECIFICATION.read_text(encoding="utf-8").split("\n## ")[1:]:
        lines = [line for line in table.splitlines() if line.startswith("|")]
        has_periods = "| period |" in lines[0]
        for line in lines[2:]:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            name, formula, breakdown = cells[:3]
            code = name.split()[0]
            feed = re.search(r"`(\w+)`", name)
            starts = [start for start in COUNTED_FEED if code.startswith(start)]
            target = re.match(r"([≤≥=]) (\S+)", cells[-1])
            period_types = cells[3] if has_periods else "month, year"
            if "year only" in cells[-1]:
                period_types = "year"
            by = re.match(r"(?:\*by )?(\w+)", breakdown)
            yield Specified(
                indicator=code,
                base_feed=feed[1] if feed else COUNTED_FEED[max(starts, key=len)],
                is_count=" / " not in formula and "the same" not in formula,
                breakdown=by[1] if by else None,
                is_only="only*" in breakdown,
                period_types=period_types.replace(", ", "|"),
                has_municipality="ⓞ" not in name,
                target=float(target[2]) if target else None,
                target_operator={"≤": "<=", "≥": ">=", "=": "="}[target[1]] if target else None,
            )


SPECIFIED = {one.indicator: one for one in specified()}


@pytest.fixture(scope="module")
def warehouse(iso_sos: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(iso_sos / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


def none_of(warehouse: duckdb.DuckDBPyConnection, query: str) -> bool:
    """Ask for what must not be."""
    return warehouse.execute(query).fetchall() == []


def test_the_three_themes_have_27_indicators() -> None:
    assert len(SPECIFIED) == 27


def test_the_catalogue_has_the_indicators_of_the_specification(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = warehouse.execute(
        "SELECT indicator FROM indicators.indicator_catalogue "
        "WHERE theme IN ('caseload', 'time', 'outreach')"
    ).fetchall()
    assert {indicator for (indicator,) in rows} == set(SPECIFIED)


@pytest.mark.parametrize("indicator", SPECIFIED)
def test_the_catalogue_says_what_the_specification_says(
    indicator: str, warehouse: duckdb.DuckDBPyConnection
) -> None:
    given = SPECIFIED[indicator]
    row = warehouse.execute(
        "SELECT base_feed, kind = 'count', breakdowns, breakdown_rule, period_types, areas, "
        "target, target_operator FROM indicators.indicator_catalogue WHERE indicator = ?",
        [indicator],
    ).fetchall()
    areas = "country|welfare_area|organisation" + "|municipality" * given.has_municipality
    assert row == [
        (
            given.base_feed,
            given.is_count,
            given.breakdown,
            "only" if given.is_only else "within",
            given.period_types,
            areas,
            given.target,
            given.target_operator,
        )
    ]


@pytest.mark.parametrize("indicator", SPECIFIED)
def test_the_values_have_the_breakdowns_periods_and_areas_of_the_specification(
    indicator: str, warehouse: duckdb.DuckDBPyConnection
) -> None:
    given = SPECIFIED[indicator]
    breakdowns, period_types, areas, divided, undivided = warehouse.execute(
        "SELECT list_sort(list(DISTINCT breakdown)), list_sort(list(DISTINCT period_type)), "
        "list_sort(list(DISTINCT area_type)), bool_or(denominator IS NOT NULL), "
        "bool_or(breakdown = 'none') FROM indicators.indicator_values WHERE indicator = ?",
        [indicator],
    ).fetchall()[0]
    expected = ([] if given.is_only else ["none"]) + [given.breakdown] * bool(given.breakdown)
    assert breakdowns == sorted(expected)
    assert period_types == given.period_types.split("|")
    assert areas == sorted(
        ["country", "organisation", "welfare_area"] + ["municipality"] * given.has_municipality
    )
    assert divided is not given.is_count
    assert undivided is not given.is_only


def test_every_value_is_of_an_indicator_of_the_catalogue(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert none_of(
        warehouse,
        "SELECT DISTINCT indicator FROM indicators.indicator_values "
        "ANTI JOIN indicators.indicator_catalogue USING (indicator)",
    )


def test_the_relations_have_the_columns_that_others_read(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    columns = warehouse.execute(
        "SELECT column_name, data_type, comment FROM duckdb_columns() "
        "WHERE schema_name = 'indicators' AND table_name = 'indicator_values' ORDER BY column_index"
    ).fetchall()
    assert [(name, kind) for name, kind, _ in columns] == [
        ("indicator", "VARCHAR"),
        ("area_type", "VARCHAR"),
        ("area", "VARCHAR"),
        ("period_type", "VARCHAR"),
        ("period", "VARCHAR"),
        ("breakdown", "VARCHAR"),
        ("breakdown_value", "VARCHAR"),
        ("numerator", "DOUBLE"),
        ("denominator", "DOUBLE"),
        ("value", "DOUBLE"),
        ("persons", "BIGINT"),
        ("events", "BIGINT"),
    ]


@pytest.mark.parametrize(
    "column",
    [
        *(
            f"{what}_{language}"
            for what in ("label", "definition")
            for language in ("fi", "sv", "en")
        ),
        "formula",
        "unit",
    ],
)
def test_the_catalogue_speaks_three_languages_and_explains_itself(
    column: str, warehouse: duckdb.DuckDBPyConnection
) -> None:
    assert none_of(
        warehouse,
        f"SELECT indicator FROM indicators.indicator_catalogue WHERE coalesce({column}, '') = ''",
    )


def test_who_is_personal_has_a_kind_of_people_and_nobody_else_has(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    kinds = ("clients", "workers", "respondents")
    assert none_of(
        warehouse,
        "SELECT indicator FROM indicators.indicator_catalogue "
        f"WHERE personal <> coalesce(persons_kind IN {kinds}, false) "
        "OR direction NOT IN ('up', 'down', 'none')",
    )
    assert none_of(
        warehouse,
        "SELECT DISTINCT indicator FROM indicators.indicator_values "
        "INNER JOIN indicators.indicator_catalogue USING (indicator) "
        "WHERE NOT personal AND persons IS NOT NULL",
    )


def test_a_personal_share_has_a_measure_of_its_other_side_or_disjoint_parts(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert none_of(
        warehouse,
        "SELECT indicator FROM codes.indicator_declarations WHERE personal AND kind = 'share' "
        "AND complement IS NULL AND NOT parts_disjoint",
    )
