"""SQL for the rows that one value is made of.

What this module shares with the roll-up (``dbt_project/macros/indicators/roll_up.sql``) is what a
value covers: its area, period and breakdown, and who covers it. It writes SQL and runs none.
"""

from __future__ import annotations

import re
from datetime import date

from common.sql import literal
from vuosikello.lineage.compiled_sql import Declaration, Model, ValueKey
from vuosikello.warehouse.indicator_models import POPULATION, CountedMeasure, Grain

ROLES = ("numerator", "denominator", "persons", "events")

POPULATION_GRAIN = Grain(
    name=POPULATION,
    time="year",
    measures=(POPULATION,),
    feed="population",
    key=("municipality", "year"),
    feed_key=(("year", "cast(staged.year as varchar)"),),
    feeds=("population",),
)


def rows_of_value(
    model: Model, grain: Grain, declaration: Declaration, value_key: ValueKey, last_day: date
) -> str | None:
    """SQL for the rows of one grain that one value rests on.

    Each row has ``row_no``, ``organisation``, the columns of the key, ``person`` (who it is about,
    the same for everyone who is one person), ``counted_unit`` (what it is about, the same wherever
    that has moved), and the amount that it adds to each role (``numerator``, ``denominator``,
    ``persons``, ``events``); a row that adds to none is left out.

    Args:
        model: the model that computes the value.
        grain: one of its grains.
        declaration: the indicator's.
        value_key: which value.
        last_day: of its period. As a literal it reaches down to where rows are read, so that
            the state of no other day is computed.

    Returns:
        The SQL, or None where no measure of the value is one of this grain.
    """
    roles = {
        role: counted
        for role, measure in declaration.measures().items()
        if (counted := grain.counted_as(measure)) is not None
    }
    if not roles:
        return None
    amounts = {
        role: _amount(grain, counted, _breakdown_of(role, declaration, value_key))
        for role, counted in roles.items()
    }
    people = ""
    unit = (
        "counted.organisation || '/' || cast(counted.unit as varchar)" if grain.people else "null"
    )
    person = unit
    if grain.people and grain.people != "unit":
        person = f"coalesce('person ' || people.person, {unit})"
        people = f"""
    left join {grain.people} as people
        on counted.organisation = people.organisation and counted.unit = people.unit"""
    columns = ",\n        ".join(
        [
            *(f"counted.{name}" for name in kept_columns(grain)),
            f"{person} as person",
            f"{unit} as counted_unit",
            *(f"{amounts.get(role, '0')} as {role}" for role in ROLES),
        ]
    )
    return f"""{model.steps_to(grain)},

of_the_value as (
    select
        {columns}
    from {grain.name}_rows as counted
    inner join coverage
        on
            counted.organisation = coverage.organisation
            and {_in_period(grain, value_key, last_day)}{people}
    where
        coverage.base_feed = {literal(declaration.base_feed)}
        and coverage.period_type = {literal(value_key.period_type)}
        and coverage.period = {literal(value_key.period)}
        and {_in_area(value_key)}
)

select row_number() over () as row_no, *
from of_the_value
where {" or ".join(f"{role} <> 0" for role in roles)}
"""


def population_of_value(value_key: ValueKey) -> str:
    """SQL for the municipalities whose population is the denominator, as rows of a value."""
    where = {
        "country": "true",
        "welfare_area": f"municipalities.welfare_area = {literal(value_key.area)}",
        "organisation": (
            "municipalities.welfare_area = (select welfare_area from marts.dim_organisation "
            f"where organisation = {literal(value_key.area)})"
        ),
        "municipality": f"areas.area = {literal(value_key.area)}",
        "team": "false",
    }[value_key.area_type]
    # The reference data may have several submitters; the row received last holds.
    return f"""with submitted as (
    select municipality, year, organisation
    from staging.stg_population
    qualify
        row_number() over (
            partition by municipality, year order by received_at desc, submission_id desc
        ) = 1
)

select
    row_number() over () as row_no,
    submitted.organisation,
    areas.area as municipality,
    areas.submitted_year as year,
    null as person,
    null as counted_unit,
    0 as numerator,
    areas.population as denominator,
    0 as persons,
    0 as events
from intermediate.int_population_area as areas
inner join marts.dim_municipality as municipalities on areas.area = municipalities.municipality
left join submitted
    on areas.area = submitted.municipality and areas.submitted_year = submitted.year::varchar
where
    areas.area_type = 'municipality'
    and areas.year = {literal(value_key.period[:4])}
    and {where}
"""


def total(grain: Grain, counted: CountedMeasure, role: str, value_key: ValueKey) -> str:
    """SQL of a measure over rows made by :func:`rows_of_value`, as the roll-up computes it."""
    if counted.how == "units":
        return f"count(distinct counted_unit) filter (where {role} <> 0)"
    if counted.how == "quantile":
        share = int(value_key.breakdown_value.removeprefix("p")) / 100
        return f"quantile_disc({role}, {share}) filter (where events <> 0)"
    if counted.how == "people" and grain.heads:
        return f"coalesce(sum({grain.heads}) filter (where {role} <> 0), 0)"
    if counted.how == "people":
        return f"count(distinct person) filter (where {role} <> 0)"
    sum_type = "decimal(18, 6)" if counted.column in grain.decimals else "double"
    summed = f"coalesce(cast(sum(cast({role} as {sum_type})) as double), 0)"
    if counted.how == "month_end_mean":
        month_ends = (
            "(select date_diff('month', first_day, last_day + 1) from marts.dim_period "
            f"where period_type = {literal(value_key.period_type)} "
            f"and period = {literal(value_key.period)})"
        )
        return f"coalesce({summed} / nullif({month_ends}, 0), 0)"
    return summed


def _breakdown_of(role: str, declaration: Declaration, value_key: ValueKey) -> tuple[str, str]:
    """Of a part of a whole everything but the numerator is undivided, and a quantile is of all."""
    if declaration.kind == "quantile":
        return "none", "all"
    if declaration.breakdown_rule == "only" and role != "numerator":
        return "none", "all"
    return value_key.breakdown, value_key.breakdown_value


def _amount(grain: Grain, counted: CountedMeasure, breakdown: tuple[str, str]) -> str:
    dim, value = breakdown
    if (not grain.undivided) if dim == "none" else (dim not in grain.dims):
        return "0"
    amount = f"counted.{counted.column}" if counted.column else "1"
    if counted.how == "people" and counted.column:
        amount = f"case when {amount} <> 0 then 1 else 0 end"
    if dim == "none":
        return f"coalesce({amount}, 0)"
    return f"case when counted.{dim} = {literal(value)} then coalesce({amount}, 0) else 0 end"


def _in_period(grain: Grain, value_key: ValueKey, last_day: date) -> str:
    if grain.time == "last_day":
        return f"counted.last_day = coverage.last_day and counted.last_day = date '{last_day}'"
    if grain.time == "year":
        return "coverage.period_type = 'year' and counted.year = coverage.period"
    first_of_month = "cast(counted.month || '-01' as date)"
    match value_key.period_type:
        case "quarter":
            return f"left(counted.month, 4) || '-Q' || quarter({first_of_month}) = coverage.period"
        case "rolling_year":
            last = "cast(coverage.period || '-01' as date)"
            return f"{first_of_month} between {last} - interval 11 month and {last}"
        case _:
            return "left(counted.month, length(coverage.period)) = coverage.period"


def _in_area(value_key: ValueKey) -> str:
    return {
        "country": "true",
        "welfare_area": f"coverage.welfare_area = {literal(value_key.area)}",
        "organisation": f"counted.organisation = {literal(value_key.area)}",
        "municipality": f"counted.municipality = {literal(value_key.area)}",
        "team": f"counted.organisation || ':' || counted.team = {literal(value_key.area)}",
    }[value_key.area_type]


def kept_columns(grain: Grain) -> list[str]:
    """The columns of the rows that are needed later, each once."""
    named = re.findall(r"\bcounted\.(\w+)", grain.feed_where or "")
    heads = [grain.heads] if grain.heads else []
    return list(dict.fromkeys(["organisation", "municipality", "team", *grain.key, *named, *heads]))
