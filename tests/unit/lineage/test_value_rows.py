"""The rows of one value, by SQL that is run: periods, teams, and people who have moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import duckdb
import pytest

from vuosikello.lineage.compiled_sql import Declaration, Model, ValueKey
from vuosikello.lineage.value_rows import rows_of_value, total
from vuosikello.warehouse.indicator_models import Grain

CONTACT = Grain(
    name="contact",
    time="month",
    measures=("contacts",),
    people="client_people",
    unit_count="relationships",
    key=("contact_id",),
)

SQL = """
with coverage as (
    select 'contacts' as base_feed, 'kainuu' as organisation, '20' as welfare_area, *
    from (values ('month', '2019-03'), ('quarter', '2019-Q1'), ('year', '2019'),
        ('rolling_year', '2019-03')) as periods (period_type, period)
),

client_people as (
    select 'kainuu' as organisation, unit, person
    from (values ('C2', 7), ('C3', 7)) as known (unit, person)
),

contact_rows as (
    select 'kainuu' as organisation, *, 1 as contacts
    from (values
        (1, 'C1', '2018-03', '205', 'north'),
        (2, 'C1', '2018-04', '205', 'north'),
        (3, 'C1', '2019-01', '205', 'north'),
        (4, 'C1', '2019-03', '765', 'south'),
        (5, 'C2', '2019-02', '205', 'north'),
        (6, 'C3', '2019-03', '205', null),
        (7, 'C3', '2019-04', '205', null)
    ) as listed (contact_id, unit, month, municipality, team)
)

select * from contact_rows
"""

MODEL = Model("contacts", ("test.contacts",), (CONTACT,), SQL, "", "1", datetime(2026, 1, 1))

DECLARATION = Declaration(
    indicator="test.contacts",
    kind="ratio",
    base_feed="contacts",
    numerator="contacts",
    multiplier=1,
    divisor=1,
    denominator="relationships",
    persons="contacts",
    persons_kind="clients",
    events="contacts",
    breakdowns=(),
    breakdown_rule="within",
    areas=("organisation", "municipality", "team"),
    period_types=("month", "quarter", "year", "rolling_year"),
)


@pytest.mark.parametrize(
    ("area_type", "area", "period_type", "period", "expected"),
    [
        # Contacts, relationships, people. C1 has moved, C2 and C3 are one person.
        ("organisation", "kainuu", "month", "2019-03", (2, 2, 2)),
        ("organisation", "kainuu", "quarter", "2019-Q1", (4, 3, 2)),
        ("organisation", "kainuu", "year", "2019", (5, 3, 2)),
        ("organisation", "kainuu", "rolling_year", "2019-03", (5, 3, 2)),
        ("municipality", "205", "quarter", "2019-Q1", (3, 3, 2)),
        ("team", "kainuu:north", "quarter", "2019-Q1", (2, 2, 2)),
        ("team", "kainuu:south", "quarter", "2019-Q1", (1, 1, 1)),
    ],
)
def test_a_value_has_the_rows_of_its_area_and_period(
    area_type: str, area: str, period_type: str, period: str, expected: tuple[int, int, int]
) -> None:
    value_key = ValueKey(area_type, area, period_type, period)
    rows = rows_of_value(MODEL, CONTACT, DECLARATION, value_key, date(2019, 3, 31))
    totals = []
    for role, measure in DECLARATION.measures().items():
        counted = CONTACT.counted_as(measure)
        assert counted is not None
        if role != "events":
            totals.append(total(CONTACT, counted, role, value_key))
    with duckdb.connect() as connection:
        found = connection.execute(f"select {', '.join(totals)} from ({rows})").fetchone()
    assert found == expected


def test_people_who_are_counted_and_not_identified_are_no_persons_of_a_value() -> None:
    assert DECLARATION.measures()["persons"] == "contacts_people"
    assert "persons" not in replace(DECLARATION, persons_kind="contacted").measures()
