"""Failures of the validation: counted by check, not listed one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from expectations.results import Failure, Severity, SuiteResult, ValidationResult
from vuosikello.cli.output import streams
from vuosikello.cli.output.validation import show_validation


def failure(check: str, organisation: str, severity: Severity) -> Failure:
    return Failure(
        suite="readiness",
        expectation=f"submitted.{check}",
        title=f"Every organisation has submitted {check}",
        organisation=organisation,
        feed=check,
        period="2019",
        observed=12,
        message=f"{organisation} has submitted no {check} for 2019.",
        severity=severity,
    )


@pytest.fixture
def result() -> ValidationResult:
    failures = [
        failure(f"feed_{check:02}", f"org-{organisation}", severity)
        for severity, checks in (
            (Severity("warning"), range(3)),
            (Severity("critical"), range(3, 9)),
        )
        for check in checks
        for organisation in range(40)
    ]
    suite = SuiteResult(
        suite="readiness",
        success=False,
        evaluated=136,
        failed=6,
        warned=3,
        year=2019,
        validated_at=datetime(2026, 1, 1, tzinfo=UTC),
        seconds=1,
        expectations=[],
        failures=failures,
        docs=Path("docs/readiness"),
        results=Path("docs/readiness/results.json"),
    )
    return ValidationResult(
        warehouse=Path("warehouse.duckdb"), suites={"readiness": suite}, docs=Path("docs")
    )


def test_hundreds_of_failures_are_a_table_with_counts(
    result: ValidationResult, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The width of the environment is read once, when the first test loads the module.
    monkeypatch.setattr(streams.out, "_width", 100)
    show_validation(result)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) < 40
    rows = [line for line in lines if "Every organisation has submitted" in line]
    assert len(rows) == 9
    assert all(" 40 " in row and "and 37 more" in row for row in rows)
    assert "feed_03" in rows[0]
    assert "feed_02" in rows[-1]
    assert any("360 failures of 9 checks" in line for line in lines)
    assert any("org-0 has submitted no feed_03 for 2019." in line for line in lines)
    assert any("354 more failures in the Data Docs and in --json" in line for line in lines)
