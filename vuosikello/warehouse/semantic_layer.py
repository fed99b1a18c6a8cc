"""The semantic layer: metrics by dimensions, from the published warehouse.

The semantic models and metrics are beside the dbt models (`dbt_project/models/semantic`).
MetricFlow, the engine of dbt's semantic layer, writes the SQL; DuckDB answers it, read-only. What a
metric means is declared there and nowhere here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from common.sql import literal
from vuosikello.warehouse.code_lists import codes_of, unknown_code
from vuosikello.warehouse.period_names import PERIOD_TYPES, first_day, period_name

if TYPE_CHECKING:
    from metricflow.engine.metricflow_engine import MetricFlowEngine

_TIME = "metric_time"


class QuestionProblem(Exception):
    """A question cannot be asked; the text says why and what can be asked instead."""


class UnknownValue(QuestionProblem):
    """A condition names a value that its dimension does not have; the text names close ones."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric that can be asked for.

    Attributes:
        name: its name in a question.
        label: what it is called.
        description: what it counts, in words.
        indicator: the indicator whose number it is, where it is one's.
        side: the column of `indicator_values` that it equals.
        breakdown: the indicator's breakdown that a dimension of it answers.
    """

    name: str
    label: str
    description: str
    indicator: str | None
    side: str | None
    breakdown: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the warehouse answers.

    Attributes:
        columns: the dimensions as they were asked for, then the metrics.
        rows: the answer, ordered by the dimensions.
        sql: the query that MetricFlow wrote.
        missing: why there are no numbers, in a sentence; None where there are.
    """

    columns: list[str]
    rows: list[tuple[Any, ...]]
    sql: str
    missing: str | None = None


class SemanticLayer:
    """The metrics of a project.

    Args:
        manifest: dbt's semantic manifest (JSON).
    """

    def __init__(self, manifest: str) -> None:
        self._manifest = manifest

    @cached_property
    def _engine(self) -> MetricFlowEngine:
        # Slow to import; only a question needs it.
        from metricflow.engine.metricflow_engine import MetricFlowEngine
        from metricflow_semantics.model.dbt_manifest_parser import (
            parse_manifest_from_dbt_generated_manifest,
        )
        from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

        manifest = parse_manifest_from_dbt_generated_manifest(self._manifest)
        return MetricFlowEngine(SemanticManifestLookup(manifest), _dialect())  # type: ignore[arg-type]

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """The metrics by name."""
        found = {}
        for metric in self._engine.list_metrics(include_dimensions=False):
            meta = metric.config.meta if metric.config else {}
            found[metric.name] = Metric(
                name=metric.name,
                label=metric.label or metric.name,
                description=metric.description or "",
                indicator=meta.get("indicator"),
                side=meta.get("side", "value") if "indicator" in meta else None,
                breakdown=meta.get("breakdown"),
            )
        return dict(sorted(found.items()))

    def dimensions(self, metrics: Sequence[str]) -> list[str]:
        """Return what these metrics can all be divided by, beside the periods of time.

        Raises:
            QuestionProblem: there is no such metric.
        """
        self._check(metrics)
        found = self._engine.list_group_bys(list(metrics))
        # Dates are asked for by their periods, whatever each fact calls its own.
        return sorted(
            {
                getattr(one, "dunder_name", one.name)
                for one in found
                if getattr(one, "type", None) is None or one.type.value != "time"
            }
        )

    def short_dimensions(self, metrics: Sequence[str]) -> list[str]:
        """Return the dimensions by the shortest names that a question may call them by."""
        dimensions = self.dimensions(metrics)
        last_parts = Counter(name.split("__")[-1] for name in dimensions)
        return [
            part if last_parts[part] == 1 else name
            for name, part in ((name, name.split("__")[-1]) for name in dimensions)
        ]

    def sql(self, metrics: Sequence[str], by: Sequence[str] = (), where: Iterable[str] = ()) -> str:
        """Return the query that answers a question.

        Args:
            metrics: names of metrics.
            by: periods (`year`, `month`) and dimensions, by full name or, where only one has it,
                by its last part (`nature` for `visit__nature`).
            where: `dimension=value`, all of which must hold; a period is written 2019, 2019-Q1,
                2019-03 or 2019-W05.

        Raises:
            QuestionProblem: a metric or dimension does not exist, or they do not go together.
        """
        from metricflow.engine.metricflow_engine import (
            MetricFlowQueryRequest,
            OutputColumnOrderMode,
        )

        names = [self._full_name(one, metrics) for one in by]
        request = MetricFlowQueryRequest.create(
            metric_names=list(metrics),
            group_by_names=names,
            where_constraints=[self._condition(one, metrics) for one in where],
            order_by_names=names,
            output_column_order_mode=OutputColumnOrderMode.INPUT_ORDER,
        )
        return self._engine.explain(request).sql_statement.without_descriptions.sql

    def ask(
        self,
        warehouse: Path,
        metrics: Sequence[str],
        by: Sequence[str] = (),
        where: Iterable[str] = (),
    ) -> Answer:
        """Ask a published warehouse for metrics by dimensions.

        Args:
            warehouse: the DuckDB file; it is only read.
            metrics: names of metrics.
            by: as for :meth:`sql`.
            where: as for :meth:`sql`.

        Raises:
            QuestionProblem: a metric or dimension does not exist, they do not go together, or the
                warehouse was built without what they are asked of.
            UnknownValue: a condition names a value that its dimension does not have.
        """
        self._check(metrics)
        conditions = list(where)
        sql = self.sql(metrics, by, conditions)
        try:
            with duckdb.connect(str(warehouse), read_only=True) as connection:
                for condition in conditions:
                    self._check_value(connection, condition, metrics)
                rows = connection.execute(sql).fetchall()
        except duckdb.CatalogException as error:
            raise QuestionProblem(
                f"{warehouse} was built by another version of the project. Build it again: "
                "vuosikello build"
            ) from error
        named = [(*map(_period_or_value, by, row), *row[len(by) :]) for row in rows]
        missing = None
        if all(value is None for row in rows for value in row[len(by) :]):
            missing = _why_missing(conditions)
        return Answer([*by, *metrics], named, sql, missing)

    def _check(self, metrics: Iterable[str]) -> None:
        for name in metrics:
            if name not in self.metrics:
                raise QuestionProblem(
                    f"There is no metric {name}. There are: {', '.join(self.metrics)}."
                )

    def _full_name(self, name: str, metrics: Sequence[str]) -> str:
        if name in PERIOD_TYPES:
            return f"{_TIME}__{name}"
        dimensions = self.dimensions(metrics)
        fitting = [one for one in dimensions if one == name] or [
            one for one in dimensions if one.split("__")[-1] == name
        ]
        if len(fitting) == 1:
            return fitting[0]
        choice = fitting or [*PERIOD_TYPES, *dimensions]
        verb = "is not the name of one" if fitting else "divides none of these metrics"
        raise QuestionProblem(f"{name} {verb}. Choose from: {', '.join(choice)}.")

    def _condition(self, condition: str, metrics: Sequence[str]) -> str:
        name, value = _name_and_value(condition)
        if name in PERIOD_TYPES:
            try:
                day = first_day(value, name)
            except ValueError as problem:
                raise QuestionProblem(str(problem)) from None
            return f"{{{{ TimeDimension('{_TIME}', '{name}') }}}} = '{day}'"
        full_name = self._full_name(name, metrics)
        kind = "Dimension" if "__" in full_name else "Entity"
        return f"{{{{ {kind}('{full_name}') }}}} = {literal(value)}"

    def _check_value(
        self, connection: duckdb.DuckDBPyConnection, condition: str, metrics: Sequence[str]
    ) -> None:
        """Refuse a value that is neither in the dimension's code list nor in its rows."""
        name, value = _name_and_value(condition)
        if name in PERIOD_TYPES:
            return
        full_name = self._full_name(name, metrics)
        codes = codes_of(connection, full_name.split("__")[-1])
        if value in codes:
            return
        present: list[Any] = []
        if "__" in full_name:  # an entity has no values beside its code list
            query = self._engine.explain_get_dimension_values(
                metric_names=list(metrics), get_group_by_values=full_name
            ).sql_statement.without_descriptions.sql
            rows = connection.execute(query).fetchall()
            present = [value for (value,) in rows if value is not None]
        if present and all(isinstance(one, bool) for one in present):
            codes = {"yes": (), "no": ()}
            if value.lower() in (*codes, "true", "false"):
                return
        elif value in (texts := [str(one) for one in present]):
            return
        else:
            codes = dict.fromkeys(texts, ()) | codes
        raise UnknownValue(unknown_code(name, value, codes))


def _name_and_value(condition: str) -> tuple[str, str]:
    name, sign, value = (part.strip() for part in condition.partition("="))
    if not sign or not name or not value or "{" in value or "}" in value:
        raise QuestionProblem(f"Write a condition as dimension=value, not {condition}.")
    return name, value


def _why_missing(conditions: Sequence[str]) -> str:
    where = f" where {' and '.join(conditions)}" if conditions else ""
    codes = [one for one in conditions if _name_and_value(one)[0] not in PERIOD_TYPES]
    known = f" {' and '.join(codes)} is correctly spelled." if codes else ""
    return f"There are no numbers{where}: no row that was submitted is counted there.{known}"


def _period_or_value(column: str, value: Any) -> Any:
    """Name the period that a day stands for; other values stay as they are."""
    if isinstance(value, datetime | date) and column in PERIOD_TYPES:
        return period_name(value, column)
    return value


def _dialect() -> object:
    """What MetricFlow must know of the engine; it writes SQL for it and never runs any."""
    from metricflow.protocols.sql_client import SqlEngine
    from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer

    @dataclass(frozen=True)
    class DuckDB:
        sql_engine_type: SqlEngine = SqlEngine.DUCKDB
        sql_plan_renderer: DuckDbSqlPlanRenderer = DuckDbSqlPlanRenderer()  # noqa: RUF009

    return DuckDB()
