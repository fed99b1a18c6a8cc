"""Expectations: is what lies in the lake and the warehouse what it should be?

Three suites of Great Expectations, as code and evaluated by push-down SQL on the published
DuckDB file, which is only ever read: ``feeds`` (what the contracts promise holds for the rows in
the lake), ``warehouse`` (the indicators are numbers that can be true together) and ``readiness``
(may a year be reported). The room knows the contracts and the warehouse; it must not know how
files are received, how the warehouse is built, or who runs it when.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from expectations.configuration import ConfigurationError
    from expectations.results import (
        ExpectationResult,
        Failure,
        Severity,
        SuiteResult,
        ValidationResult,
    )
    from expectations.suite_runner import SUITES, NoWarehouseError, UnknownSuiteError, validate

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

_HOMES = {
    "ConfigurationError": "configuration",
    "SUITES": "suite_runner",
    "NoWarehouseError": "suite_runner",
    "UnknownSuiteError": "suite_runner",
    "validate": "suite_runner",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for only then: who wants a day of the clock needs no database."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'results')}"), name)
