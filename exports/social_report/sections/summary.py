"""The summary on the cover: the problems that stand out, the targets and what is missing."""

from __future__ import annotations

from typing import Any

from exports.social_report import facts, problems
from exports.social_report.context import ReportContext


def summary(report: ReportContext) -> dict[str, Any]:
    """Return the selected problems with their strongest evidence, and the counts of the cover."""
    chosen = [
        {
            "name": report.candidate_name(candidate),
            "points": report.points(candidate.points),
            "sentence": report.sentence(
                candidate, max(candidate.gave_points, key=lambda evidence: evidence.points)
            ),
        }
        for candidate in report.selection.chosen
    ]
    missing, every = len(report.missing_indicators()), len(report.values.catalogue)
    return {
        "chosen": chosen,
        "none": report.none_stands_out(),
        "missing": (
            report.text("brief_missing", missing=missing, all=every)
            if missing
            else report.text("brief_complete", all=every)
        ),
        "targets": _targets(report),
    }


def corrects(report: ReportContext) -> str:
    """Return which release this one corrects and how many values; empty for a first release."""
    if report.info.corrects is None:
        return ""
    count = facts.count_revised(report.publication, report.area)
    return report.text("corrects", release=report.info.corrects, count=report.number(count))


def _targets(report: ReportContext) -> str:
    """Count the targets that are met, that are not met, and those without a value."""
    catalogue = report.values.catalogue
    readings = {
        code: report.values.read(report.year, code)
        for code, entry in catalogue.items()
        if entry["target"] is not None
    }
    met = sum(
        reading.value is not None and problems.meets_target(reading.value, catalogue[code])
        for code, reading in readings.items()
    )
    statuses = [reading.status for reading in readings.values()]
    return report.text(
        "brief_targets",
        all=len(readings),
        met=met,
        not_met=statuses.count("published") - met,
        suppressed=statuses.count("suppressed"),
        missing=statuses.count("missing"),
    )
