"""From an indicator value back to its rows, by the very SQL that made it.

Every build keeps the compiled SQL of the models of indicators in the warehouse it makes, in
``indicators.indicator_model``. In that SQL each fact's rows stand in a CTE ``<grain>_rows`` before
they are rolled up, and a comment before the roll-up tells the grain: its measures, its dimensions,
the feed and the key of its rows (``dbt_project/macros/indicators/roll_up.sql``). Here that SQL is
taken up to its last step, the rows are restricted to one cell, and joined to what was received.

So a definition stands in one place only, and a model that is added can be explained without a line
here. What this module shares with the roll-up is what a cell is: its area, period and breakdown,
and who covers it.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from vuosikello.warehouse.indicator_models import PEOPLE
from vuosikello.warehouse.indicator_models import Cell as Cell
from vuosikello.warehouse.indicator_models import Counted as Counted
from vuosikello.warehouse.indicator_models import Grain as Grain

# The roll-up's word for the number of inhabitants: no grain's, but a measure all the same.
POPULATION = "population"


class NotExplained(Exception):
    """What was asked cannot be explained; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model of indicators as the warehouse keeps it."""

    name: str
    indicators: tuple[str, ...]
    grains: tuple[Grain, ...]
    compiled_sql: str
    sha256: str
    code_version: str
    built_at: datetime

    @property
    def feeds(self) -> tuple[str, ...]:
        """The feeds that it reads, however many models lie between."""
        return tuple(sorted({feed for grain in self.grains for feed in grain.feeds}))

    def steps_to(self, grain: Grain) -> str:
        """The SQL from ``with`` to the end of the CTE that holds the rows of a grain."""
        needed = {f"{grain.name}_rows", "coverage"}
        if grain.people and grain.people != "unit":
            needed.add(grain.people)
        return _steps_to(self.compiled_sql, needed)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What an indicator is made of: a row of the seed ``indicator_declarations``."""

    indicator: str
    kind: str
    base_feed: str
    numerator: str
    multiplier: float
    divisor: float
    denominator: str | None
    persons: str | None
    events: str | None
    breakdowns: tuple[str, ...]
    breakdown_rule: str
    areas: tuple[str, ...]
    period_types: tuple[str, ...]

    def measures(self) -> dict[str, str]:
        """The measure of each role of the value: numerator, denominator, persons, events."""
        roles = {
            "numerator": self.numerator,
            "denominator": self.denominator,
            "persons": self.persons and f"{self.persons}{PEOPLE}",
            "events": self.events,
        }
        return {role: measure for role, measure in roles.items() if measure}


# --- what a warehouse tells ---------------------------------------------------------------------


def models_of(connection: duckdb.DuckDBPyConnection) -> list[Model]:
    """Read the models that the warehouse in use keeps.

    Raises:
        NotExplained: the warehouse was built by a version that kept none.
    """
    try:
        rows = connection.execute(
            "select model, indicators, grains, compiled_sql, sql_sha256, code_version, built_at "
            "from indicators.indicator_model order by model"
        ).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        raise NotExplained(
            "This warehouse was built by an earlier version, which did not keep how its values "
            "were computed. Build it again: vuosikello build"
        ) from None
    return [
        Model(name, tuple(indicators), tuple(Grain.of(one) for one in json.loads(grains)), *rest)
        for name, indicators, grains, *rest in rows
    ]


def declarations_of(connection: duckdb.DuckDBPyConnection) -> dict[str, Declaration]:
    """Read the declarations of the warehouse in use, by indicator."""
    names = [field.name for field in fields(Declaration)]
    rows = connection.execute(
        f"select {', '.join(names)} from codes.indicator_declarations"
    ).fetchall()
    return {row[0]: _declaration(dict(zip(names, row, strict=True))) for row in rows}


def _declaration(values: dict[str, Any]) -> Declaration:
    for name in ("denominator", "persons", "events"):
        values[name] = values[name] or None
    for name in ("breakdowns", "areas", "period_types"):
        values[name] = _listed(values[name])
    return Declaration(**values)


def _listed(codes: str | None) -> tuple[str, ...]:
    return tuple(code for code in (codes or "").split("|") if code)


# --- the rows of a cell -------------------------------------------------------------------------


def rows_of_cell(
    model: Model, grain: Grain, declaration: Declaration, cell: Cell, last_day: date
) -> str | None:
    """SQL for the rows of one grain that one value rests on.

    Each row has ``row_no``, ``organisation``, the columns of the key, ``person`` (who it is about,
    the same for everyone who is one person), ``place_and_unit``, and the amount that it adds to
    each role (``numerator``, ``denominator``, ``persons``, ``events``); a row that adds to none is
    left out.

    Args:
        model: the model that computes the value.
        grain: one of its grains.
        declaration: the indicator's.
        cell: where the value stands.
        last_day: of its period. Told as a literal it reaches down to where rows are read, so that
            the state of no other day is computed.

    Returns:
        The SQL, or None where no measure of the value is one of this grain.
    """
    roles = {
        role: counted
        for role, measure in declaration.measures().items()
        if (counted := grain.counts(measure)) is not None
    }
    if not roles:
        return None
    amounts = {
        role: _amount(grain, counted, _breakdown_of(role, declaration, cell))
        for role, counted in roles.items()
    }
    people = ""
    person = "counted.organisation || '/' || cast(counted.unit as varchar)" if grain.people else ""
    place_and_unit = (
        "counted.organisation || '/' || coalesce(counted.municipality, '') || '/' "
        "|| cast(counted.unit as varchar)"
        if grain.people
        else ""
    )
    if grain.people and grain.people != "unit":
        person = f"coalesce('person ' || people.person, {place_and_unit})"
        people = f"""
    left join {grain.people} as people
        on counted.organisation = people.organisation and counted.unit = people.unit"""
    columns = ",\n        ".join(
        [
            *(f"counted.{name}" for name in kept_columns(grain)),
            f"{person or 'null'} as person",
            f"{place_and_unit or 'null'} as place_and_unit",
            *(f"{amounts.get(role, '0')} as {role}" for role in ROLES),
        ]
    )
    return f"""{model.steps_to(grain)},

of_the_cell as (
    select
        {columns}
    from {grain.name}_rows as counted
    inner join coverage
        on counted.organisation = coverage.organisation and {_in_period(grain, last_day)}{people}
    where
        coverage.base_feed = {text(declaration.base_feed)}
        and coverage.period_type = {text(cell.period_type)}
        and coverage.period = {text(cell.period)}
        and {_in_area(cell)}
)

select row_number() over () as row_no, *
from of_the_cell
where {" or ".join(f"{role} <> 0" for role in roles)}
"""


def population_of_cell(cell: Cell) -> str:
    """SQL for the municipalities whose population is the value's denominator, as rows of a cell."""
    where = {
        "country": "true",
        "welfare_area": f"municipalities.welfare_area = {text(cell.area)}",
        "organisation": (
            "municipalities.welfare_area = (select welfare_area from marts.dim_organisation "
            f"where organisation = {text(cell.area)})"
        ),
        "municipality": f"areas.area = {text(cell.area)}",
    }[cell.area_type]
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
    null as place_and_unit,
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
    and areas.year = {text(cell.period[:4])}
    and {where}
"""


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


def _links_to_feed(grain: Grain, rows: str, organisations: Sequence[str]) -> str:
    """SQL for the rows of the feed that rows are made of: how many, by row and submission.

    Only the organisations named are read: a feed of the whole country is not gone through for one.
    """
    told_as = dict(grain.feed_key)
    conditions = [
        f"{told_as.get(column, f'staged.{column}')} = counted.{column}" for column in grain.key
    ]
    if grain.feed_where:
        conditions.append(f"({grain.feed_where.strip()})")
    return f"""
select counted.row_no, staged.submission_id, count(*) as feed_rows
from staging.stg_{grain.feed} as staged
inner join {rows} as counted
    on staged.organisation = counted.organisation and {" and ".join(conditions)}
where staged.organisation in ({", ".join(map(text, organisations)) or "null"})
group by counted.row_no, staged.submission_id
"""


def text(value: str) -> str:
    """Write a value as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def _breakdown_of(role: str, declaration: Declaration, cell: Cell) -> tuple[str, str]:
    """Of a part of a whole everything but the numerator is undivided."""
    if declaration.breakdown_rule == "only" and role != "numerator":
        return "none", "all"
    return cell.breakdown, cell.breakdown_value


def _amount(grain: Grain, counted: Counted, breakdown: tuple[str, str]) -> str:
    dim, value = breakdown
    if (not grain.undivided) if dim == "none" else (dim not in grain.dims):
        return "0"
    amount = f"counted.{counted.column}" if counted.column else "1"
    if counted.how == "people" and counted.column:
        amount = f"case when {amount} <> 0 then 1 else 0 end"
    if dim == "none":
        return f"coalesce({amount}, 0)"
    return f"case when counted.{dim} = {text(value)} then coalesce({amount}, 0) else 0 end"


def _in_period(grain: Grain, last_day: date) -> str:
    if grain.time == "last_day":
        return f"counted.last_day = coverage.last_day and counted.last_day = date '{last_day}'"
    if grain.time == "year":
        return "coverage.period_type = 'year' and counted.year = coverage.period"
    return "left(counted.month, length(coverage.period)) = coverage.period"


def _in_area(cell: Cell) -> str:
    return {
        "country": "true",
        "welfare_area": f"coverage.welfare_area = {text(cell.area)}",
        "organisation": f"counted.organisation = {text(cell.area)}",
        "municipality": f"counted.municipality = {text(cell.area)}",
    }[cell.area_type]


def kept_columns(grain: Grain) -> list[str]:
    """The columns of the rows that are needed later, each once."""
    named = re.findall(r"\bcounted\.(\w+)", grain.feed_where or "")
    heads = [grain.heads] if grain.heads else []
    return list(dict.fromkeys(["organisation", "municipality", *grain.key, *named, *heads]))


def _steps_to(sql: str, needed: set[str]) -> str:
    """Cut a query off after the last of some CTEs.

    DuckDB's own tokens tell where that is, so that words in texts and comments mislead nobody.

    Raises:
        ValueError: it has no such CTE.
    """
    content = sql.encode()
    found: dict[str, int] = {}
    name, depth = "", 0
    tokens = duckdb.tokenize(sql)
    for (start, _), (end, _) in zip(tokens, [*tokens[1:], (len(content), None)], strict=True):
        word = content[start:end].split()[0].decode()
        if word.startswith("("):
            depth += 1
        elif word.startswith(")"):
            depth -= 1
            if depth == 0 and name:
                found[name] = start + 1
                name = ""
        elif depth == 0 and word in needed:
            name = word
    if found.keys() != needed:
        raise ValueError(f"the SQL has no {', '.join(sorted(needed - found.keys()))}")
    return content[: max(found.values())].decode()


# --- working tables -----------------------------------------------------------------------------


@contextmanager
def opened(warehouse: Path, earlier: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a warehouse as ``now``, and an earlier one as ``before``, only to be read.

    Working tables stand in memory, and on disk where memory ends.

    Raises:
        NotExplained: a file is no warehouse.
    """
    with tempfile.TemporaryDirectory(prefix="vuosikello-") as folder:
        connection = duckdb.connect(config={"temp_directory": folder})
        try:
            for path, name in ((warehouse, "now"), (earlier, "before")):
                if path is not None:
                    _attach(connection, path, name)
            connection.execute("use now")
            yield connection
        finally:
            connection.close()


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    try:
        connection.execute(f"attach {text(str(path))} as {name} (read_only)")
    except duckdb.Error:
        raise NotExplained(
            f"{path} cannot be opened as a warehouse. Build it again: vuosikello build"
        ) from None


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one grain in a working table.

    Attributes:
        grain: theirs.
        table: the table; each row has a ``row_no``.
        links: the table that tells in which submissions they came; None: in none.
    """

    grain: Grain
    table: str
    links: str | None


def put_down(connection: duckdb.DuckDBPyConnection, name: str, grain: Grain, sql: str) -> Rows:
    """Put rows down in a working table, and in another the submissions they came in."""
    table = f"temp.rows_{name}"
    connection.execute(f"create or replace temporary table {table} as {sql}")
    return Rows(grain, table, put_down_links(connection, f"temp.links_{name}", grain, table))


def put_down_links(
    connection: duckdb.DuckDBPyConnection, links: str, grain: Grain, table: str
) -> str | None:
    """Put down in which submissions of the warehouse in use the rows of a table came."""
    if not grain.feed:
        return None
    organisations = connection.execute(
        f"select distinct organisation from {table} where organisation is not null"
    ).fetchall()
    sql = _links_to_feed(grain, table, [organisation for (organisation,) in organisations])
    try:
        connection.execute(f"create or replace temporary table {links} as {sql}")
    except duckdb.IOException:
        raise NotExplained(
            f"The files of {grain.feed} are not in the lake where they were when the warehouse was "
            "built. Bring them back from the backup, or build again: vuosikello build"
        ) from None
    return links


def write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write what a query finds, as CSV, or as Parquet by the file's ending.

    Raises:
        NotExplained: the file cannot be written.
    """
    kind = "parquet" if is_parquet(path) else "csv, header"
    try:
        connection.execute(f"copy ({query}) to {text(str(path))} (format {kind})")
    except duckdb.IOException:
        raise NotExplained(
            f"{path} cannot be written. Name a file in a folder that is there and writable."
        ) from None


def is_parquet(path: Path) -> bool:
    """Whether a file is to be Parquet, by its ending."""
    return path.suffix.lower() == ".parquet"
