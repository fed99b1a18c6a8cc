"""Stage 1, collecting the data: who submitted, which checks failed, and who signed off."""

from __future__ import annotations

from typing import Any

from common import clock, formats
from exports import wording
from exports.social_report import facts
from exports.social_report.context import ReportContext
from exports.social_report.tables import Column, Row, Table

# More failed checks than this are counted, not listed: a board reads the most serious ones.
_MOST_FAILURES = 20
_MOST_SERIOUS_FIRST = {"critical": 0, "warning": 1, "info": 2}


def collect(report: ReportContext) -> dict[str, Any]:
    """Return the table of submitters, the failed checks and the sign-off."""
    text, signed = report.text, report.info.signed
    day = signed.at.astimezone(clock.FINLAND).date()
    return {
        "submitters": _submitters(report),
        "without": _areas_without_values(report),
        **_failures(report),
        "signed": text("signed", by=signed.by, day=formats.format_date(day, report.language)),
        "reason": text("quoted", words=signed.reason),
        "override_reason": (
            text("quoted", words=signed.override_reason) if signed.override_reason else ""
        ),
        "checks": text(
            "signed_checks",
            checks=report.number(signed.checks),
            failed=report.number(signed.failed),
            warned=report.number(signed.warned),
        ),
    }


def _submitters(report: ReportContext) -> Table | None:
    """Return which themes each submitter has values of and which not; None without submitters."""
    text, words = report.text, report.words
    themes = dict.fromkeys(entry["theme"] for entry in report.values.catalogue.values())
    rows = [
        Row(
            words.area(one.area_type, one.area),
            (
                ", ".join(
                    f"{words.label('theme', theme)} {one.indicators[theme]}"
                    for theme in themes
                    if theme in one.indicators
                )
                or wording.MISSING,
                ", ".join(
                    words.label("theme", theme)
                    + (f" {wording.SUPPRESSED}" if theme in one.suppressed else "")
                    for theme in themes
                    if theme not in one.indicators
                )
                or wording.MISSING,
            ),
        )
        for one in facts.submitters(report.publication, report.area)
    ]
    if not rows:
        return None
    kind = "welfare_area" if report.area.area_type == "country" else "organisation"
    return Table(
        text("submitters_caption"),
        (
            Column(text(f"submitter_{kind}"), False),
            Column(text("submitter_has"), False),
            Column(text("submitter_lacks"), False),
        ),
        rows,
    )


def _areas_without_values(report: ReportContext) -> str:
    """Name the welfare areas without any value, in the report of the country."""
    if report.area.area_type != "country":
        return ""
    without = facts.areas_without_values(report.publication)
    if not without:
        return ""
    names = (report.words.area("welfare_area", one).strip() for one in without)
    return report.text("areas_without", count=len(without), areas=", ".join(names))


def _failures(report: ReportContext) -> dict[str, Any]:
    """Return the table of the failed checks, the most serious first."""
    text = report.text
    found, unknown = facts.failures_of(report.publication, report.area)
    listed = sorted(
        found,
        key=lambda failure: (
            _MOST_SERIOUS_FIRST.get(failure["severity"], len(_MOST_SERIOUS_FIRST)),
            failure.get("organisation") or "",
            failure["expectation"],
            failure.get("period") or "",
        ),
    )[:_MOST_FAILURES]
    rows = [
        Row(
            _organisation(report, failure.get("organisation")),
            (
                _feed(report, failure.get("feed")),
                _check(report, failure["expectation"]),
                text(f"severities.{failure['severity']}"),
            ),
        )
        for failure in listed
    ]
    columns = ("failure_who", "failure_feed", "failure_what", "failure_severity")
    return {
        "failures": Table(
            text("failures_caption"), [Column(text(key), False) for key in columns], rows
        )
        if rows
        else None,
        "failures_more": (
            text("failures_more", shown=len(listed), count=report.number(len(found)))
            if len(found) > len(listed)
            else ""
        ),
        "failures_unknown": (
            text("failures_unknown", count=report.number(unknown)) if unknown else ""
        ),
    }


def _organisation(report: ReportContext, code: str | None) -> str:
    """Return the name of the organisation or area of a failed check; without one, the country."""
    if not code:
        return report.words.area("country", "FI")
    area_type, colon, area = code.partition(":")
    return report.words.area(area_type, area) if colon else report.words.area("organisation", code)


def _feed(report: ReportContext, feed: str | None) -> str:
    if not feed:
        return wording.MISSING
    return report.text(f"feeds.{feed}") if report.text.has("feeds", feed) else feed


def _check(report: ReportContext, expectation: str) -> str:
    """Return what a failed check means, by the first part of its name."""
    check = expectation.partition(".")[0]
    if report.text.has("failures", check):
        return report.text(f"failures.{check}")
    return report.text("failures.other", expectation=expectation)
