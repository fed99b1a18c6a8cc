"""Stages 3 and 4, deliberating: the one to three problems that stand out, and why."""

from __future__ import annotations

from typing import Any

from exports.social_report.context import ReportContext
from exports.social_report.problems import Candidate
from exports.social_report.tables import Column, Row, Table


def deliberate(report: ReportContext) -> dict[str, Any]:
    """Return the selected problems, those with equal points, and what could not be compared."""
    text = report.text
    not_judged = report.not_judged()
    return {
        "problems": [_problem(report, candidate) for candidate in report.selection.chosen],
        "none": report.none_stands_out(),
        "tied": (
            text(
                "tied",
                names="; ".join(
                    f"{report.candidate_name(candidate)} ({report.points(candidate.points)})"
                    for candidate in report.selection.tied
                ),
            )
            if report.selection.tied
            else ""
        ),
        "unjudged": (
            text(
                "unjudged",
                missing=not_judged["missing"],
                suppressed=not_judged["suppressed"],
                small=not_judged["small_base"],
            )
            if any(not_judged.values())
            else ""
        ),
    }


def _problem(report: ReportContext, candidate: Candidate) -> dict[str, Any]:
    """Return a problem with the rules that gave it points, and the question to deliberate."""
    text, name = report.text, report.candidate_name(candidate)
    name_alone = report.label(candidate.code) if candidate.kind == "indicator" else name
    rows = [
        Row(
            report.rules.rules[evidence.rule]["name"][report.language],
            (report.sentence(candidate, evidence), str(evidence.points)),
        )
        for evidence in candidate.gave_points
    ]
    rows.append(Row(text("why_total"), ("", str(candidate.points))))
    return {
        "name": name,
        "kind": text(f"kind_{candidate.kind}"),
        "points": report.points(candidate.points),
        "definition": (
            report.values.catalogue[candidate.code][f"definition_{report.language}"]
            if candidate.kind == "indicator"
            else ""
        ),
        "why": Table(
            text("why_caption", name=name_alone),
            (
                Column(text("why_rule"), False),
                Column(text("why_figures"), False),
                Column(text("why_points")),
            ),
            rows,
        ),
        "question": text(f"question_{candidate.kind}", name=name_alone),
    }
