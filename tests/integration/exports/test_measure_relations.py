"""What is declared of measures is true of what is counted, and what is not declared gives much away."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

import exports
from attacker import facts
from exports.disclosure import Protection
from exports.disclosure.relations import system
from exports.releases import Release, published_of_linked_years
from tests.integration.exports.test_attacker import attack, people, publish
from tests.support.small_tables import write_small

# Every number that a row of the warehouse shows, with its measure, place and part.
NUMBERS = """
CREATE TEMP TABLE shown AS
WITH wholes AS (
    SELECT
        given.*, catalogue.* EXCLUDE (indicator),
        if(breakdown_rule = 'only', 'none', given.breakdown) AS whole_breakdown,
        if(breakdown_rule = 'only', 'all', given.breakdown_value) AS whole_value
    FROM house.indicators.indicator_values AS given
    INNER JOIN house.indicators.indicator_catalogue AS catalogue USING (indicator)
    WHERE given.period_type IN ('month', 'year') AND given.area_type <> 'team'
),
named AS (
    SELECT numerator_measure AS measure, breakdown, breakdown_value,
        numerator * divisor / multiplier AS number, * EXCLUDE (breakdown, breakdown_value)
    FROM wholes WHERE kind <> 'quantile'
    UNION ALL BY NAME
    SELECT denominator_measure AS measure, whole_breakdown AS breakdown,
        whole_value AS breakdown_value, denominator AS number, * EXCLUDE (breakdown, breakdown_value)
    FROM wholes WHERE denominator IS NOT NULL AND denominator_measure <> 'population'
    UNION ALL BY NAME
    SELECT persons_measure || '_people' AS measure, whole_breakdown AS breakdown,
        whole_value AS breakdown_value, persons AS number, * EXCLUDE (breakdown, breakdown_value)
    FROM wholes WHERE persons IS NOT NULL
    UNION ALL BY NAME
    SELECT events_measure AS measure, whole_breakdown AS breakdown,
        whole_value AS breakdown_value, events AS number, * EXCLUDE (breakdown, breakdown_value)
    FROM wholes WHERE events IS NOT NULL
)
SELECT DISTINCT
    base_feed, measure, area_type, area, period_type, period, breakdown, breakdown_value,
    round(number, 6) AS number
FROM named
"""
SAME_PLACE = " AND ".join(
    f"one.{name} = other.{name}" for name in ("area_type", "area", "period_type", "period")
)
SAME_PART = "one.breakdown = other.breakdown AND one.breakdown_value = other.breakdown_value"
DECLARED = """
    house.indicators.indicator_measure_relation AS declared
    INNER JOIN shown AS one
        ON declared.measure = one.measure
        AND (declared.in_municipalities OR one.area_type <> 'municipality')
"""
# Per measure: how often it was compared, and how often it was not as declared.
CHECKS = {
    "sum": f"""
        WITH compared AS (
            SELECT one.measure, one.number, coalesce(sum(part.number), 0) AS total
            FROM {DECLARED}
            LEFT JOIN shown AS part
                ON declared.base_measure = part.measure AND declared.breakdown = part.breakdown
                AND declared.breakdown_value = part.breakdown_value
                AND one.base_feed = part.base_feed
                AND one.area_type = part.area_type AND one.area = part.area
                AND one.period_type = part.period_type AND one.period = part.period
            WHERE declared.relation = 'sum' AND one.breakdown = 'none'
            GROUP BY one.base_feed, one.measure, one.number,
                one.area_type, one.area, one.period_type, one.period
            HAVING count(part.number) > 0
        )
        SELECT measure, count(*), count(*) FILTER (abs(number - total) > 1e-6)
        FROM compared GROUP BY measure
    """,
    "same": f"""
        SELECT one.measure, count(*), count(*) FILTER (one.number <> other.number)
        FROM {DECLARED}
        INNER JOIN shown AS other
            ON {SAME_PLACE} AND {SAME_PART}
        WHERE declared.relation = 'same' AND other.measure = declared.base_measure
            -- Who covers what may differ by feed in wider areas.
            AND (one.base_feed = other.base_feed OR one.area_type = 'organisation')
        GROUP BY one.measure
    """,
    "at_most": f"""
        SELECT one.measure, count(*), count(*) FILTER (one.number > other.number + 1e-6)
        FROM {DECLARED}
        INNER JOIN shown AS other
            ON one.base_feed = other.base_feed AND {SAME_PLACE} AND {SAME_PART}
        WHERE declared.relation = 'at_most' AND other.measure = declared.base_measure
        GROUP BY one.measure
    """,
    "bound": """
        WITH complete AS (
            SELECT bounds.bound, base_feed, area_type, area, period_type, period
            FROM (SELECT DISTINCT bound, measure FROM house.indicators.indicator_measure_bound)
                AS bounds
            INNER JOIN shown USING (measure)
            GROUP BY ALL
            HAVING count(DISTINCT measure) = (
                SELECT count(DISTINCT own.measure)
                FROM house.indicators.indicator_measure_bound AS own
                WHERE own.bound = any_value(bounds.bound)
            )
        ),
        compared AS (
            SELECT bound, sum(declared.factor * one.number) AS total
            FROM house.indicators.indicator_measure_bound AS declared
            INNER JOIN shown AS one USING (measure, breakdown, breakdown_value)
            INNER JOIN complete
                USING (bound, base_feed, area_type, area, period_type, period)
            GROUP BY bound, base_feed, area_type, area, period_type, period
        )
        SELECT bound, count(*), count(*) FILTER (total > 1e-6) FROM compared GROUP BY bound
    """,
    "year_before": f"""
        SELECT one.measure, count(*), count(*) FILTER (one.number > other.number + 1e-6)
        FROM {DECLARED}
        INNER JOIN shown AS other
            ON one.base_feed = other.base_feed AND {SAME_PART}
            AND one.area_type = other.area_type AND one.area = other.area
        WHERE declared.relation = 'year_before' AND other.measure = declared.base_measure
            AND one.period_type = 'year' AND other.period_type = 'year'
            AND cast(one.period AS integer) = cast(other.period AS integer) + 1
        GROUP BY one.measure
    """,
}


def compare(warehouse: Path, relation: str) -> list[tuple[str, int, int]]:
    """Return per measure that a kind of relation is declared of: compared, and not as declared."""
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{warehouse}' AS house (READ_ONLY)")
        connection.execute(NUMBERS)
        return connection.execute(CHECKS[relation]).fetchall()


@pytest.mark.parametrize("relation", CHECKS)
def test_what_is_declared_of_measures_is_true_of_the_rows(relation: str, iso_sos: Path) -> None:
    compared = compare(iso_sos / "warehouse.duckdb", relation)
    assert {measure: wrong for measure, _, wrong in compared if wrong} == {}
    assert sum(count for _, count, _ in compared) > (0 if relation == "year_before" else 100)


def test_every_measure_that_is_declared_belongs_to_an_indicator(iso_sos: Path) -> None:
    with duckdb.connect(str(iso_sos / "warehouse.duckdb"), read_only=True) as connection:
        unknown = connection.execute(
            """
            WITH named AS (
                SELECT unnest([
                    numerator_measure, denominator_measure, complement_measure, events_measure,
                    persons_measure || '_people'
                ]) AS measure
                FROM indicators.indicator_catalogue
            )
            SELECT measure FROM (
                SELECT measure FROM indicators.indicator_measure_relation
                UNION SELECT measure FROM indicators.indicator_measure_bound
                UNION SELECT base_measure FROM indicators.indicator_measure_relation
            )
            ANTI JOIN named USING (measure)
            """
        ).fetchall()
    assert unknown == []


def declare(warehouse: Path, *row: object) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "INSERT INTO indicators.indicator_measure_relation VALUES (?, ?, ?, ?, ?, true)",
            list(row),
        )


def add_subset(warehouse: Path) -> None:
    """Add an indicator that counts the people of the parts x and y together."""
    with duckdb.connect(str(warehouse)) as connection:
        place = "area_type, area, period_type, period"
        for relation, columns in (
            ("indicator_values", "sum(numerator), null, sum(numerator), sum(persons), sum(events)"),
            ("indicator_basis", "sum(persons), sum(numerator_persons), null"),
        ):
            connection.execute(
                f"INSERT INTO indicators.{relation} "
                f"SELECT 'test.subset', {place}, 'none', 'all', {columns} "
                f"FROM indicators.{relation} WHERE indicator = 'test.people' "
                f"AND breakdown_value IN ('x', 'y') GROUP BY {place}"
            )
        connection.execute(
            "INSERT INTO indicators.indicator_catalogue VALUES ('test.subset', 'count', true, "
            "'feed', 'within', false, 'subset', 1, 1, null, 'subset', 'subset')"
        )


def test_a_sum_over_parts_gives_them_away_where_it_is_not_declared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # x takes the smaller z with it; x and y together are 32, and y is 30.
    table = [
        *people("one", "a", 2, part="x"),
        *people("one", "a", 30, part="y"),
        *people("one", "a", 8, part="z"),
    ]
    monkeypatch.setitem(
        facts.PARTS,
        "subset",
        ("people", "part", frozenset({"x", "y"})),  # type: ignore[index]
    )
    found = {}
    for name in ("silent", "told"):
        warehouse = write_small(tmp_path / f"{name}.duckdb", table)
        add_subset(warehouse)
        for part in ("x", "y") if name == "told" else ():
            declare(warehouse, "subset", "sum", "people", "part", part)
        found[name] = attack(warehouse, publish(warehouse, tmp_path / name).files[1])
    assert found["silent"].exact > 0
    assert found["told"].findings == ()


# In 2019 the share of a (two not inside) takes b with it; in 2020 nobody of either is few.
TWO_YEARS = [
    *people("one", "a", 28, is_in=True),
    *people("one", "a", 2, is_in=False),
    *people("one", "b", 3, is_in=True),
    *people("one", "c", 60, is_in=True),
    *people("one", "d", 9, is_in=True),
]


def add_plans_of_year_before(warehouse: Path) -> None:
    """Add an indicator whose denominator is the people of the year before, all but one of them in."""
    with duckdb.connect(str(warehouse)) as connection:
        for relation, columns in (
            (
                "indicator_values",
                "denominator - 6, denominator, (denominator - 6) / denominator, persons, events",
            ),
            ("indicator_basis", "persons, persons - 6, 6"),
        ):
            connection.execute(
                f"""
                INSERT INTO indicators.{relation}
                SELECT 'test.old', given.area_type, given.area, 'year', '2020', 'none', 'all', {columns}
                FROM indicators.{relation} AS given
                WHERE indicator = 'test.share' AND period = '2019' AND breakdown = 'none'
                """
            )
        connection.execute(
            "INSERT INTO indicators.indicator_catalogue VALUES ('test.old', 'share', true, 'feed', "
            "'within', false, 'reviewed', 1, 1, 'old', 'old', 'old')"
        )


def test_a_measure_of_the_year_before_gives_that_year_away_where_it_is_not_declared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(facts.OF_YEAR_BEFORE, "old", "people")  # type: ignore[index]
    found = {}
    for name in ("silent", "told"):
        warehouse = write_small(tmp_path / f"{name}.duckdb", TWO_YEARS)
        add_plans_of_year_before(warehouse)
        if name == "told":
            declare(warehouse, "old", "year_before", "people", "every", "every")
        found[name] = attack(warehouse, publish(warehouse, tmp_path / name).files[1])
    assert found["silent"].findings
    assert found["told"].findings == ()


def test_a_year_that_is_published_by_itself_knows_what_the_year_before_withheld(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(facts.OF_YEAR_BEFORE, "old", "people")  # type: ignore[index]
    warehouse = write_small(tmp_path / "small.duckdb", TWO_YEARS)
    add_plans_of_year_before(warehouse)
    declare(warehouse, "old", "year_before", "people", "every", "every")
    first = exports.publish(warehouse, tmp_path / "2019", year=2019).files[1]
    found = {}
    for name, earlier in (("alone", []), ("knowing", [first])):
        second = exports.publish(warehouse, tmp_path / name, year=2020, earlier=earlier).files[1]
        found[name] = attack(warehouse, first, second).findings
    assert found["alone"]
    assert found["knowing"] == ()


def test_a_release_takes_the_releases_of_the_years_beside_it_into_account() -> None:
    made = [
        Release(f"{year}.1", Path(f"{year}.1"), None)  # type: ignore[arg-type]
        for year in (2016, 2017, 2018, 2019, 2020)
    ]
    considered = published_of_linked_years(2018, made)
    assert {file.parent.name for file in considered} == {"2017.1", "2018.1", "2019.1"}


def test_a_withheld_number_is_at_least_one(
    iso_sos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system, "known_to_be", lambda _, count: np.zeros(count))
    published = publish(iso_sos / "warehouse.duckdb", tmp_path / "out")
    assert attack(iso_sos / "warehouse.duckdb", published.files[1]).findings


def test_what_was_published_before_is_named_and_does_not_stop_a_publication(tmp_path: Path) -> None:
    table = people("one", "a", 8) + people("one", "b", 20) + people("one", "c", 50)
    warehouse = write_small(tmp_path / "small.duckdb", table)
    everything = publish(warehouse, tmp_path / "before").files[1]
    # An earlier publication that left out one municipality: it follows from the others.
    before = tmp_path / "before.parquet"
    duckdb.sql(
        f"COPY (FROM read_parquet('{everything}') WHERE area <> 'a') TO '{before}' (FORMAT parquet)"
    )
    after = exports.publish(
        warehouse, tmp_path / "after", earlier=[before], protection=Protection(threshold=10)
    )
    assert any(name.startswith("test.people, a, 2019") for name in after.disclosure.known_anyway)
    assert after.suppressed > 0
