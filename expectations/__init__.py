"""Expectations: is what lies in the lake and the warehouse what it should be?

Three suites of Great Expectations, as code and evaluated by push-down SQL on the published
DuckDB file, which is only ever read: ``feeds`` (what the contracts promise holds for the rows in
the lake), ``warehouse`` (the indicators are numbers that can be true together) and ``readiness``
(may a year be reported). The room knows the contracts and the warehouse; it must not know how
files are received, how the warehouse is built, or who runs it when.
"""

from __future__ import annotations

from expectations.configuration import ConfigurationError
from expectations.results import (
    ExpectationResult,
    Failure,
    Severity,
    SuiteResult,
    ValidationResult,
)
from expectations.running import SUITES, NoWarehouseError, UnknownSuiteError, validate

__all__ = [
    "SUITES",
    "ConfigurationError",
    "ExpectationResult",
    "Failure",
    "NoWarehouseError",
    "Severity",
    "SuiteResult",
    "UnknownSuiteError",
    "ValidationResult",
    "validate",
]
