"""What has changed between two moments, and which submissions did it.

Two warehouses are held side by side, ``before`` and ``now``: the rows of a fact are taken from both
by the SQL of their models, and what adds to a value otherwise than before is joined to the
submissions that have come since. A row can count otherwise although it is the same: a worker's
profession or a client's municipality may have come in another feed. Those rows are told with the
submissions of the other feeds, as ``other``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from common.indicator_key import CELL, KEY
from vuosikello.lineage import compiled_sql, lookup
from vuosikello.lineage.compiled_sql import Cell, Declaration, Grain, Model, Rows, text

# How many rows and values are told one by one; all values go to a file.
ROWS_TOLD = 10_000
VALUES_TOLD = 100_000

NUMBERS = ("numerator", "denominator", "value", "persons", "events")

Numbers = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that has come, gone or counts otherwise.

    Attributes:
        change: ``added``, ``removed`` or ``changed``.
        feed: the feed the row comes in; None: it is computed.
        organisation: whose row it is.
        key: its key.
        before: what it added to numerator and denominator; None: it was not there.
        now: the same now.
        why: ``own``, the row itself came in these submissions; ``replaced``, they replaced the one
            it was in; ``other``, the row is the same and counts otherwise by rows of other feeds;
            ``none``, no submission did it.
        submissions: the submissions that did it.
    """

    change: str
    feed: str | None
    organisation: str | None
    key: dict[str, Any]
    before: Numbers | None
    now: Numbers | None
    why: str
    submissions: list[str]


@dataclass(frozen=True, slots=True)
class Responsible:
    """A submission that has come since, and what it did.

    Attributes:
        supersedes: the submission of the same organisation, feed and period that was in force
            before; None: there was none.
        superseded_file: that one's file.
        changes: how many rows (of one value) or values (of all) it changed.
        why: as in :class:`RowChange`, the most direct of them; ``coverage``: by it the
            organisation covers the period.
    """

    submission_id: str
    organisation: str
    feed: str
    period: str
    file: str
    sha256: str
    received_at: datetime
    supersedes: str | None
    superseded_file: str | None
    changes: int
    why: str


@dataclass(frozen=True, slots=True)
class Change:
    """What has changed in one value.

    Attributes:
        since: the moment (UTC).
        before: the numbers of the value then; None: there was none.
        rows_added, rows_removed, rows_changed: how many rows.
        rows: the first of them.
        submissions: those that did it, newest first.
        remarks: what else is different, in plain sentences.
    """

    since: datetime
    before: Numbers | None
    rows_added: int
    rows_removed: int
    rows_changed: int
    rows: list[RowChange]
    submissions: list[Responsible]
    remarks: list[str]


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value that is not what it was.

    Attributes:
        change: ``changed``, ``appeared`` or ``disappeared``.
        before, now: its numbers; None: there was or is no value.
        why: as in :class:`Responsible`; ``time``: the period was under way before; ``definition``:
            the models are others; ``unknown``: none of these.
        submissions: those that did it.
    """

    indicator: str
    area_type: str
    area: str
    period_type: str
    period: str
    breakdown: str
    breakdown_value: str
    change: str
    before: Numbers | None
    now: Numbers | None
    why: str
    submissions: list[str]


@dataclass(frozen=True, slots=True)
class Difference:
    """What has changed in all values.

    Attributes:
        before, now: the moments whose knowledge is compared (UTC).
        counts: how many values have ``changed``, ``appeared`` and ``disappeared``, by indicator.
        values: the first of them; all of them go to a file.
        submissions: those that did it, newest first.
        without_effect: files received in between that changed no value.
        remarks: what else is different, in plain sentences.
    """

    before: datetime
    now: datetime
    counts: dict[str, dict[str, int]]
    values: list[ValueChange]
    submissions: list[Responsible]
    without_effect: list[str]
    remarks: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many values are not what they were."""
        return sum(sum(kinds.values()) for kinds in self.counts.values())


# --- one value ----------------------------------------------------------------------------------


def change_of_value(
    connection: duckdb.DuckDBPyConnection,
    declaration: Declaration,
    cell: Cell,
    model: Model,
    rows_now: Sequence[Rows],
    rows_before: Sequence[Rows],
    before: Numbers | None,
) -> Change:
    """Tell what has changed in one value.

    Args:
        connection: opened with both warehouses; ``now`` is in use.
        declaration: the indicator's.
        cell: where the value stands.
        model: the model that computes it now.
        rows_now: its rows.
        rows_before: its rows then.
        before: its numbers then.
    """
    _put_down_arrived(connection)
    then = {rows.grain.name: rows for rows in rows_before}
    # A visit and its topics are two grains of one feed: their rows are told together, by key.
    alike: dict[tuple[str, ...], list[Rows]] = {}
    for rows in rows_now:
        name = rows.grain.feed or rows.grain.name
        alike.setdefault((name, *rows.grain.key), []).append(rows)
    tables = [
        (
            _put_down_changed_rows(
                connection,
                now,
                [then[rows.grain.name] for rows in now if rows.grain.name in then],
                model,
            ),
            now[0].grain,
        )
        for now in alike.values()
    ]
    counted = dict.fromkeys(("added", "removed", "changed"), 0)
    for table, _ in tables:
        for kind, count in connection.execute(
            f"select change, count(*) from {table} group by change"
        ).fetchall():
            counted[kind] += count
    shown = [row for table, grain in tables for row in _row_changes(connection, table, grain)]
    blamed = [
        f"select unnest(submissions) as submission_id, why, {text(table)} || rowid as item "
        f"from {table}"
        for table, _ in tables
    ]
    if not shown:
        # A count of 0 has no rows: it is there since the period is covered.
        blamed.append(_newly_covered(declaration.base_feed, cell))
    info = _build_info(connection)
    return Change(
        info["before"]["moment"],
        before,
        counted["added"],
        counted["removed"],
        counted["changed"],
        shown[:ROWS_TOLD],
        _responsible(connection, " union all ".join(blamed)),
        [*_remarks(info), *_still_under_way(connection, cell)],
    )


def _put_down_changed_rows(
    connection: duckdb.DuckDBPyConnection, now: Sequence[Rows], then: Sequence[Rows], model: Model
) -> str:
    """Put down the rows that add to the value otherwise, with the submissions that did it."""
    grain = now[0].grain
    table = now[0].table.replace("rows_", "changes_")
    key = list(dict.fromkeys(["organisation", *grain.key]))
    either = ", ".join(f"coalesce(new_rows.{name}, old_rows.{name}) as {name}" for name in key)
    same = " and ".join(f"new_rows.{name} is not distinct from old_rows.{name}" for name in key)
    connection.execute(
        f"""
        create or replace temporary table {table} as
        with new_rows as ({_by_key(now, key)}),

        old_rows as ({_by_key(then, key) if then else _by_key(now, key) + "having false"}),

        differences as (
            select
                {either},
                case
                    when old_rows.is_there is null then 'added'
                    when new_rows.is_there is null then 'removed'
                    else 'changed'
                end as change,
                old_rows.numerator as numerator_before,
                old_rows.denominator as denominator_before,
                new_rows.numerator as numerator_now,
                new_rows.denominator as denominator_now,
                coalesce(new_rows.submissions, []) as submissions_now,
                coalesce(old_rows.submissions, []) as submissions_before
            from new_rows
            full outer join old_rows on {same}
            where
                new_rows.numerator is distinct from old_rows.numerator
                or new_rows.denominator is distinct from old_rows.denominator
        ),

        reasons as (
            select *, {_reasons("differences", grain, model)}
            from differences
        )

        select * exclude (own, replaced, other), {_most_direct()}
        from reasons
        """
    )
    return table


def _by_key(rows: Sequence[Rows], key: Sequence[str]) -> str:
    """SQL for what the rows of each key add up to, and the submissions they came in."""
    counted = " union all ".join(
        f"""
            select
                {", ".join(f"counted.{name}" for name in key)},
                counted.numerator,
                counted.denominator,
                {"links.submissions" if one.links else "[]::varchar[]"} as submissions
            from {one.table} as counted
            {_LINKS_BY_ROW.format(links=one.links) if one.links else ""}
            where counted.numerator <> 0 or counted.denominator <> 0
        """
        for one in rows
    )
    return f"""
        select
            {", ".join(key)},
            cast(sum(numerator) as double) as numerator,
            cast(sum(denominator) as double) as denominator,
            list_distinct(flatten(list(coalesce(submissions, [])))) as submissions,
            true as is_there
        from ({counted})
        group by {", ".join(key)}
    """


_LINKS_BY_ROW = """
            left join (
                select row_no, list(distinct submission_id) as submissions
                from {links}
                group by row_no
            ) as links on counted.row_no = links.row_no
"""


def _row_changes(
    connection: duckdb.DuckDBPyConnection, table: str, grain: Grain
) -> list[RowChange]:
    keys = "".join(f", {name}" for name in grain.key)
    rows = connection.execute(
        "select change, organisation, numerator_before, denominator_before, numerator_now, "
        f"denominator_now, why, submissions{keys} from {table} "
        f"order by change, organisation{keys} limit {ROWS_TOLD}"
    ).fetchall()
    return [
        RowChange(
            change,
            grain.feed,
            organisation,
            {name: plain(value) for name, value in zip(grain.key, key, strict=True)},
            None
            if change == "added"
            else {"numerator": number(before[0]), "denominator": number(before[1])},
            None
            if change == "removed"
            else {"numerator": number(now[0]), "denominator": number(now[1])},
            why,
            submissions,
        )
        for change, organisation, *rest in rows
        for before, now, why, submissions, key in [
            (rest[0:2], rest[2:4], rest[4], rest[5], rest[6:])
        ]
    ]


# --- all values ---------------------------------------------------------------------------------


def difference(
    later: Path, earlier: Path, *, indicator: str | None = None, values_to: Path | None = None
) -> Difference:
    """Tell which values differ between two warehouses, and which submissions did it.

    Args:
        later: the warehouse with the newer knowledge.
        earlier: the one with the older.
        indicator: a code or the beginning of codes, such as ``outreach``; None: all.
        values_to: a file for all values, as CSV, or as Parquet by its ending.

    Returns:
        The difference; years before months, undivided values before parts.

    Raises:
        tracing.NotExplained: a warehouse does not hold how its values were computed.
    """
    with compiled_sql.opened(later, earlier) as connection:
        return _Difference(connection, indicator or "").tell(values_to)


class _Difference:
    """The steps from two warehouses to their difference, in working tables.

    ``changed`` holds the values that differ, ``blamed`` which submission changed which of them.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, indicator: str) -> None:
        self._connection = connection
        self._indicator = indicator

    def tell(self, values_to: Path | None) -> Difference:
        connection = self._connection
        _put_down_arrived(connection)
        self._put_down_changed_values()
        models_now = compiled_sql.models_of(connection)
        self._use("before")
        models_before = {model.name: model for model in compiled_sql.models_of(connection)}
        self._use("now")
        self._put_down_roles()
        connection.execute(
            "create temporary table blamed (value_no bigint, submission_id varchar, why varchar)"
        )
        for model in models_now:
            then = (
                {grain.name: grain for grain in models_before[model.name].grains}
                if (model.name in models_before)
                else {}
            )
            for grain in model.grains:
                if then.get(grain.name) == grain:
                    self._blame_by_rows(model, models_before[model.name], grain)
        self._blame_population()
        self._blame_coverage()
        self._blame_the_rest(models_now)
        if values_to is not None:
            self._write_values(values_to)
        info = _build_info(connection)
        return Difference(
            info["before"]["moment"],
            info["now"]["moment"],
            self._counts(),
            self._values(info),
            _responsible(
                connection, "select submission_id, why, value_no as item from temp.blamed"
            ),
            [
                file
                for (file,) in connection.execute(
                    "select file from temp.arrived where submission_id not in "
                    "(select submission_id from temp.blamed) order by received_at, file"
                ).fetchall()
            ],
            _remarks(info),
        )

    def _put_down_changed_values(self) -> None:
        key = ", ".join(KEY)
        differs = " or ".join(f"present.{n} is distinct from past.{n}" for n in NUMBERS)
        numbers = ", ".join(
            f"past.{name} as {name}_before, present.{name} as {name}_now" for name in NUMBERS
        )
        self._connection.execute(
            f"""
            create temporary table changed as
            with differing as (
                select
                    {key},
                    case
                        when past.is_there is null then 'appeared'
                        when present.is_there is null then 'disappeared'
                        else 'changed'
                    end as change,
                    {numbers}
                from (select *, true as is_there from now.indicators.indicator_values) as present
                full outer join
                    (select *, true as is_there from before.indicators.indicator_values) as past
                    using ({key})
                where ({differs}) and starts_with(indicator, {text(self._indicator)})
            )

            select row_number() over (order by {key}) as value_no, *
            from differing
            """
        )

    def _put_down_roles(self) -> None:
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

    def _blame_by_rows(self, model: Model, model_before: Model, grain: Grain) -> None:
        """Blame those submissions whose rows add to a value otherwise than before."""
        names = [
            measure
            for (measure,) in self._connection.execute(
                "select distinct measure from roles where list_contains(?, indicator)",
                [list(model.indicators)],
            ).fetchall()
        ]
        measures = {name: counted for name in names if (counted := grain.counts(name)) is not None}
        if not measures:
            return
        columns = sorted({one.column for one in measures.values() if one.column})
        places = [*compiled_sql.kept_columns(grain), *_periods(grain), *grain.dims]
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
            links[catalog] = compiled_sql.put_down_links(
                self._connection, f"temp.delta_links_{catalog}", grain, "temp.delta"
            )
        self._put_down_causes(model, grain, links)
        self._put_down_touched(grain, measures)
        self._connection.execute(_BLAME_TOUCHED)

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

    def _put_down_causes(self, model: Model, grain: Grain, links: dict[str, str | None]) -> None:
        """Put down which submissions did what to each row of ``delta``."""
        found = ", ".join(
            f"coalesce((select list(distinct links.submission_id) from {table} as links "
            f"where links.row_no = delta.row_no), []) as submissions_{catalog}"
            if (table := links[catalog])
            else f"[]::varchar[] as submissions_{catalog}"
            for catalog in ("before", "now")
        )
        self._connection.execute(
            f"""
            create or replace temporary table temp.causes as
            with found as (
                select delta.row_no, delta.organisation, {found}
                from temp.delta as delta
            ),

            reasons as (
                select row_no, {_reasons("found", grain, model)}
                from found
            ),

            direct as (
                select row_no, {_most_direct()}
                from reasons
            )

            select row_no, why, unnest(submissions) as submission_id
            from direct
            """
        )

    def _put_down_touched(self, grain: Grain, measures: dict[str, compiled_sql.Counted]) -> None:
        """Put down the places whose measures the rows of ``delta`` have changed, and by whom.

        A row that has moved within a place (to another month of the year, say) changes nothing
        there, so rows are summed by key in every kind of place first.
        """
        placed = {"municipality", *_periods(grain), *grain.dims}
        keys = ["organisation", *(name for name in grain.key if name not in placed)]
        is_monthly = grain.time == "month"
        times = {
            "month": [["month"], ["left(month, 4)"]],
            "year": [["year"]],
            "last_day": [["period_type", "period"]],
        }[grain.time]
        parts: list[list[str]] = [[dim] for dim in grain.dims]
        if grain.undivided:
            parts.append([])
        sets = ", ".join(
            f"({', '.join([*keys, *place, *time, *part])})"
            for place in (["municipality"], [])
            for time in times
            for part in parts
        )
        if is_monthly:
            period_type = "case when grouping(month) = 0 then 'month' else 'year' end"
            period = "case when grouping(month) = 0 then month else left(month, 4) end"
        elif grain.time == "year":
            period_type, period = "'year'", "year"
        else:
            period_type, period = "period_type", "period"
        whens = [f"when grouping({dim}) = 0 then" for dim in grain.dims]
        breakdown = " ".join(f"{w} {text(d)}" for w, d in zip(whens, grain.dims, strict=True))
        value = " ".join(f"{w} {d}" for w, d in zip(whens, grain.dims, strict=True))
        amounts = ", ".join(
            f"{{'measure': {text(name)}, 'amount': "
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
                    {period_type} as period_type,
                    {period} as period,
                    {f"case {breakdown} else 'none' end" if breakdown else "'none'"} as breakdown,
                    {f"case {value} else 'all' end" if value else "'all'"} as breakdown_value,
                    list(row_no) as row_nos,
                    [{amounts}] as amounts
                from temp.delta
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

    def _blame_population(self) -> None:
        """Blame a population submission for the values that are divided by other numbers now."""
        self._connection.execute(
            f"""
            insert into blamed
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
                from now.staging.stg_population as staged
                inner join temp.arrived as arrived
                    on staged.submission_id = arrived.submission_id
            )

            select distinct changed.value_no, came.submission_id, 'own'
            from changed
            inner join roles
                on
                    changed.indicator = roles.indicator
                    and roles.measure = {text(compiled_sql.POPULATION)}
            inner join populations
                on
                    changed.area_type = populations.area_type
                    and changed.area = populations.area
                    and left(changed.period, 4) = populations.year
            inner join came on populations.submitted_year = came.submitted_year
            """
        )

    def _blame_coverage(self) -> None:
        """Blame, for values no row has changed, those that cover a period not covered before.

        So it is with a count of 0: it is there since the period is covered.
        """
        self._connection.execute(
            f"""
            insert into blamed
            with newly_covered as ({_NEWLY_COVERED})

            select distinct changed.value_no, newly_covered.submission_id, 'coverage'
            from changed
            inner join (select distinct indicator, base_feed from roles) as roles
                on changed.indicator = roles.indicator
            inner join newly_covered
                on
                    roles.base_feed = newly_covered.feed
                    and changed.period_type = newly_covered.period_type
                    and changed.period = newly_covered.period
            inner join now.marts.dim_organisation as organisations
                on newly_covered.organisation = organisations.organisation
            where
                {_IN_AREA}
                and changed.value_no not in (select value_no from temp.blamed)
            """
        )

    def _blame_the_rest(self, models: Sequence[Model]) -> None:
        """Name, for values that nothing else explains, what has come in a feed that they read.

        So it is with persons who are the same in two organisations: no row of either has changed.
        """
        for model in models:
            self._connection.execute(
                f"""
                insert into blamed
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
                    and not exists (from blamed where blamed.value_no = changed.value_no)
                """,
                [list(model.feeds), list(model.indicators)],
            )

    def _counts(self) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = {}
        for indicator, change, count in self._connection.execute(
            "select indicator, change, count(*) from changed group by all order by all"
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
            order by changed.period_type desc, changed.breakdown <> 'none', changed.value_no
            limit {VALUES_TOLD}
            """,
            {"is_other_definition": _is_other_definition(info)},
        ).fetchall()
        size = len(NUMBERS)
        return [
            ValueChange(
                **dict(zip((*KEY, "change"), row[:8], strict=True)),
                before=None if row[7] == "appeared" else _numbers(row[8 : 8 + size]),
                now=None if row[7] == "disappeared" else _numbers(row[8 + size : 8 + 2 * size]),
                why=row[-2],
                submissions=row[-1],
            )
            for row in rows
        ]

    def _write_values(self, path: Path) -> None:
        is_other = _is_other_definition(_build_info(self._connection))
        query = _VALUES_WITH_REASONS.replace("$is_other_definition", str(is_other).lower())
        if not compiled_sql.is_parquet(path):
            query = (
                "select * replace (array_to_string(submissions, ' ') as submissions) "
                f"from ({query}) order by all"
            )
        compiled_sql.write(self._connection, query, path)

    def _use(self, catalog: str) -> None:
        self._connection.execute(f"use {catalog}")


# --- what both share ----------------------------------------------------------------------------

_IN_AREA = """
    case changed.area_type
        when 'organisation' then changed.area = organisations.organisation
        when 'welfare_area' then changed.area = organisations.welfare_area
        else true
    end
"""

_BLAME_TOUCHED = """
    insert into blamed
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

# Periods that an organisation covers by what has come, and did not before.
_NEWLY_COVERED = """
    select
        arrived.submission_id,
        arrived.organisation,
        arrived.feed,
        covered.period_type,
        covered.period
    from temp.arrived as arrived
    inner join now.marts.fct_coverage as covered
        on
            arrived.organisation = covered.organisation
            and arrived.feed = covered.feed
            and covered.period between
            left(cast(arrived.period_start as varchar), len(covered.period))
            and left(cast(arrived.period_end as varchar), len(covered.period))
    where not exists (
        from before.marts.fct_coverage as past
        where
            past.organisation = covered.organisation
            and past.feed = covered.feed
            and past.period_type = covered.period_type
            and past.period = covered.period
    )
"""

_VALUES_WITH_REASONS = f"""
    with reasons as (
        select
            value_no,
            list(distinct submission_id order by submission_id desc) as submissions,
            case min(
                case why
                    when 'own' then 1 when 'replaced' then 2 when 'coverage' then 3 else 4
                end
            )
                when 1 then 'own' when 2 then 'replaced' when 3 then 'coverage' else 'other'
            end as why
        from blamed
        group by value_no
    )

    select
        changed.indicator,
        {", ".join(f"changed.{name}" for name in CELL)},
        changed.change,
        {", ".join(f"changed.{name}_before" for name in NUMBERS)},
        {", ".join(f"changed.{name}_now" for name in NUMBERS)},
        coalesce(
            reasons.why,
            case
                when periods_now.last_day is distinct from periods_before.last_day then 'time'
                when $is_other_definition then 'definition'
                else 'unknown'
            end
        ) as why,
        coalesce(reasons.submissions, []) as submissions
    from changed
    left join reasons on changed.value_no = reasons.value_no
    left join now.marts.dim_period as periods_now
        on
            changed.period_type = periods_now.period_type
            and changed.period = periods_now.period
    left join before.marts.dim_period as periods_before
        on
            changed.period_type = periods_before.period_type
            and changed.period = periods_before.period
"""


def _put_down_arrived(connection: duckdb.DuckDBPyConnection) -> None:
    """Put down in ``arrived`` what is in force now and was not before.

    ``in_place_of`` is what was in force before for the same organisation, feed and period: what
    came and was replaced in between is passed over.
    """
    connection.execute(
        """
        create or replace temporary table temp.arrived as
        select
            present.*,
            past.submission_id as in_place_of,
            past.file as file_before,
            organisations.welfare_area
        from now.staging.stg_current_submissions as present
        left join now.marts.dim_organisation as organisations
            on present.organisation = organisations.organisation
        left join before.staging.stg_current_submissions as past
            on
                present.organisation = past.organisation
                and present.feed = past.feed
                and present.period = past.period
        where present.submission_id is distinct from past.submission_id
        """
    )


def _reasons(rows: str, grain: Grain, model: Model) -> str:
    """SQL for the submissions that changed a row, from the most direct reason to the least.

    ``rows`` has ``organisation``, ``submissions_now`` and ``submissions_before``.
    """
    # Rows that come in no feed are made of those of a whole welfare area.
    near = (
        f"arrived.organisation = {rows}.organisation"
        if grain.feed
        else "arrived.welfare_area = (select welfare_area from now.marts.dim_organisation as own "
        f"where own.organisation = {rows}.organisation)"
    )
    others = ", ".join(text(feed) for feed in model.feeds if feed != grain.feed) or "null"
    conditions = {
        "own": f"list_contains({rows}.submissions_now, arrived.submission_id)",
        "replaced": f"list_contains({rows}.submissions_before, arrived.in_place_of)",
        "other": f"{near} and arrived.feed in ({others})",
    }
    return ", ".join(
        f"coalesce((select list(arrived.submission_id) from temp.arrived as arrived "
        f"where {condition}), []) as {why}"
        for why, condition in conditions.items()
    )


def _most_direct() -> str:
    """SQL for the first reason that there is, after :func:`_reasons`."""
    return """
        case
            when len(own) > 0 then own when len(replaced) > 0 then replaced else other
        end as submissions,
        case
            when len(own) > 0 then 'own'
            when len(replaced) > 0 then 'replaced'
            when len(other) > 0 then 'other'
            else 'none'
        end as why
    """


def _newly_covered(feed: str, cell: Cell) -> str:
    return f"""
        select newly_covered.submission_id, 'coverage' as why, null as item
        from ({_NEWLY_COVERED}) as newly_covered
        where
            newly_covered.feed = {text(feed)}
            and newly_covered.period_type = {text(cell.period_type)}
            and newly_covered.period = {text(cell.period)}
            and newly_covered.organisation in (
                select organisation from now.marts.dim_organisation where {lookup.serving(cell)}
            )
    """


def _responsible(connection: duckdb.DuckDBPyConnection, blamed: str) -> list[Responsible]:
    """The submissions named in a query of ``submission_id``, ``why`` and ``item``, each once."""
    rows = connection.execute(
        f"""
        select
            arrived.submission_id, arrived.organisation, arrived.feed, arrived.period,
            arrived.file, arrived.sha256, arrived.received_at, arrived.in_place_of,
            arrived.file_before,
            count(distinct blamed.item),
            case
                when bool_or(blamed.why = 'own') then 'own'
                when bool_or(blamed.why = 'replaced') then 'replaced'
                when bool_or(blamed.why = 'coverage') then 'coverage'
                else 'other'
            end
        from ({blamed}) as blamed
        inner join temp.arrived as arrived on blamed.submission_id = arrived.submission_id
        group by all
        order by arrived.received_at desc, arrived.submission_id
        """
    ).fetchall()
    return [Responsible(*row) for row in rows]


def _build_info(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    found = {}
    for catalog in ("before", "now"):
        row = connection.execute(
            f"select coalesce(as_of, built_at), project_hash from {catalog}.staging.build_info"
        ).fetchone()
        assert row is not None
        found[catalog] = {"moment": row[0], "project_hash": row[1]}
    return found


def _is_other_definition(info: dict[str, dict[str, Any]]) -> bool:
    return bool(info["before"]["project_hash"] != info["now"]["project_hash"])


def _remarks(info: dict[str, dict[str, Any]]) -> list[str]:
    if _is_other_definition(info):
        return [
            "The two warehouses were built by different versions of the definitions, so not every "
            "difference comes from the data. Build again: vuosikello build"
        ]
    return []


def _still_under_way(connection: duckdb.DuckDBPyConnection, cell: Cell) -> list[str]:
    days: list[date | None] = []
    for catalog in ("before", "now"):
        row = connection.execute(
            f"select last_day from {catalog}.marts.dim_period where period_type = ? and period = ?",
            [cell.period_type, cell.period],
        ).fetchone()
        days.append(row[0] if row else None)
    if days[0] and days[0] != days[1]:
        return [f"The period was under way then: its last day was {days[0]}, now it is {days[1]}."]
    return []


def _periods(grain: Grain) -> list[str]:
    return ["period_type", "period"] if grain.time == "last_day" else [grain.time]


def _numbers(values: Sequence[Any]) -> Numbers:
    return {name: number(value) for name, value in zip(NUMBERS, values, strict=True)}


def number(value: Any) -> float | None:
    """A number of the warehouse; a whole one as such: 14, not 14.0."""
    if value is None:
        return None
    as_float = float(value)
    return int(as_float) if as_float.is_integer() and abs(as_float) < 2**53 else as_float


def plain(value: Any) -> Any:
    """A value of a key as JSON can hold it."""
    return value if value is None or isinstance(value, (str, int, float)) else str(value)
