"""What a validation says, as plain values that a command, a DAG or a page can use.

Knows nothing of how the checks were made or run.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, computed_field


class Severity(StrEnum):
    """How grave a failing expectation is.

    ``critical`` stops a suite from succeeding; ``warning`` is for a person to look into; ``info``
    is worth knowing and asks for nothing.
    """

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Failure(BaseModel):
    """One thing that is not as expected, in one organisation, feed and period.

    ``organisation`` is the submitter or, for a value of a wider area, ``<area_type>:<area>``.
    ``observed`` is what was counted or measured, in the unit that ``message`` names. ``message``
    says what is wrong and what to do; it never holds a value from the data's rows.
    """

    model_config = ConfigDict(frozen=True)

    suite: str
    expectation: str
    title: str
    organisation: str | None
    feed: str | None
    period: str | None
    indicator: str | None = None
    observed: float | int | str | None
    message: str
    severity: Severity


class ExpectationResult(BaseModel):
    """One expectation and whether it held."""

    model_config = ConfigDict(frozen=True)

    expectation: str
    table: str
    title: str
    severity: Severity
    success: bool
    failures: int


class SuiteResult(BaseModel):
    """One suite: how many expectations were evaluated, and how many did not hold.

    ``failed`` counts the critical ones, ``warned`` the others; a suite succeeds when none failed.
    ``year`` is the reporting year of a readiness suite. ``docs`` is the folder of its Data Docs,
    ``results`` the JSON file of this very object and its failures.
    """

    model_config = ConfigDict(frozen=True)

    suite: str
    success: bool
    evaluated: int
    failed: int
    warned: int
    year: int | None
    validated_at: datetime
    seconds: float
    expectations: list[ExpectationResult]
    failures: list[Failure]
    docs: Path
    results: Path


class ValidationResult(BaseModel):
    """What one run of the validation says; ``docs`` is the page for people to read."""

    model_config = ConfigDict(frozen=True)

    warehouse: Path
    suites: dict[str, SuiteResult]
    docs: Path

    @computed_field  # type: ignore[prop-decorator]
    @property
    def success(self) -> bool:
        """Whether no critical expectation failed in any suite."""
        return all(suite.success for suite in self.suites.values())

    @property
    def failures(self) -> list[Failure]:
        """All failures of all suites, in the order of the suites."""
        return [failure for suite in self.suites.values() for failure in suite.failures]
