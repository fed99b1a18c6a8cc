"""What a validation says, as plain values that a command, a DAG or a page can use.

Knows nothing of how the checks were made or run.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, computed_field

from expectations.reporting_calendar import Window


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
    says what is wrong and what to do; it never holds a value from the data's rows. ``details`` are
    the numbers and names that it is worded with, for who words it in another language.
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
    details: dict[str, float | int | str | None] = {}


class BuildInfo(BaseModel):
    """Which submissions a warehouse was built from, and when.

    ``newest_submission_id`` is the submission received last of those it knows, and
    ``newest_received_at`` when that was (UTC); ``newest_known_at`` is when the last of them could
    first be known: its receiving had ended. ``submissions`` is how many it knows. ``built_on`` is
    the day on which its periods under way end, ``project_hash`` the models it was built from.
    """

    model_config = ConfigDict(frozen=True)

    built_at: datetime
    built_on: date
    project_hash: str
    newest_submission_id: str | None
    newest_received_at: datetime | None
    newest_known_at: datetime | None = None
    submissions: int

    def has_same_data(self, other: BuildInfo, year: int) -> bool:
        """Whether two warehouses hold the same of a reporting year.

        A year that was over when both were built does not change with the day of the build.
        """
        over = date(year + 1, 1, 1)
        return (
            self.project_hash == other.project_hash
            and self.newest_submission_id == other.newest_submission_id
            and self.newest_known_at == other.newest_known_at
            and self.submissions == other.submissions
            and min(self.built_on, over) == min(other.built_on, over)
        )


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
    ``docs`` is the folder of its Data Docs, ``results`` the JSON file of this very object and its
    failures. ``knowledge`` is what the warehouse knew, None where it has no record. A readiness
    suite is about a reporting ``year`` with its ``window``, and as strict as on the day ``on``;
    where there is no window for the year, as strict as can be.
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
    on: date | None = None
    window: Window | None = None
    knowledge: BuildInfo | None = None

    @property
    def is_fully_strict(self) -> bool:
        """Whether it was as strict as it is when the collection is due."""
        return self.window is None or (self.on is not None and self.on >= self.window.due)


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
