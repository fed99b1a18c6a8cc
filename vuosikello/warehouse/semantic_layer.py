"""Asking the semantic layer: a metric by dimensions, in the published warehouse.

The semantic models and metrics stand beside the dbt models (`dbt_project/models/semantic`).
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

if TYPE_CHECKING:
    from metricflow.engine.metricflow_engine import MetricFlowEngine

TIMES = ("day", "week", "month", "quarter", "year")
_TIME = "metric_time"
# How a day that stands for a period is shown.
_SHOWN = {"month": "%Y-%m", "year": "%Y"}


class QuestionProblem(Exception):
    """A question cannot be asked; the text says why and what can be asked instead."""


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
    """

    columns: list[str]
    rows: list[tuple[Any, ...]]
    sql: str


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
            where: `dimension=value`, all of which must hold; a period is written 2019 or 2019-03.

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
        """
        self._check(metrics)
        sql = self.sql(metrics, by, where)
        try:
            with duckdb.connect(str(warehouse), read_only=True) as connection:
                rows = connection.execute(sql).fetchall()
        except duckdb.CatalogException as error:
            raise QuestionProblem(
                f"{warehouse} was built by another version of the project. Build it again: "
                "vuosikello build"
            ) from error
        shown = [(*map(_shown, by, row), *row[len(by) :]) for row in rows]
        return Answer([*by, *metrics], shown, sql)

    def _check(self, metrics: Iterable[str]) -> None:
        for name in metrics:
            if name not in self.metrics:
                raise QuestionProblem(
                    f"There is no metric {name}. There are: {', '.join(self.metrics)}."
                )

    def _full_name(self, name: str, metrics: Sequence[str]) -> str:
        if name in TIMES:
            return f"{_TIME}__{name}"
        dimensions = self.dimensions(metrics)
        fitting = [one for one in dimensions if one == name] or [
            one for one in dimensions if one.split("__")[-1] == name
        ]
        if len(fitting) == 1:
            return fitting[0]
        choice = fitting or [*TIMES, *dimensions]
        verb = "is not the name of one" if fitting else "divides none of these metrics"
        raise QuestionProblem(f"{name} {verb}. Choose from: {', '.join(choice)}.")

    def _condition(self, text: str, metrics: Sequence[str]) -> str:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not sign or not name or not value or "{" in value or "}" in value:
            raise QuestionProblem(f"Write a condition as dimension=value, not {text}.")
        quoted = "'" + value.replace("'", "''") + "'"
        if name in TIMES:
            first_day = f"{value}-01-01"[:10] if len(value) != 7 else f"{value}-01"
            try:
                date.fromisoformat(first_day)
            except ValueError:
                raise QuestionProblem(f"Write a period as 2019 or 2019-03, not {value}.") from None
            return f"{{{{ TimeDimension('{_TIME}', '{name}') }}}} = '{first_day}'"
        full_name = self._full_name(name, metrics)
        kind = "Dimension" if "__" in full_name else "Entity"
        return f"{{{{ {kind}('{full_name}') }}}} = {quoted}"


def _shown(column: str, value: Any) -> Any:
    """Show a day that stands for a period as that period."""
    if isinstance(value, datetime | date) and column in TIMES:
        return value.strftime(_SHOWN.get(column, "%Y-%m-%d"))
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
