"""Which submissions changed which values, by the rows of one grain in both warehouses.

The rows of a grain are taken from both warehouses by the SQL of their models and subtracted; what
is left is summed in every kind of place, and joined to the values that have changed. The results go
to the working table ``attributed``; ``changed``, ``roles`` and ``arrived`` must be there.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from common.sql import literal
from vuosikello.lineage import value_rows, working_tables
from vuosikello.lineage.compiled_sql import Model
from vuosikello.lineage.diff import submissions
from vuosikello.warehouse.indicator_models import CountedMeasure, Grain


class RowAttribution:
    """Attributes changed values to the submissions whose rows changed them.

    Args:
        connection: opened with both warehouses.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def attribute(self, model: Model, model_before: Model, grain: Grain) -> None:
        """Attribute values to the submissions whose rows add another amount than before."""
        names = [
            measure
            for (measure,) in self._connection.execute(
                "select distinct measure from roles where list_contains(?, indicator)",
                [list(model.indicators)],
            ).fetchall()
        ]
        measures = {
            name: counted for name in names if (counted := grain.counted_as(name)) is not None
        }
        if not measures:
            return
        columns = sorted({one.column for one in measures.values() if one.column})
        places = [*value_rows.kept_columns(grain), *_periods(grain), *grain.dims]
        places = list(dict.fromkeys(places))
        sums = ", ".join(
            [f"sum(sign * {name}) as {name}" for name in columns] + ["sum(sign) as rows_more"]
        )
        differs = " or ".join([*(f"sum(sign * {name}) <> 0" for name in columns), "sum(sign) <> 0"])
        for catalog, one in (("before", model_before), ("now", model)):
            self._use(catalog)
            self._connection.execute(
                f"create or replace temporary table temp.grain_{catalog} as "
                + self._rows_of_grain(one, grain, places, columns)
            )
        self._connection.execute(
            f"""
            create or replace temporary table temp.delta as
            with both_ways as (
                select *, -1 as sign from temp.grain_before
                union all
                select *, 1 as sign from temp.grain_now
            ),

            differences as (
                select {", ".join(places)}, {sums}
                from both_ways
                group by {", ".join(places)}
                having {differs}
            )

            select row_number() over () as row_no, *
            from differences
            """
        )
        links = {}
        for catalog in ("before", "now"):
            self._use(catalog)
            links[catalog] = working_tables.materialize_links(
                self._connection, f"temp.delta_links_{catalog}", grain, "temp.delta"
            )
        self._create_causes(model, grain, links)
        self._create_touched(grain, measures)
        self._connection.execute(_ATTRIBUTE_TOUCHED)

    def _rows_of_grain(
        self, model: Model, grain: Grain, places: Sequence[str], columns: Sequence[str]
    ) -> str:
        """SQL for the rows of those who have sent something, in the periods that have changed."""
        own = [name for name in places if name not in ("period_type", "period")]
        if grain.time == "last_day":
            periods = (
                "inner join marts.dim_period as periods on counted.last_day = periods.last_day"
            )
            of_period = ["periods.period_type", "periods.period"]
            where = (
                "(periods.period_type, periods.period) in "
                "(select (period_type, period) from temp.changed)"
            )
        else:
            periods, of_period = "", []
            where = f"left(counted.{grain.time}, 4) in (select left(period, 4) from temp.changed)"
        selected = ", ".join(
            [f"counted.{name}" for name in own]
            + of_period
            + [f"coalesce(counted.{name}, 0) as {name}" for name in columns]
        )
        return f"""{model.steps_to(grain)},

of_grain as (
    select {selected}
    from {grain.name}_rows as counted
    {periods}
    where
        counted.organisation in (select organisation from temp.arrived)
        and {where}
)

select {", ".join([*places, *columns])}
from of_grain
"""

    def _create_causes(self, model: Model, grain: Grain, links: dict[str, str | None]) -> None:
        """Create ``causes``: which submissions changed each row of ``delta``, and why."""
        found = ", ".join(
            f"coalesce((select list(distinct links.submission_id) from {table} as links "
            f"where links.row_no = delta.row_no), []) as submissions_{catalog}"
            if (table := links[catalog])
            else f"[]::varchar[] as submissions_{catalog}"
            for catalog in ("before", "now")
        )
        movers = [
            f"select row_no, cause from {table}"
            for catalog in ("before", "now")
            if (
                table := submissions.create_movers(
                    self._connection, f"delta_movers_{catalog}", grain, "temp.delta", catalog
                )
            )
        ]
        moved_by = (
            "coalesce((select list(distinct movers.cause) "
            f"from ({' union all '.join(movers)}) as movers "
            "where movers.row_no = delta.row_no), [])"
            if movers
            else "[]::varchar[]"
        )
        self._connection.execute(
            f"""
            create or replace temporary table temp.causes as
            with found as (
                select
                    delta.row_no,
                    delta.organisation,
                    {moved_by} as movers,
                    {found}
                from temp.delta as delta
            ),

            reasons as (
                select row_no, {submissions.reasons("found", grain, model)}
                from found
            ),

            direct as (
                select row_no, {submissions.most_direct()}
                from reasons
            )

            select row_no, unnest(causes, recursive := true)
            from direct
            """
        )

    def _create_touched(self, grain: Grain, measures: dict[str, CountedMeasure]) -> None:
        """Create ``touched``: the places whose measures changed, and the submissions responsible.

        A row that has moved within a place (to another month of the year, say) changes nothing
        there, so rows are summed by key in every kind of place first.
        """
        placed = {"municipality", *_periods(grain), *grain.dims}
        keys = ["organisation", *(name for name in grain.key if name not in placed)]
        period = ["year"] if grain.time == "year" else ["period_type", "period"]
        parts: list[list[str]] = [[dim] for dim in grain.dims]
        if grain.undivided:
            parts.append([])
        sets = ", ".join(
            f"({', '.join([*keys, *place, *period, *part])})"
            for place in (["municipality"], [])
            for part in parts
        )
        period_columns = "'year' as period_type, year as period"
        if grain.time != "year":
            period_columns = "period_type, period"
        whens = [f"when grouping({dim}) = 0 then" for dim in grain.dims]
        breakdown = " ".join(f"{w} {literal(d)}" for w, d in zip(whens, grain.dims, strict=True))
        value = " ".join(f"{w} {d}" for w, d in zip(whens, grain.dims, strict=True))
        amounts = ", ".join(
            f"{{'measure': {literal(name)}, 'amount': "
            f"cast(sum({one.column or 'rows_more'}) as double)}}"
            for name, one in measures.items()
        )
        self._connection.execute(
            f"""
            create or replace temporary table temp.touched as
            with summed as (
                select
                    organisation,
                    grouping(municipality) = 0 as is_municipality,
                    case when grouping(municipality) = 0 then municipality end as municipality,
                    {period_columns},
                    {f"case {breakdown} else 'none' end" if breakdown else "'none'"} as breakdown,
                    {f"case {value} else 'all' end" if value else "'all'"} as breakdown_value,
                    list(row_no) as row_nos,
                    [{amounts}] as amounts
                from {_IN_EVERY_PERIOD if grain.time == "month" else "temp.delta"}
                group by grouping sets ({sets})
            ),

            measured as (
                select summed.* exclude (amounts), unnest(amounts) as measured
                from summed
            ),

            touching as (
                select measured.* exclude (row_nos), unnest(row_nos) as row_no
                from measured
                where measured.measured.amount <> 0
            )

            select distinct
                touching.organisation,
                organisations.welfare_area,
                touching.is_municipality,
                touching.municipality,
                touching.period_type,
                touching.period,
                touching.breakdown,
                touching.breakdown_value,
                touching.measured.measure as measure,
                causes.submission_id,
                causes.why
            from touching
            inner join temp.causes as causes on touching.row_no = causes.row_no
            inner join now.marts.dim_organisation as organisations
                on touching.organisation = organisations.organisation
            """
        )

    def _use(self, catalog: str) -> None:
        self._connection.execute(f"use {catalog}")


def _periods(grain: Grain) -> list[str]:
    return ["period_type", "period"] if grain.time == "last_day" else [grain.time]


# A row of a month counts in the month, its quarter, its year and twelve rolling years.
_IN_EVERY_PERIOD = """(
    select delta.*, unnest(periods, recursive := true)
    from (
        select
            *,
            cast(month || '-01' as date) as first_of_month,
            [
                {'period_type': 'month', 'period': month},
                {'period_type': 'year', 'period': left(month, 4)},
                {
                    'period_type': 'quarter',
                    'period': left(month, 4) || '-Q' || quarter(first_of_month)
                }
            ] || list_transform(
                range(12),
                lambda later: {
                    'period_type': 'rolling_year',
                    'period': strftime(first_of_month + to_months(cast(later as integer)), '%Y-%m')
                }
            ) as periods
        from temp.delta
    ) as delta
)"""

_ATTRIBUTE_TOUCHED = """
    insert into attributed
    select distinct changed.value_no, touched.submission_id, touched.why
    from changed
    inner join roles on changed.indicator = roles.indicator
    inner join temp.touched as touched
        on
            roles.measure = touched.measure
            and changed.period_type = touched.period_type
            and changed.period = touched.period
            and case when roles.is_undivided then 'none' else changed.breakdown end
            = touched.breakdown
            and case when roles.is_undivided then 'all' else changed.breakdown_value end
            = touched.breakdown_value
            and touched.is_municipality = (changed.area_type = 'municipality')
            and case changed.area_type
                when 'municipality' then changed.area = touched.municipality
                when 'organisation' then changed.area = touched.organisation
                -- Whose rows of which team have changed is not told apart.
                when 'team' then split_part(changed.area, ':', 1) = touched.organisation
                when 'welfare_area' then changed.area = touched.welfare_area
                else true
            end
    where
        (roles.base_feed, touched.organisation, changed.period_type, changed.period) in (
            select (feed, organisation, period_type, period) from now.marts.fct_coverage
            union all
            select (feed, organisation, period_type, period) from before.marts.fct_coverage
        )
"""
