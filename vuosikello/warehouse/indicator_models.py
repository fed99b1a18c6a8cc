"""The compiled SQL of the indicator models, kept in the warehouse that a build makes.

Every build keeps the SQL in ``indicators.indicator_model``. A comment before the roll-up describes
each grain of a model: its measures, its dimensions, the feed and the key of its rows
(``dbt_project/macros/indicators/roll_up.sql``). :mod:`vuosikello.lineage` explains values by them.
This module knows how a build describes grains; it asks for no value.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from common.sql import literal

_GRAIN = re.compile(r"/\* grain: (\{.*?\}) \*/", re.DOTALL)
PEOPLE = "_people"

# The roll-up's word for the number of inhabitants: no grain's, but a measure all the same.
POPULATION = "population"


@dataclass(frozen=True, slots=True)
class Grain:
    """The rows of one fact in a model of indicators; the roll-up's own words (see there)."""

    name: str
    time: str
    measures: tuple[str, ...]
    dims: tuple[str, ...] = ()
    decimals: tuple[str, ...] = ()
    people: str | None = None
    repeats: bool = True
    heads: str | None = None
    month_end_means: tuple[str, ...] = ()
    unit_count: str | None = None
    undivided: bool = True
    quantile_of: str | None = None
    feed: str | None = None
    key: tuple[str, ...] = ()
    feed_key: tuple[tuple[str, str], ...] = ()
    feed_where: str | None = None
    feeds: tuple[str, ...] = ()

    @classmethod
    def of(cls, described: dict[str, Any]) -> Grain:
        """Make a grain of its dictionary in the model; words that are not used here are dropped."""
        known = {field.name for field in fields(cls)}
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in described.items()
            if name in known
        }
        values["feed_key"] = tuple((described.get("feed_key") or {}).items())
        return cls(**values)

    def counted_as(self, measure: str) -> CountedMeasure | None:
        """Tell how a measure that a declaration names is counted; None: not one of this grain."""
        if measure == self.unit_count:
            return CountedMeasure(None, "units")
        if measure == self.quantile_of:
            return CountedMeasure(measure, "quantile")
        if measure in self.month_end_means:
            return CountedMeasure(measure, "month_end_mean")
        if measure in self.measures:
            return CountedMeasure(measure, "sum")
        if self.people and measure.endswith(PEOPLE):
            summed = self.counted_as(measure.removesuffix(PEOPLE))
            return summed and CountedMeasure(summed.column, "people")
        return None

    @property
    def declarable_measures(self) -> set[str]:
        """Every measure that a declaration may name."""
        own = {*self.measures, *([self.unit_count] if self.unit_count else [])}
        people = {f"{name}{PEOPLE}" for name in own} if self.people else set()
        return own | people | ({self.quantile_of} if self.quantile_of else set())


@dataclass(frozen=True, slots=True)
class CountedMeasure:
    """How a measure comes from rows.

    Attributes:
        column: the column that is summed, or that is not 0 for those who are counted; None: every
            row counts.
        how: ``sum``; ``units``, distinct units; ``people``, distinct people; ``month_end_mean``,
            the sum divided by the month ends of the period; ``quantile``, the number of days that
            a share of the rows does not exceed.
    """

    column: str | None
    how: str


_COLUMNS = {
    "model": ("varchar not null", "The model that computes the indicators."),
    "indicators": ("varchar[] not null", "The indicators it computes."),
    "feeds": ("varchar[] not null", "The feeds it reads, however many models lie between."),
    "grains": ("varchar not null", "Its grains as JSON: rows, measures, feed and key."),
    "compiled_sql": ("varchar not null", "The SQL that computed them, as it ran."),
    "sql_sha256": ("varchar not null", "SHA-256 of that SQL: the same SQL is the same definition."),
    "code_version": ("varchar not null", "Version of Vuosikello."),
    "built_at": ("timestamp not null", "When the build began (UTC)."),
}


def keep_models(
    connection: duckdb.DuckDBPyConnection, compiled: Path, built_at: datetime, code_version: str
) -> None:
    """Keep the compiled SQL of the models of indicators in the warehouse that they were built in.

    Args:
        connection: the writer's warehouse.
        compiled: where dbt leaves the SQL of the models that were built; of the others, taken
            over from the warehouse before, what it kept stays.
        built_at: when the build began (UTC).
        code_version: the version of Vuosikello.
    """
    definition = ", ".join(f"{name} {type_}" for name, (type_, _) in _COLUMNS.items())
    connection.execute(f"create table if not exists indicators.indicator_model ({definition})")
    connection.execute(
        "comment on table indicators.indicator_model is "
        "'One row per model of indicators: the SQL that computed them.'"
    )
    for name, (_, meaning) in _COLUMNS.items():
        connection.execute(
            f"comment on column indicators.indicator_model.{name} is {literal(meaning)}"
        )
    built = {
        name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()
    }
    declared = connection.execute(
        "select indicator, numerator from codes.indicator_declarations order by indicator"
    ).fetchall()
    for path in sorted(compiled.rglob("*.sql")):
        sql = path.read_text(encoding="utf-8")
        described = [json.loads(one) for one in _GRAIN.findall(sql)]
        if path.stem not in built or not described:
            continue
        grains = [Grain.of(one) for one in described]
        declarable_measures = set().union(*(grain.declarable_measures for grain in grains))
        connection.execute("delete from indicators.indicator_model where model = ?", [path.stem])
        connection.execute(
            "insert into indicators.indicator_model values (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                path.stem,
                [
                    indicator
                    for indicator, numerator in declared
                    if numerator in declarable_measures
                ],
                sorted({feed for grain in grains for feed in grain.feeds}),
                json.dumps(described),
                sql,
                hashlib.sha256(sql.encode()).hexdigest(),
                code_version,
                built_at.replace(tzinfo=None),
            ],
        )
