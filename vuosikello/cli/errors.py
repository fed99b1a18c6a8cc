"""Errors of the command: which there are, what is printed for each, and the exit code.

A person gets a sentence that says what is wrong and what to do, on standard error. With ``--json``
an object with ``error``, ``kind`` and ``hint`` is printed on standard output. No traceback is ever
shown; that of an unexpected error is kept under ``<home>/logs``.
"""

from __future__ import annotations

import errno
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from common import clock
from vuosikello.cli.output import streams

if TYPE_CHECKING:
    from vuosikello.settings import Settings

# What a person can correct: a full disk, one that is only read, a file where a folder should be.
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ENOTDIR)


class Kind(StrEnum):
    """What kind of error stopped a command."""

    USAGE = "usage"
    SETTINGS = "settings"
    NOT_POSSIBLE = "not_possible"
    LOCKED = "locked"
    PERMISSION = "permission"
    DISK = "disk"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """What is printed for an error.

    Attributes:
        kind: what kind of error it is.
        error: what is wrong, in a sentence.
        hint: what to do, where the sentence does not say it.
        exit_code: 1, or 2 for wrong usage and wrong settings.
    """

    kind: Kind
    error: str
    hint: str | None = None
    exit_code: int = 1

    def print(self, *, as_json: bool) -> None:
        """Print it for a person, or as JSON; a personal identity code is masked."""
        # Only an error is worth the time that this import takes.
        from ingest.identity_codes import masked_codes

        error = masked_codes(self.error)
        hint = masked_codes(self.hint) if self.hint else None
        if as_json:
            streams.print_json({"error": error, "kind": self.kind, "hint": hint})
        else:
            streams.error(" ".join(filter(None, (error, hint))))


class CommandError(Exception):
    """A command cannot do what was asked.

    Args:
        text: why.
        hint: what to do.
    """

    def __init__(self, text: str, hint: str | None = None) -> None:
        super().__init__(text)
        self.hint = hint


class SettingsError(Exception):
    """Settings of the environment cannot be used; the text names them."""


def settings_of(home: Path | None) -> Settings:
    """Return the settings of the environment.

    Args:
        home: the home of the command line, which goes before that of the environment.

    Raises:
        SettingsError: a setting cannot be used.
    """
    from pydantic import ValidationError

    from vuosikello.settings import Settings

    try:
        return Settings(home=home) if home else Settings()
    except ValidationError as error:
        names = ", ".join(f"VUOSIKELLO_{str(one['loc'][0]).upper()}" for one in error.errors())
        raise SettingsError(f"These settings cannot be used: {names}.") from None


@contextmanager
def reported(*, as_json: bool, home: Path | None = None) -> Iterator[None]:
    """Print an error that occurs inside and end the command with its exit code.

    What Typer reports itself (wrong usage, an interruption) and a closed pipe pass through.

    Args:
        as_json: whether errors are printed as JSON.
        home: the home of the command line, where the traceback of an unexpected error is kept.
    """
    try:
        yield
    except (typer.Exit, typer.Abort, typer.TyperException, BrokenPipeError):
        raise
    except Exception as error:
        report = report_of(error, home)
        report.print(as_json=as_json)
        raise typer.Exit(report.exit_code) from None


def report_of(error: Exception, home: Path | None = None) -> ErrorReport:
    """Return what to print for an error."""
    from common.database_locks import lock_message

    if isinstance(error, CommandError):
        return ErrorReport(Kind.NOT_POSSIBLE, str(error), error.hint)
    if isinstance(error, SettingsError):
        hint = "Correct them in the environment."
        return ErrorReport(Kind.SETTINGS, str(error), hint, exit_code=2)
    if isinstance(error, PermissionError):
        hint = "Choose another --home, or correct the permissions."
        return ErrorReport(Kind.PERMISSION, f"No permission for {error.filename}.", hint)
    if isinstance(error, OSError) and error.errno in _DISK_ERRORS:
        place = f" ({error.filename})" if error.filename else ""
        hint = "Correct it or choose another --home, and run it again."
        return ErrorReport(Kind.DISK, f"{error.strerror}{place}.", hint)
    if isinstance(error, _errors_of_rooms()):
        return ErrorReport(Kind.NOT_POSSIBLE, str(error))
    if (message := lock_message(error)) is not None:
        return ErrorReport(Kind.LOCKED, message)
    return ErrorReport(
        Kind.UNEXPECTED,
        f"Something unexpected stopped the command ({type(error).__name__}). Nothing half-done "
        "stays behind.",
        f"Run it again. If it stops again, send {_keep_traceback(error, home)} to the developers.",
    )


def _errors_of_rooms() -> tuple[type[Exception], ...]:
    """Return the errors by which the rooms say in a sentence what a person can correct."""
    # Only an error is worth the time that these imports take.
    from expectations.reporting_calendar import WindowError
    from ingest.contracts import ContractError
    from ingest.held import NotHeld
    from ingest.keys import KeyProblem
    from ingest.layout import HomeProblem
    from ingest.withdrawal import NotWithdrawn
    from simulation import SimulationProblem
    from vuosikello.lineage.compiled_sql import NotExplained
    from vuosikello.orchestration.local_airflow import AirflowProblem
    from vuosikello.reporting.release_problem import ReleaseProblem
    from vuosikello.reporting.reminders import ReminderProblem
    from vuosikello.reporting.sign_off import SigningProblem
    from vuosikello.scaffold import CannotBegin
    from vuosikello.warehouse.dbt_docs import ProjectProblem
    from vuosikello.warehouse.semantic_layer import QuestionProblem

    return (
        AirflowProblem,
        CannotBegin,
        ContractError,
        HomeProblem,
        KeyProblem,
        NotExplained,
        NotHeld,
        NotWithdrawn,
        ProjectProblem,
        QuestionProblem,
        ReleaseProblem,
        ReminderProblem,
        SigningProblem,
        SimulationProblem,
        WindowError,
    )


def _keep_traceback(error: Exception, home: Path | None) -> Path:
    """Write the traceback where a developer can find it; local values are not part of it."""
    try:
        folder = settings_of(home).folders.logs
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, SettingsError):  # the home may be what is wrong
        folder = Path(tempfile.mkdtemp(prefix="vuosikello-"))
    path = folder / f"error-{clock.now():%Y%m%dT%H%M%S%f}.txt"
    from ingest.identity_codes import masked_codes

    text = masked_codes("".join(traceback.format_exception(error)))
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    return path
