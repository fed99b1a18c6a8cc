"""Which values have changed between two warehouses, and which submissions changed them.

Working tables: ``changed`` holds the values that differ, ``attributed`` which submission changed
which of them. This module finds the values and the reasons that no single row shows (population,
coverage); :mod:`vuosikello.lineage.diff.row_attribution` finds those that rows show.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from common.indicator_key import KEY
from common.sql import literal
from vuosikello.lineage import compiled_sql, working_tables
from vuosikello.lineage.compiled_sql import Model
from vuosikello.lineage.diff import builds, definitions, submissions
from vuosikello.lineage.diff.differing_values import differing_values
from vuosikello.lineage.diff.results import MAX_VALUES, Difference, ValueChange
from vuosikello.lineage.diff.row_attribution import RowAttribution
from vuosikello.lineage.values import NUMBERS, Numbers, number
from vuosikello.warehouse.indicator_models import POPULATION


def difference(
    later: Path,
    earlier: Path,
    *,
    published: Path | None = None,
    indicator: str | None = None,
    values_to: Path | None = None,
    remarks: Sequence[str] = (),
) -> Difference:
    """Find which values differ between two warehouses, and which submissions changed them.

    Args:
        later: the warehouse with the newer knowledge.
        earlier: the one with the older, built by the same models and code lists.
        published: the values that were published then by other models or code lists, with the
            knowledge of ``earlier``; what is published now is compared with them. A value that
            ``later`` and ``earlier`` have in common and ``published`` has not was changed by its
            definition.
        indicator: a code or the beginning of codes, such as ``outreach``; None: all.
        values_to: a file for all values, as CSV, or as Parquet by its ending.
        remarks: what cannot be seen, in sentences; the result repeats them.

    Returns:
        The difference; years before months, undivided values before parts.

    Raises:
        NotExplained: a warehouse does not hold how its values were computed.
    """
    with working_tables.opened(later, earlier, published) as connection:
        return _Comparison(connection, indicator or "", published is not None).run(
            values_to, remarks
        )


class _Comparison:
    """The steps from two warehouses to their difference, in working tables.

    ``changed`` holds the values that differ, ``attributed`` which submission changed which of them,
    and ``reported`` what is reported: ``changed``, or what differs from the values published then.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, indicator: str, has_published: bool
    ) -> None:
        self._connection = connection
        self._indicator = indicator
        self._has_published = has_published

    def run(self, values_to: Path | None, remarks: Sequence[str]) -> Difference:
        connection = self._connection
        submissions.create_arrived(connection)
        self._create_changed()
        models_now = compiled_sql.models_of(connection)
        self._use("before")
        models_before = {model.name: model for model in compiled_sql.models_of(connection)}
        self._use("now")
        self._create_roles()
        connection.execute(
            "create temporary table attributed "
            "(value_no bigint, submission_id varchar, why varchar)"
        )
        by_rows = RowAttribution(connection)
        for model in models_now:
            then = (
                {grain.name: grain for grain in models_before[model.name].grains}
                if (model.name in models_before)
                else {}
            )
            for grain in model.grains:
                if then.get(grain.name) == grain:
                    by_rows.attribute(model, models_before[model.name], grain)
        self._attribute_population()
        self._attribute_coverage()
        self._attribute_the_rest(models_now)
        connection.execute(
            "update attributed set why = 'withdrawn' where submission_id in "
            "(select submission_id from temp.withdrawn)"
        )
        if self._has_published:
            definitions.create_reported(connection, self._indicator)
        else:
            connection.execute(
                "create temporary table reported as select *, false as is_redefined from changed"
            )
        connection.execute(
            "delete from attributed where value_no not in (select value_no from reported)"
        )
        if values_to is not None:
            self._write_values(values_to)
        info = builds.build_info(connection)
        return Difference(
            info["before"]["moment"],
            info["now"]["moment"],
            self._counts(),
            self._values(info),
            submissions.responsible(
                connection, "select submission_id, why, value_no as item from temp.attributed"
            ),
            [
                file
                for (file,) in connection.execute(
                    "select file from temp.arrived where withdrawn_at is null "
                    "and submission_id not in (select submission_id from temp.attributed) "
                    "order by received_at, file"
                ).fetchall()
            ],
            [*remarks, *builds.remarks(info)],
            self._has_published,
            definitions.changed_definitions(connection) if self._has_published else [],
        )

    def _create_changed(self) -> None:
        key = ", ".join(KEY)
        self._connection.execute(
            f"""
            create temporary table changed as
            with differing as ({differing_values("before", self._indicator)})

            select row_number() over (order by {key}) as value_no, *
            from differing
            """
        )

    def _create_roles(self) -> None:
        """The measures of each indicator that has changed, by role."""
        declarations = compiled_sql.declarations_of(self._connection)
        self._connection.execute(
            "create temporary table roles "
            "(indicator varchar, base_feed varchar, measure varchar, is_undivided boolean)"
        )
        indicators = self._connection.execute("select distinct indicator from changed").fetchall()
        rows = [
            (
                indicator,
                declarations[indicator].base_feed,
                measure,
                declarations[indicator].breakdown_rule == "only" and role != "numerator",
            )
            for (indicator,) in indicators
            if indicator in declarations
            for role, measure in declarations[indicator].measures().items()
        ]
        if rows:
            self._connection.executemany("insert into roles values (?, ?, ?, ?)", rows)

    def _attribute_population(self) -> None:
        """Attribute values that are divided by another population to the submission it came in."""
        self._connection.execute(
            f"""
            insert into attributed
            with populations as (
                select
                    area_type,
                    area,
                    year,
                    unnest([present.submitted_year, past.submitted_year]) as submitted_year
                from now.intermediate.int_population_area as present
                full outer join before.intermediate.int_population_area as past
                    using (area_type, area, year)
                where present.population is distinct from past.population
            ),

            came as (
                select distinct staged.submission_id, cast(staged.year as varchar) as submitted_year
                from (
                    select submission_id, year from now.staging.stg_population
                    union all
                    select submission_id, year from before.staging.stg_population
                ) as staged
                inner join temp.arrived as arrived
                    on staged.submission_id = arrived.submission_id
            )

            select distinct changed.value_no, came.submission_id, 'own'
            from changed
            inner join roles
                on
                    changed.indicator = roles.indicator
                    and roles.measure = {literal(POPULATION)}
            inner join populations
                on
                    changed.area_type = populations.area_type
                    and changed.area = populations.area
                    and left(changed.period, 4) = populations.year
            inner join came on populations.submitted_year = came.submitted_year
            """
        )

    def _attribute_coverage(self) -> None:
        """Attribute values that no row changed to submissions that first cover a period.

        A count of 0 is such a value: it exists since the period is covered, and no longer where
        the submission was withdrawn.
        """
        self._connection.execute(
            f"""
            insert into attributed
            with covered as ({submissions.COVERAGE_CHANGED})

            select distinct changed.value_no, covered.submission_id, 'coverage'
            from changed
            inner join (select distinct indicator, base_feed from roles) as roles
                on changed.indicator = roles.indicator
            inner join covered
                on
                    roles.base_feed = covered.feed
                    and changed.period_type = covered.period_type
                    and changed.period = covered.period
            inner join now.marts.dim_organisation as organisations
                on covered.organisation = organisations.organisation
            where
                {_IN_AREA}
                and changed.value_no not in (select value_no from temp.attributed)
            """
        )

    def _attribute_the_rest(self, models: Sequence[Model]) -> None:
        """Attribute what nothing else explains to submissions of the feeds that a model reads.

        A person known in two organisations is such a case: no row of either has changed.
        """
        for model in models:
            self._connection.execute(
                f"""
                insert into attributed
                select changed.value_no, arrived.submission_id, 'other'
                from changed
                inner join temp.arrived as arrived on list_contains(?, arrived.feed)
                inner join now.marts.dim_organisation as organisations
                    on arrived.organisation = organisations.organisation
                left join now.marts.dim_period as periods_now
                    on
                        changed.period_type = periods_now.period_type
                        and changed.period = periods_now.period
                left join before.marts.dim_period as periods_before
                    on
                        changed.period_type = periods_before.period_type
                        and changed.period = periods_before.period
                where
                    list_contains(?, changed.indicator)
                    and periods_now.last_day is not distinct from periods_before.last_day
                    and {_IN_AREA}
                    and not exists (from attributed where attributed.value_no = changed.value_no)
                """,
                [list(model.feeds), list(model.indicators)],
            )

    def _counts(self) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = {}
        for indicator, change, count in self._connection.execute(
            "select indicator, change, count(*) from reported group by all order by all"
        ).fetchall():
            kinds = counts.setdefault(
                indicator, dict.fromkeys(("changed", "appeared", "disappeared"), 0)
            )
            kinds[change] = count
        return counts

    def _values(self, info: dict[str, dict[str, Any]]) -> list[ValueChange]:
        rows = self._connection.execute(
            f"""
            {_VALUES_WITH_REASONS}
            order by reported.period_type desc, reported.breakdown <> 'none', {_KEY_OF_REPORTED}
            limit {MAX_VALUES}
            """,
            {"is_other_definition": builds.is_other_definition(info)},
        ).fetchall()
        size = len(NUMBERS)
        return [
            ValueChange(
                **dict(zip((*KEY, "change"), row[:8], strict=True)),
                before=None if row[7] == "appeared" else _numbers(row[8 : 8 + size]),
                now=None if row[7] == "disappeared" else _numbers(row[8 + size : 8 + 2 * size]),
                why=row[-3],
                submissions=row[-2],
                is_redefined=row[-1],
            )
            for row in rows
        ]

    def _write_values(self, path: Path) -> None:
        is_other = builds.is_other_definition(builds.build_info(self._connection))
        query = _VALUES_WITH_REASONS.replace("$is_other_definition", str(is_other).lower())
        if not self._has_published:
            query = f"select * exclude (is_redefined) from ({query})"
        if not working_tables.is_parquet(path):
            query = (
                "select * replace (array_to_string(submissions, ' ') as submissions) "
                f"from ({query}) order by all"
            )
        working_tables.write(self._connection, query, path)

    def _use(self, catalog: str) -> None:
        self._connection.execute(f"use {catalog}")


_IN_AREA = """
    case changed.area_type
        when 'organisation' then changed.area = organisations.organisation
        when 'team' then split_part(changed.area, ':', 1) = organisations.organisation
        when 'welfare_area' then changed.area = organisations.welfare_area
        else true
    end
"""


_KEY_OF_REPORTED = ", ".join(f"reported.{name}" for name in KEY)

_VALUES_WITH_REASONS = f"""
    with reasons as (
        select
            value_no,
            list(distinct submission_id order by submission_id desc) as submissions,
            {list(submissions.WHYS)}[{submissions.first_why("why")}] as why
        from attributed
        group by value_no
    )

    select
        {", ".join(f"reported.{name}" for name in KEY)},
        reported.change,
        {", ".join(f"reported.{name}_before" for name in NUMBERS)},
        {", ".join(f"reported.{name}_now" for name in NUMBERS)},
        coalesce(
            reasons.why,
            case
                when reported.value_no < 0 then 'definition'
                when periods_now.last_day is distinct from periods_before.last_day then 'time'
                when $is_other_definition then 'definition'
                else 'unknown'
            end
        ) as why,
        coalesce(reasons.submissions, []) as submissions,
        reported.is_redefined
    from reported
    left join reasons on reported.value_no = reasons.value_no
    left join now.marts.dim_period as periods_now
        on
            reported.period_type = periods_now.period_type
            and reported.period = periods_now.period
    left join before.marts.dim_period as periods_before
        on
            reported.period_type = periods_before.period_type
            and reported.period = periods_before.period
"""


def _numbers(values: Sequence[Any]) -> Numbers:
    return {name: number(value) for name, value in zip(NUMBERS, values, strict=True)}
