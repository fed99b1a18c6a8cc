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

from tests.support.places import ROOT, SUPPORT
from vuosikello.warehouse.indicator_declarations import read_declarations
from vuosikello.warehouse.indicator_declarations.read import read_labels

SPECIFICATION = SUPPORT / "specification.md"
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
    "process.assessment": "assessments",
    "process.support_need": "assessments",
    "process.several_needs": "assessments",
    "process.opinions": "assessments",
    "process.multiprofessional": "assessments",
    "process.plan": "plans",
    "process.joint_plan": "plans",
    "process.client_participation": "plans",
    "process.goal_attainment": "plans",
    "process.days_to": "assessments",
    "process.days_to_first_contact": "contacts",
    "process.": "clients",
    "outcome.": "measurements",
    "outcome.client_feedback": "client_feedback",
    "outcome.inclusion": "group_responses",
    "outcome.group": "groups",
    "outcome.method": "contacts",
    "staff.": "workers",
    "staff.survey": "worker_survey",
    "structural.": "measures",
    "structural.observations": "observations",
    "structural.themes": "observations",
    "structural.decision_maker": "meetings",
    "structural.hyte": "meetings",
    "access.": "places",
}
OPERATORS = {"≤": "<=", "≥": ">=", "=": "=", "local target": ">="}
# The example has no relationship with three contacts by one method between its measurements.
NONE_IN_THE_EXAMPLE = {"outcome.change_by_method"}
ALL_AREAS = "country|welfare_area|organisation|municipality"
# Feeds whose rows, clients or workers may have a team.
WITH_TEAMS = {
    "workers", "clients", "assignments", "assessments", "plans", "contacts", "outreach",
    "measurements", "time_entries",
}  # fmt: skip
# States of a day and distinct relationships do not add up over months; nor do quantiles.
WITHOUT_ROLLING_YEARS = (
    "caseload.",
    "time.contact_minutes_per_client",
    "process.assessment_coverage",
    "process.plan_coverage",
    "process.no_contact_in_90_days",
    "process.workers_per_client",
    "process.days_to_",
)


@dataclass(frozen=True)
class Specified:
    """What the specification says of one indicator."""

    indicator: str
    base_feed: str
    kind: str
    breakdowns: tuple[str, ...]
    breakdown_rule: str
    period_types: str
    areas: str
    target: float | None
    target_operator: str | None
    formula: str


def specified() -> Iterator[Specified]:
    """Read the tables above."""
    for table in SPECIFICATION.read_text(encoding="utf-8").split("\n## ")[1:]:
        heading, lines = table.split("\n", 1)
        rows = [line for line in lines.splitlines() if line.startswith("|")]
        has_periods = "| period |" in rows[0]
        said = ""
        for line in rows[2:]:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            name, formula, breakdown = cells[:3]
            code = name.split()[0]
            is_said = formula.startswith("the same for ")
            said = said.replace("alloc", "process") if is_said else _words(_whole(formula))
            feed = re.search(r"`(\w+)`", name)
            starts = [start for start in COUNTED_FEED if code.startswith(start)]
            target = re.match(r"([≤≥=]|local target) ([\d.]+)", cells[-1])
            period_types = cells[3] if has_periods else heading.partition("(")[2]
            if "year only" in cells[-1] or not period_types.startswith("month"):
                period_types = "year"
            base_feed = feed[1] if feed else COUNTED_FEED[max(starts, key=len)]
            yield Specified(
                indicator=code,
                base_feed=base_feed,
                kind=_kind(formula, breakdown),
                breakdowns=_breakdowns(breakdown),
                breakdown_rule=next(
                    (rule for rule in ("only", "each") if f"{rule}*" in breakdown), "within"
                ),
                period_types=_period_types(code) if period_types != "year" else "year",
                areas=_areas(name, formula, breakdown, base_feed),
                target=float(target[2]) if target else None,
                target_operator=OPERATORS[target[1]] if target else None,
                formula=said,
            )


def _whole(formula: str) -> str:
    """Write out what a formula of the tables takes over from the one above it."""
    for short, whole in (
        ("the same from", "median and 90th percentile of the days from"),
        ("as mean_change", "sum of (last score − start score) over pairs / pairs"),
    ):
        formula = formula.replace(short, whole)
    return formula


def _words(formula: str) -> str:
    """Leave a formula its words: how a feed or a column is set apart is left to each."""
    spaced = re.sub(r"[`_]", " ", formula.replace(" of the area", ""))
    return " ".join(spaced.split())


def _breakdowns(cell: str) -> tuple[str, ...]:
    """Read the names of the breakdowns, without their values and what else is said of them."""
    names = re.sub(r"\(.*?\)|[:;].*", "", cell)
    only = re.match(r"\*by (\w+) (only|each)\*", names)
    return (only[1],) if only else tuple(filter(None, (part.strip() for part in names.split(","))))


def _kind(formula: str, breakdown: str) -> str:
    if "quantile" in breakdown:
        return "quantile"
    return "divided" if " / " in _whole(formula) or "the same for" in formula else "count"


def _period_types(code: str) -> str:
    """Name the periods of an indicator with months: quarters too, and rolling years of events."""
    rolling = "" if code.startswith(WITHOUT_ROLLING_YEARS) else "|rolling_year"
    return f"month|quarter|year{rolling}"


def _areas(name: str, formula: str, breakdown: str, base_feed: str) -> str:
    if "welfare_area and country only" in breakdown:
        return "country|welfare_area"
    if "ⓞ" in name:
        return ALL_AREAS.removesuffix("|municipality")
    has_teams = base_feed in WITH_TEAMS and "/ population" not in formula
    return ALL_AREAS + ("|team" if has_teams else "")


SPECIFIED = {one.indicator: one for one in specified()}


@pytest.fixture(scope="module")
def warehouse(iso_sos: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(iso_sos / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


def none_of(warehouse: duckdb.DuckDBPyConnection, query: str) -> bool:
    """Ask for what must not be."""
    return warehouse.execute(query).fetchall() == []


def test_the_specification_has_every_theme_and_one_row_per_declaration() -> None:
    assert len(SPECIFIED) == len(read_declarations())
    themes = {indicator.split(".")[0] for indicator in SPECIFIED}
    assert themes == set(read_labels(ROOT)["theme"])


def test_the_catalogue_orders_the_indicators_by_theme_and_position(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = warehouse.execute(
        "SELECT indicator, version, valid_from, key_figure_in FROM indicators.indicator_catalogue "
        "ORDER BY position"
    ).fetchall()
    assert rows == [
        (
            one.code,
            one.version,
            one.valid_from,
            "|".join(
                key.surface if key.place is None else f"{key.surface}@{key.place}"
                for key in one.presentation.key_figure_in
            )
            or None,
        )
        for one in read_declarations()
    ]


def test_the_catalogue_has_the_indicators_of_the_specification(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = warehouse.execute("SELECT indicator FROM indicators.indicator_catalogue").fetchall()
    assert {indicator for (indicator,) in rows} == set(SPECIFIED)


@pytest.mark.parametrize("indicator", SPECIFIED)
def test_the_catalogue_says_what_the_specification_says(
    indicator: str, warehouse: duckdb.DuckDBPyConnection
) -> None:
    given = SPECIFIED[indicator]
    row = warehouse.execute(
        "SELECT base_feed, CASE WHEN kind IN ('count', 'quantile') THEN kind ELSE 'divided' END, "
        "breakdowns, breakdown_rule, period_types, areas, target, target_operator FROM indicators.indicator_catalogue WHERE indicator = ?",
        [indicator],
    ).fetchall()
    assert row == [
        (
            given.base_feed,
            given.kind,
            "|".join(given.breakdowns) or None,
            given.breakdown_rule,
            given.period_types,
            given.areas,
            given.target,
            given.target_operator,
        )
    ]


@pytest.mark.parametrize("indicator", SPECIFIED)
def test_the_catalogue_computes_as_the_specification_says(
    indicator: str, warehouse: duckdb.DuckDBPyConnection
) -> None:
    rows = warehouse.execute(
        "SELECT formula FROM indicators.indicator_catalogue WHERE indicator = ?", [indicator]
    ).fetchall()
    assert [_words(formula) for (formula,) in rows] == [SPECIFIED[indicator].formula]


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
    if not is_covered(warehouse, given.base_feed):
        assert breakdowns is None
        return
    if indicator in NONE_IN_THE_EXAMPLE:
        assert breakdowns is None
        return
    has_undivided = given.breakdown_rule == "within"
    assert breakdowns == sorted(["none"] * has_undivided + list(given.breakdowns))
    # Some feeds of the example cover no twelve months in a row.
    optional = {"rolling_year"} - set(period_types)
    assert set(period_types) == set(given.period_types.split("|")) - optional
    # No row of the example names a team.
    assert areas == sorted(set(given.areas.split("|")) - {"team"})
    assert divided is (given.kind == "divided")
    assert undivided is has_undivided


def is_covered(warehouse: duckdb.DuckDBPyConnection, feed: str) -> bool:
    """Tell whether the example holds a submission of the feed."""
    return not none_of(warehouse, f"SELECT 1 FROM marts.fct_coverage WHERE feed = '{feed}' LIMIT 1")


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
    kinds = ("clients", "workers", "respondents", "contacted")
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


def test_a_personal_share_has_a_measure_of_its_other_side_or_is_a_part_of_a_whole(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    # Of a part, those whom it does not hold are known from below without a measure of their own.
    assert none_of(
        warehouse,
        "SELECT indicator FROM codes.indicator_declarations WHERE personal AND kind = 'share' "
        "AND complement IS NULL AND breakdown_rule <> 'only'",
    )
