"""Running the suites: Great Expectations on a DuckDB file, by push-down SQL.

What remains of a run is its Data Docs, its JSON and the page that lists the failures. The warehouse
is only ever read. No table is loaded: each expectation is an aggregate query that DuckDB answers,
and only its failures come back.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from filelock import FileLock
from sqlalchemy import create_engine

from common import clock, files, sql
from common.home import Home
from expectations.build_info import build_info_of
from expectations.configuration import (
    ExpectedFeeds,
    Thresholds,
    load_expected_feeds,
    load_strictness,
    load_thresholds,
)
from expectations.engine import duckdb_dialect
from expectations.engine.catalog import Catalog, read_catalog
from expectations.engine.checks import Check, CheckedRelation
from expectations.pages import data_docs, site
from expectations.reporting_calendar import Window, load_windows
from expectations.results import (
    BuildInfo,
    ExpectationResult,
    Failure,
    Severity,
    SuiteResult,
    ValidationResult,
)
from expectations.suites.feeds import compile_feeds
from expectations.suites.readiness import compile_readiness, reporting_year
from expectations.suites.warehouse import compile_warehouse
from ingest.contracts import Contract, load_contracts

if TYPE_CHECKING:
    from great_expectations.core import (
        ExpectationSuiteValidationResult,
        ExpectationValidationResult,
    )
    from great_expectations.data_context.data_context.ephemeral_data_context import (
        EphemeralDataContext,
    )

SUITES = ("feeds", "warehouse", "readiness")
RESULTS = "results.json"
_LOCK = ".lock"


class NoWarehouseError(Exception):
    """There is no warehouse to validate; the text says how to get one."""


class UnknownSuiteError(Exception):
    """There is no suite of that name; the text names those there are."""


def validate(
    home: Path,
    suite: str | None = None,
    year: int | None = None,
    *,
    on: date | None = None,
    warehouse: Path | None = None,
    thresholds: Path | None = None,
    strictness: Path | None = None,
    expected_feeds: Path | None = None,
) -> ValidationResult:
    """Validate a warehouse and write Data Docs and results under ``<home>/docs/validation``.

    Args:
        home: the installation.
        suite: ``feeds``, ``warehouse`` or ``readiness``; all of them where it is None.
        year: the reporting year of the readiness suite; where it is None, the year being collected
            on the day that the warehouse was built on.
        on: the day whose strictness the readiness suite has; today by default.
        warehouse: the DuckDB file to validate; the published one by default. It is only read.
        thresholds: a file in place of this room's `thresholds.yaml`.
        strictness: a file in place of this room's `strictness.yaml`.
        expected_feeds: a file in place of this room's `expected_feeds.yaml`.

    Returns:
        What each suite found. A failing check is a result, never an exception.

    Raises:
        NoWarehouseError: there is no such file, or it was not built by this project.
        UnknownSuiteError: there is no suite of that name.
        ConfigurationError: a configuration file cannot be used.
        WindowError: the reporting windows cannot be used.
    """
    if suite is not None and suite not in SUITES:
        raise UnknownSuiteError(f"there is no suite {suite!r}: choose {', '.join(SUITES)}")
    warehouse = warehouse or Home(home).warehouse
    if not warehouse.is_file():
        raise NoWarehouseError(
            f"there is no warehouse at {warehouse}: run `vuosikello build` first"
        )
    contracts = load_contracts()
    limits = load_thresholds(thresholds)
    expected = load_expected_feeds(expected_feeds, feeds=contracts)
    # What the file knows is read before the file is judged: if another takes its place meanwhile,
    # the result is taken for one of the older, and validated again before anyone signs it.
    knowledge = build_info_of(warehouse)
    catalog = _catalog(warehouse)
    docs = Home(home).validation
    results = {}
    for name in SUITES if suite is None else (suite,):
        asked, window, day, strict = None, None, None, limits
        if name == "readiness":
            asked = year or reporting_year(
                catalog.built_on or clock.today(), catalog.collection_begins
            )
            window, day = load_windows().get(asked), on or clock.today()
            if window is not None:
                strict = limits.on(load_strictness(strictness), window.days_left(day))
        relations = _compile(name, asked or 0, contracts, catalog, strict, expected, window)
        results[name] = run_suite(
            name,
            relations,
            warehouse,
            docs,
            year=asked,
            on=day,
            window=window,
            knowledge=knowledge,
        )
    with FileLock(docs / _LOCK):
        # Two suites may run at the same time: whoever comes last sees the results of both.
        index = site.write_index(docs, SUITES, RESULTS)
    return ValidationResult(warehouse=warehouse, suites=results, docs=index)


def run_suite(
    suite: str,
    relations: Iterable[CheckedRelation],
    warehouse: Path,
    docs: Path,
    year: int | None = None,
    *,
    on: date | None = None,
    window: Window | None = None,
    knowledge: BuildInfo | None = None,
) -> SuiteResult:
    """Run one suite and put its Data Docs and results in place of the last ones.

    Args:
        suite: its name, and that of its folder.
        relations: what to check; relations without checks are passed over.
        warehouse: an existing DuckDB file.
        docs: the folder that holds one folder for each suite.
        year: the reporting year, where the suite is about one.
        on: the day whose strictness the relations were compiled with, where they were.
        window: the days of the year, where there are any.
        knowledge: what the warehouse knew, where it has a record of it.
    """
    began = time.perf_counter()
    listed = [relation for relation in relations if relation.checks]
    folder = docs / suite
    evaluated = _evaluate(listed, warehouse) if listed else []
    sections = {relation.name: data_docs.sections(outcomes) for relation, outcomes in evaluated}
    result = _suite_result(suite, evaluated, folder, year, time.perf_counter() - began).model_copy(
        update={"on": on, "window": window, "knowledge": knowledge}
    )
    docs.mkdir(parents=True, exist_ok=True)
    building = Path(mkdtemp(prefix=f".{suite}-", dir=docs))
    try:
        (building / RESULTS).write_text(
            json.dumps(result.model_dump(mode="json"), ensure_ascii=False, indent=1),
            encoding="utf-8",
        )
        site.write_suite(building, result, sections)
        with FileLock(docs / _LOCK):
            files.replace_folder(folder, building)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return result


def _compile(
    suite: str,
    year: int,
    contracts: Mapping[str, Contract],
    catalog: Catalog,
    thresholds: Thresholds,
    expected: ExpectedFeeds,
    window: Window | None,
) -> tuple[CheckedRelation, ...]:
    match suite:
        case "feeds":
            return compile_feeds(contracts, catalog, thresholds)
        case "warehouse":
            return compile_warehouse(contracts, catalog, thresholds)
        case _:
            return compile_readiness(year, contracts, expected, catalog, thresholds, window)


def _catalog(warehouse: Path) -> Catalog:
    duckdb_dialect.register()
    engine = create_engine(
        duckdb_dialect.URL, connect_args=duckdb_dialect.connect_arguments(warehouse)
    )
    try:
        with engine.connect() as connection:
            catalog = read_catalog(connection)
    finally:
        engine.dispose()
    if not catalog.has("staging", "stg_current_submissions") or not catalog.has(
        "marts", "fct_coverage"
    ):
        raise NoWarehouseError(
            f"{warehouse} holds no built warehouse: run `vuosikello build` first"
        )
    return catalog


_Evaluated = tuple[CheckedRelation, "ExpectationSuiteValidationResult"]


def _evaluate(relations: list[CheckedRelation], warehouse: Path) -> list[_Evaluated]:
    """Run the checks of each relation as one Great Expectations suite on one batch.

    The suites run in a context that lives as long as this call, without stores and checkpoints:
    those would serialise every expectation several times over and keep results that are never read.
    """
    context = _context()
    # Great Expectations is slow to import; only a run needs it.
    import great_expectations as gx
    from great_expectations.expectations.metadata_types import FailureSeverity

    from expectations.engine.no_failures import ExpectNoFailures

    source = context.data_sources.add_sql(
        "warehouse",
        connection_string=duckdb_dialect.URL,
        kwargs={"connect_args": duckdb_dialect.connect_arguments(warehouse)},  # type: ignore[call-arg]
    )
    evaluated = []
    try:
        for relation in relations:
            asset = source.add_query_asset(
                relation.name,
                query=f"SELECT * FROM {sql.identifier(relation.schema, relation.relation)}",
            )
            batch = asset.add_batch_definition_whole_table("all rows").get_batch()
            suite = gx.ExpectationSuite(
                name=relation.name,
                expectations=[
                    ExpectNoFailures(
                        query=check.query,
                        check=check.id,
                        title=check.title,
                        message=check.message,
                        rows=check.rows,
                        column=check.column,
                        notes=[check.meaning],
                        severity=FailureSeverity(check.severity.value),
                        meta={"check": check.id},
                    )
                    for check in relation.checks
                ],
            )
            evaluated.append(
                (relation, batch.validate(suite, result_format={"result_format": "COMPLETE"}))
            )
    finally:
        # An open warehouse file would outlive its replacement in a process that lives long.
        source.get_engine().dispose()
        source.get_execution_engine().engine.dispose()
    return evaluated


def _context() -> EphemeralDataContext:
    """Open a context that asks nothing, sends nothing and prints nothing."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    for name in ("great_expectations", "great_expectations._docs_decorators"):
        logging.getLogger(name).setLevel(logging.ERROR)
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    # Without a docs site of its own: it would leave an empty folder behind at every run.
    settings = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )
    return gx.get_context(project_config=settings, mode="ephemeral")


def _suite_result(
    suite: str, evaluated: list[_Evaluated], folder: Path, year: int | None, seconds: float
) -> SuiteResult:
    expectations: list[ExpectationResult] = []
    failures: list[Failure] = []
    for relation, outcomes in evaluated:
        by_check = {
            outcome.expectation_config.meta["check"]: outcome
            for outcome in outcomes.results
            if outcome.expectation_config is not None and outcome.expectation_config.meta
        }
        for check in relation.checks:
            outcome = by_check[check.id]
            found = _failures(suite, check, outcome)
            failures += found
            expectations.append(
                ExpectationResult(
                    expectation=check.id,
                    table=relation.name,
                    title=check.title,
                    severity=check.severity,
                    success=bool(outcome.success),
                    failures=len(found),
                )
            )
    failed = [expectation for expectation in expectations if not expectation.success]
    critical = sum(expectation.severity is Severity.CRITICAL for expectation in failed)
    return SuiteResult(
        suite=suite,
        success=critical == 0,
        evaluated=len(expectations),
        failed=critical,
        warned=len(failed) - critical,
        year=year,
        validated_at=clock.now(),
        seconds=round(seconds, 2),
        expectations=expectations,
        failures=failures,
        docs=folder,
        results=folder / RESULTS,
    )


def _failures(suite: str, check: Check, outcome: ExpectationValidationResult) -> list[Failure]:
    if outcome.success:
        return []

    def failure(found: Mapping[str, Any]) -> Failure:
        return Failure(
            suite=suite,
            expectation=check.id,
            title=check.title,
            severity=check.severity,
            **found,
        )

    if (outcome.exception_info or {}).get("exception_message") or not outcome.result:
        return [
            failure(
                {
                    "organisation": None,
                    "feed": None,
                    "period": None,
                    "observed": None,
                    "message": (
                        f"The check {check.id} could not be evaluated, so nothing is known of it. "
                        "Build the warehouse again; if it stays, its query and the warehouse do "
                        "not fit together."
                    ),
                }
            )
        ]
    return [failure(found) for found in outcome.result["details"]["failures"]]
