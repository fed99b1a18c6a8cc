"""A home with a warehouse and a readiness result small enough to write by hand."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import duckdb

from common.home import Home
from expectations.build_info import build_info_of
from expectations.reporting_calendar import window_of
from expectations.results import ExpectationResult, Failure, Severity, SuiteResult

YEAR = 2026
OPEN = datetime(2027, 2, 2, 8, 0, tzinfo=UTC)
DUE = date(2027, 1, 31)
BUILT = datetime(2027, 2, 1, 22, 10, tzinfo=UTC)
NEWEST = datetime(2027, 1, 30, 9, 0, tzinfo=UTC)


def publish_warehouse(
    home: Path,
    *,
    newest: str = "SUBMISSION-1",
    newest_at: datetime = NEWEST,
    known_at: datetime | None = None,
    built_at: datetime = BUILT,
    project_hash: str = "models 1",
    submissions: int = 3,
) -> None:
    """Put a warehouse in place of the published one that tells what it knows, and nothing else."""
    aside = home / "aside.duckdb"
    aside.write_bytes(
        _warehouse(newest, newest_at, known_at or newest_at, built_at, project_hash, submissions)
    )
    aside.replace(Home(home).warehouse)


@cache
def _warehouse(
    newest: str,
    newest_at: datetime,
    known_at: datetime,
    built_at: datetime,
    project_hash: str,
    submissions: int,
) -> bytes:
    """Return the bytes of a warehouse: it is made once for many tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "warehouse.duckdb")
        with duckdb.connect(str(path)) as connection:
            connection.execute("CREATE SCHEMA staging")
            connection.execute(
                "CREATE TABLE staging.stg_submissions AS SELECT * FROM range(?) AS t(submission_id)",
                [submissions],
            )
            connection.execute(
                "CREATE TABLE staging.build_info AS SELECT ?::TIMESTAMP AS built_at, "
                "?::DATE AS built_on, ? AS project_hash, ? AS newest_submission_id, "
                "?::TIMESTAMP AS newest_received_at, ?::TIMESTAMP AS newest_known_at",
                [
                    built_at.replace(tzinfo=None),
                    built_at.date(),
                    project_hash,
                    newest,
                    newest_at.replace(tzinfo=None),
                    known_at.replace(tzinfo=None),
                ],
            )
        return path.read_bytes()


def failure(
    expectation: str = "submitted.contacts",
    organisation: str | None = "hva-20",
    feed: str | None = "contacts",
    period: str | None = "2026",
    severity: Severity = Severity.CRITICAL,
    observed: float | int | str | None = 12,
    **details: float | int | str | None,
) -> Failure:
    """A failure of the readiness suite as the checks make it."""
    return Failure(
        suite="readiness",
        expectation=expectation,
        title=f"{expectation} holds",
        organisation=organisation,
        feed=feed,
        period=period,
        observed=observed,
        message=f"{organisation} has something to mend in {feed}. Ask it to mend it.",
        severity=severity,
        details=details,
    )


def judge(
    home: Path,
    *failures: Failure,
    on: date = DUE,
    year: int = YEAR,
    holding: tuple[str, ...] = ("submitted.plans", "covered.plans"),
) -> SuiteResult:
    """Write the readiness result that a validation of the published warehouse would leave."""
    folder = home / "docs" / "validation" / "readiness"
    folder.mkdir(parents=True, exist_ok=True)
    broken = {one.expectation: one for one in failures}
    expectations = [
        ExpectationResult(
            expectation=one.expectation,
            table="readiness",
            title=one.title,
            severity=one.severity,
            success=False,
            failures=sum(other.expectation == one.expectation for other in failures),
        )
        for one in broken.values()
    ] + [
        ExpectationResult(
            expectation=name,
            table="readiness",
            title=f"{name} holds",
            severity=Severity.CRITICAL,
            success=True,
            failures=0,
        )
        for name in holding
    ]
    failed = sum(one.severity is Severity.CRITICAL for one in broken.values())
    result = SuiteResult(
        suite="readiness",
        success=failed == 0,
        evaluated=len(expectations),
        failed=failed,
        warned=len(broken) - failed,
        year=year,
        validated_at=datetime(2027, 2, 2, 5, 0, tzinfo=UTC),
        seconds=1.0,
        expectations=expectations,
        failures=list(failures),
        docs=folder,
        results=folder / "results.json",
        on=on,
        window=window_of(year),
        knowledge=build_info_of(Home(home).warehouse),
    )
    result.results.write_text(result.model_dump_json(), encoding="utf-8")
    return result
