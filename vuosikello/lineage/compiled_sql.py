"""The models of indicators and the declarations, as a warehouse keeps them.

A build keeps the compiled SQL of the models (:mod:`vuosikello.warehouse.indicator_models`). In that
SQL each fact's rows are in a CTE ``<grain>_rows`` before they are rolled up; the SQL up to there is
what :mod:`vuosikello.lineage.value_rows` restricts to the rows of one value. So a definition exists
in one place only, and a model that is added can be explained without a change here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import duckdb

from vuosikello.warehouse.indicator_models import PEOPLE, Grain


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
    persons_kind: str | None
    events: str | None
    breakdowns: tuple[str, ...]
    breakdown_rule: str
    areas: tuple[str, ...]
    period_types: tuple[str, ...]

    def measures(self) -> dict[str, str]:
        """The measure of each role of the value: numerator, denominator, persons, events.

        People who are counted and not identified are no persons of a value.
        """
        is_identified = self.persons_kind != "contacted"
        roles = {
            "numerator": self.numerator,
            "denominator": self.denominator,
            "persons": self.persons and is_identified and f"{self.persons}{PEOPLE}",
            "events": self.events,
        }
        return {role: measure for role, measure in roles.items() if measure}


@dataclass(frozen=True, slots=True)
class ValueKey:
    """Which value of an indicator: area, period and breakdown."""

    area_type: str
    area: str
    period_type: str
    period: str
    breakdown: str = "none"
    breakdown_value: str = "all"


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


def _steps_to(sql: str, needed: set[str]) -> str:
    """Return a query up to the end of the last of some CTEs.

    DuckDB's own tokenizer finds it, so that words in texts and comments are not mistaken for it.

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
