"""The reminders of a reporting year: a text for each submitter that has something to mend.

Each is ready to send, with its subject, in Finnish, Swedish and English: what is missing, refused,
implausible or late, until when, how a file is named and where it is put, and where the receipt is.
The words are in `reminders.yaml`, the frame in `templates/reminder.txt.j2`. Nothing here sends
anything: who is written to, and from which address, is not for this house to know.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import yaml
from filelock import FileLock
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from common.files import replace_folder
from common.formats import LANGUAGES, Language, format_date, format_number
from common.home import Home
from expectations.pages import site
from expectations.readiness_summary import (
    Kind,
    OrganisationReadiness,
    kind_of,
    readiness_summary_of,
)
from expectations.results import Failure, SuiteResult
from expectations.suite_runner import RESULTS
from ingest import held as held_submissions
from ingest.contracts import CODES, load_contracts, organisations

WORDS = Path(__file__).parent / "reminders.yaml"
TEMPLATES = Path(__file__).parent / "templates"


class ReminderProblem(Exception):
    """There is nothing to write reminders from; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """One organisation's reminder, the same in three languages.

    Attributes:
        organisation: whom it is for.
        points: how many things there are to mend.
        critical: how many of them keep the year from being reported.
        files: the text by language.
    """

    organisation: str
    points: int
    critical: int
    files: dict[str, Path]


@dataclass(frozen=True, slots=True)
class Reminders:
    """The reminders of a year.

    Attributes:
        year: the reporting year.
        on: the day they are of.
        folder: where they lie.
        index: the page that lists them.
        goes_today: whether reminders are to go on that day.
        next_day: the day on which they go next, that day included; None after the last.
        reminders: one for each organisation that has something to mend.
    """

    year: int
    on: date
    folder: Path
    index: Path
    goes_today: bool
    next_day: date | None
    reminders: list[Reminder]


def last_readiness(home: Path, year: int) -> SuiteResult:
    """Return the readiness result of a year.

    Raises:
        ReminderProblem: readiness was judged last for another year, or never.
    """
    path = Home(home).validation / "readiness" / RESULTS
    result = (
        SuiteResult.model_validate_json(path.read_text(encoding="utf-8"))
        if path.is_file()
        else None
    )
    if result is None or result.year != year:
        raise ReminderProblem(
            f"Readiness of {year} has not been judged, or another year's has since. Judge it: "
            f"vuosikello validate --suite readiness --year {year}"
        )
    return result


def write_reminders(home: Path, result: SuiteResult) -> Reminders:
    """Write the reminders of a year in place of the last ones.

    Args:
        home: the installation.
        result: its readiness; the day of the reminders is the one that it was judged on.

    Returns:
        What was written. An organisation that has mended everything has no reminder any more, and
        what was held on arrival is not asked for: it waits for this house, not for its sender.

    Raises:
        ReminderProblem: the result is of a year without a reporting window.
    """
    if result.window is None or result.on is None or result.year is None:
        raise ReminderProblem(
            f"There is no reporting window for {result.year}, so nothing is due: add its row to "
            "reporting_windows.csv"
        )
    folder = Home(home).reminders / str(result.year)
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(mkdtemp(prefix=f".{result.year}-", dir=folder.parent))
    asked_for = _without_held(home, result)
    try:
        reminders = [
            _write(building, folder, one, asked_for)
            for one in readiness_summary_of(asked_for).to_mend
            if one.organisation is not None
        ]
        written = Reminders(
            year=result.year,
            on=result.on,
            folder=folder,
            index=folder / "index.html",
            goes_today=result.window.is_reminder_day(result.on),
            next_day=result.window.next_reminder(result.on),
            reminders=reminders,
        )
        site.write_page(
            building / "index.html",
            "reminders.html.j2",
            templates=[TEMPLATES],
            title=f"Reminders for {result.year}",
            reminders=written,
            window=result.window,
        )
        locks = Home(home).locks
        locks.mkdir(parents=True, exist_ok=True)
        with FileLock(locks / "reminders.lock"):
            replace_folder(folder, building)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return written


def reminder_text(summary: OrganisationReadiness, result: SuiteResult, language: Language) -> str:
    """Return the text of one organisation's reminder.

    Args:
        summary: what it has to mend.
        result: the readiness that this comes from, with its window.
        language: ``fi``, ``sv`` or ``en``.
    """
    assert result.window is not None
    assert result.on is not None
    words = _words()[language]
    days_left = result.window.days_left(result.on)
    sections = [
        (words["sections"][name], [_point(one, words, language, result) for one in failures])
        for name, failures in (
            ("missing", summary.missing),
            ("refused", summary.refused),
            ("implausible", summary.implausible),
        )
        if failures
    ]
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701 - plain text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    organisation = str(summary.organisation)
    successor = _successor(organisation, result.on)
    return environment.get_template("reminder.txt.j2").render(
        words={
            name: text.format(
                year=result.year,
                organisation=organisation,
                successor=_names().get(successor, {}).get(language, successor),
                name=_names().get(organisation, {}).get(language, organisation),
                due=_day(result.window.due, language),
                on=_day(result.on, language),
                days=days_left if days_left >= 0 else -days_left,
                feed=_example_feed(summary),
            )
            for name, text in words["letter"].items()
        },
        has_ceased=bool(successor),
        due=_due(days_left, is_owed=bool(summary.missing or summary.refused)),
        sections=sections,
    )


def held_in(home: Home, year: int) -> list[tuple[str | None, str | None]]:
    """Return organisation and feed of the submissions of a year that wait for a person here."""
    return [
        (one.organisation, one.feed)
        for one in held_submissions.waiting(home)
        if one.period is not None and one.period.startswith(str(year))
    ]


def _without_held(home: Path, result: SuiteResult) -> SuiteResult:
    """Leave out what is missing only because it was held on arrival."""
    held = set(held_in(Home(home), result.year or 0))
    kept = [
        one
        for one in result.failures
        if kind_of(one) is not Kind.MISSING or (one.organisation, one.feed) not in held
    ]
    return result.model_copy(update={"failures": kept})


def _due(days_left: int, *, is_owed: bool) -> str:
    """Return which sentence says when it is due."""
    if days_left >= 0:
        return "due_later" if days_left > 1 else "due_soon"
    if not is_owed:
        return "past"
    return "overdue_yesterday" if days_left == -1 else "overdue"


def _write(
    building: Path, folder: Path, summary: OrganisationReadiness, result: SuiteResult
) -> Reminder:
    names = {language: f"{summary.organisation}.{language}.txt" for language in LANGUAGES}
    for language, name in names.items():
        (building / name).write_text(reminder_text(summary, result, language), encoding="utf-8")
    return Reminder(
        organisation=str(summary.organisation),
        points=len(summary.to_mend),
        critical=summary.critical,
        files={language: folder / name for language, name in names.items()},
    )


def _point(
    failure: Failure, words: Mapping[str, Any], language: Language, result: SuiteResult
) -> str:
    """Write the sentence for one thing to mend."""
    kind = failure.expectation.split(".")[0]
    contracts = load_contracts()
    details = failure.details

    def named(feed: str | None) -> str:
        label = getattr(contracts[feed].label, language) if feed in contracts else ""
        return f"{label} ({feed})" if label else str(feed)

    values = {
        **{name: _number(value, language) for name, value in details.items()},
        "feed": named(failure.feed),
        "folder": f"inbox/{failure.organisation}/{failure.feed}/",
        "period": failure.period,
        "year": result.year,
        "observed": _number(failure.observed, language),
        "referred_feed": named(str(details.get("referred_feed"))),
        "submission_id": details.get("submission_id"),
        "received_on": _received(details.get("received_on"), language),
    }
    return str(words["points"][kind]).format_map(values)


def _received(value: Any, language: Language) -> str:
    return _day(date.fromisoformat(value), language) if isinstance(value, str) else str(value)


def _number(value: Any, language: Language) -> str:
    """Write a number as its language does; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return format_number(value, language, decimals=2)


def _day(day: date, language: Language) -> str:
    return format_date(day, language, numeric=True)


def _example_feed(summary: OrganisationReadiness) -> str:
    return next((one.feed for one in summary.to_mend if one.feed), "contacts")


@cache
def _words() -> dict[str, dict[str, Any]]:
    words: dict[str, dict[str, Any]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return words


def _successor(code: str, on: date) -> str:
    """Return who answers for an organisation that has ceased by a day; empty where it has not."""
    one = organisations().get(code)
    if one is None or not one.had_ceased_by(on):
        return ""
    return one.successor or ""


@cache
def _names() -> dict[str, dict[str, str]]:
    """Return the organisations' names by code and language."""
    with (CODES / "organisations.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: {language: row[f"label_{language}"] for language in LANGUAGES}
            for row in csv.DictReader(file)
        }
