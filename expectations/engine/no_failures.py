"""The one Great Expectations expectation of this room: a query finds nothing to complain about.

A check's query returns one row for each failure with its organisation, feed and period; the
expectation holds when none of them is the check's own. The query is a metric, so checks that share
a query share its one run. Only the SQLAlchemy engine has the metric: the same expectation cannot
run on data in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import sqlalchemy as sa
from great_expectations.core import ExpectationValidationResult
from great_expectations.execution_engine.execution_engine import ExecutionEngine
from great_expectations.execution_engine.sqlalchemy_execution_engine import (
    SqlAlchemyExecutionEngine,
)
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.metadata_types import FailureSeverity
from great_expectations.expectations.metrics.metric_provider import MetricProvider, metric_value
from great_expectations.render.components import (
    CollapseContent,
    LegacyDiagnosticRendererType,
    LegacyRendererType,
    RenderedStringTemplateContent,
    RenderedTableContent,
)
from great_expectations.render.renderer.renderer import renderer

METRIC = "failures_of_query"
# A page that lists more failures than this cannot be read.
MOST_FAILURES = 1000
# The columns that every failure has; any other column of a query is part of its details.
_IN_EVERY_FAILURE = frozenset(
    ("check", "organisation", "feed", "period", "indicator", "observed", "failures", "advice")
)


class FailuresOfQuery(MetricProvider):
    """The rows that a query returns, at most `MOST_FAILURES` of each check."""

    metric_name = METRIC
    domain_keys = ("batch_id",)
    value_keys = ("query",)

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(
        cls,  # noqa: N805 - the decorator makes it a class method
        execution_engine: SqlAlchemyExecutionEngine,
        metric_value_kwargs: dict[str, Any],
        **_unused: Any,
    ) -> list[dict[str, Any]]:
        # A colon is no parameter here.
        query = metric_value_kwargs["query"].replace(":", "\\:")
        bounded = f"""\
WITH failing AS (
{query}
)
SELECT *, count(*) OVER (PARTITION BY "check") AS failures
FROM failing
QUALIFY row_number() OVER (
    PARTITION BY "check" ORDER BY organisation, feed, period
) <= {MOST_FAILURES}
ORDER BY "check", organisation, feed, period"""
        found = execution_engine.execute_query(sa.text(bounded)).fetchall()
        return [dict(row._mapping) for row in found]


class ExpectNoFailures(BatchExpectation):
    """Expect that a query returns no row of one check.

    Args:
        query: returns one row for each failure, with the columns ``check``, ``organisation``,
            ``feed``, ``period`` and ``observed``.
        check: the id of the check whose rows count.
        column: the column of the batch that the check is about, if it is about one.
        title: what must hold, as a sentence.
        message: the sentence for one failure, with columns of the query in braces.
        rows: a query with which a person can list the rows concerned.
    """

    query: str
    check: str
    title: str
    message: str
    rows: str | None = None
    column: str | None = None

    metric_dependencies: ClassVar[tuple[str, ...]] = (METRIC,)
    success_keys: ClassVar[tuple[str, ...]] = ("query",)
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: ExecutionEngine[Any] | None = None,
    ) -> dict[str, Any]:
        rows = [row for row in metrics[METRIC] if row["check"] == self.check]
        return {
            "success": not rows,
            "result": {
                "observed_value": rows[0]["failures"] if rows else 0,
                "details": {"failures": [failure_of(row, self.message) for row in rows]},
            },
        }

    @classmethod
    @renderer(renderer_type=LegacyRendererType.PRESCRIPTIVE)
    def _prescriptive_renderer(
        cls,
        configuration: ExpectationConfiguration | None = None,
        result: ExpectationValidationResult | None = None,
        runtime_configuration: dict[str, Any] | None = None,
        **_unused: Any,
    ) -> list[RenderedStringTemplateContent]:
        if configuration is None:
            return []
        notes = configuration.notes or []
        texts = [notes] if isinstance(notes, str) else notes
        return [
            _paragraph(configuration.kwargs["title"], "check-title"),
            *(_paragraph(note, "check-note") for note in texts),
            _paragraph(
                f"{configuration.kwargs['check']} · "
                f"{FailureSeverity(configuration.severity).value}",
                "check-id",
            ),
        ]

    @classmethod
    @renderer(renderer_type=LegacyDiagnosticRendererType.STATUS_ICON)
    def _diagnostic_status_icon_renderer(
        cls,
        configuration: ExpectationConfiguration | None = None,
        result: ExpectationValidationResult | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> RenderedStringTemplateContent:
        if result is None or result.success:
            return _paragraph("holds", "check-holds")
        if (result.exception_info or {}).get("raised_exception"):
            return _paragraph("could not be evaluated", "check-fails")
        return _paragraph("fails", "check-fails")

    @classmethod
    @renderer(renderer_type=LegacyDiagnosticRendererType.UNEXPECTED_STATEMENT)
    def _diagnostic_unexpected_statement_renderer(
        cls,
        configuration: ExpectationConfiguration | None = None,
        result: ExpectationValidationResult | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> list[RenderedStringTemplateContent | CollapseContent]:
        return []

    @classmethod
    @renderer(renderer_type=LegacyDiagnosticRendererType.UNEXPECTED_TABLE)
    def _diagnostic_unexpected_table_renderer(
        cls,
        configuration: ExpectationConfiguration | None = None,
        result: ExpectationValidationResult | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> list[RenderedTableContent | CollapseContent] | None:
        failures = _failures(result)
        if result is None or result.expectation_config is None or not failures:
            return None
        table = RenderedTableContent(
            content_block_type="table",
            header_row=["Organisation", "Period", "What is wrong and what to do"],
            table=[
                [failure["organisation"] or "–", failure["period"] or "–", failure["message"]]
                for failure in failures
            ],
            styling={"body": {"classes": ["check-failures"]}},
        )
        rows = result.expectation_config.kwargs.get("rows")
        return [table, *([_query_to_copy(rows)] if rows else [])]

    @classmethod
    @renderer(renderer_type=LegacyDiagnosticRendererType.OBSERVED_VALUE)
    def _diagnostic_observed_value_renderer(
        cls,
        configuration: ExpectationConfiguration | None = None,
        result: ExpectationValidationResult | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> str:
        observed = (result.result or {}).get("observed_value") if result is not None else None
        if observed is None:
            return "not known"
        return "none" if observed == 0 else f"{observed:,} failing"


def failure_of(row: Mapping[str, Any], message: str) -> dict[str, Any]:
    """Turn one row of a check's query into a failure with its sentence.

    Args:
        row: the query's row.
        message: the check's message.

    Returns:
        organisation, feed, period, indicator, observed, message and, under details, what else the
        row holds; all JSON-able.
    """
    values = {name: _written(value) for name, value in row.items()}
    values["period"] = _written(row["period"] or "an unknown period")
    observed = row["observed"]
    details = {name: _plain(value) for name, value in row.items() if name not in _IN_EVERY_FAILURE}
    return {
        "organisation": row["organisation"],
        "feed": row["feed"],
        "period": row["period"],
        "indicator": row.get("indicator"),
        "observed": _plain(observed),
        "message": message.format_map(values),
        "details": details,
    }


def _plain(value: Any) -> float | int | str | None:
    return value if isinstance(value, int | float | str | None) else str(value)


def _written(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    return str(value)


def _failures(result: ExpectationValidationResult | None) -> list[dict[str, Any]]:
    if result is None:
        return []
    return list(((result.result or {}).get("details") or {}).get("failures") or [])


def _query_to_copy(query: str) -> CollapseContent:
    return CollapseContent(
        collapse=[_paragraph(query, "check-rows")], collapse_toggle_link="To list the rows"
    )


def _paragraph(content: str, css_class: str) -> RenderedStringTemplateContent:
    # The text goes in as a parameter: a dollar sign in it is no placeholder.
    return RenderedStringTemplateContent(
        content_block_type="string_template",
        string_template={
            "template": "$content",
            "params": {"content": content},
            "tag": "div",
            "styling": {"default": {}, "classes": [css_class]},
        },
    )
