"""The appendices: the rules with every candidate's points, the definitions and the sources."""

from __future__ import annotations

from typing import Any

from exports import wording
from exports.social_report import problems
from exports.social_report.context import SIGNS, ReportContext
from exports.social_report.problems import Evidence
from exports.social_report.tables import Column, Row, Table
from exports.social_report.texts import Texts

_KINDS: tuple[problems.Kind, ...] = ("theme", "indicator")


def rules(report: ReportContext) -> dict[str, Any]:
    """Return the rules, and of every candidate what each rule gave it."""
    text, stated = report.text, report.rules
    return {
        "lead": text(
            "rules_lead",
            stands_out_from=stated.stands_out_from,
            at_most=stated.at_most,
            least_base=stated.least_base,
        ),
        "rules": [_rules_of(report, kind) for kind in _KINDS],
        "shows": _parts_of_problems(report),
        "candidates": [_candidates_of(report, kind) for kind in _KINDS],
        "not_candidates": [
            f"{report.label(code)}. {why[report.language]}"
            for code, why in stated.not_candidates.items()
            if code in report.values.catalogue
        ],
    }


def _rule_numbers(report: ReportContext) -> dict[str, str]:
    """Number the rules, those of social problems first."""
    stated = (rule for kind in _KINDS for rule in report.rules.of(kind))
    return {rule: str(number) for number, rule in enumerate(stated, start=1)}


def _rules_of(report: ReportContext, kind: problems.Kind) -> Table:
    """Return the rules for one kind of candidate, with the points that they give."""
    text, stated, language = report.text, report.rules, report.language
    numbers = _rule_numbers(report)
    return Table(
        text(f"rules_of_{kind}"),
        (
            Column(text("why_rule"), False),
            Column(text("rule_explanation"), False),
            Column(text("rule_bands"), False),
        ),
        [
            Row(
                f"{numbers[rule]}. {stated.rules[rule]['name'][language]}",
                (stated.rules[rule]["explanation"][language], _bands(report, rule)),
            )
            for rule in stated.of(kind)
        ],
    )


def _candidates_of(report: ReportContext, kind: problems.Kind) -> Table:
    """Return the points of all candidates of one kind, by rule."""
    text, stated = report.text, report.rules
    numbers = _rule_numbers(report)
    return Table(
        text(f"candidates_{kind}"),
        [
            Column(text("candidate"), False),
            *(Column(numbers[rule]) for rule in stated.of(kind)),
            Column(text("why_total")),
        ],
        [
            Row(
                report.candidate_name(candidate),
                [*(_points(evidence) for evidence in candidate.evidence), str(candidate.points)],
            )
            for candidate in report.selection.candidates
            if candidate.kind == kind
        ],
    )


def _points(evidence: Evidence) -> str:
    """Write the points of a rule, or the sign of why it could not be applied."""
    if evidence.outcome == "not_compared":
        return ""
    return SIGNS.get(evidence.outcome) or str(evidence.points)


def _bands(report: ReportContext, rule: str) -> str:
    """Write for which amounts a rule gives how many points."""
    stated = report.rules.rules[rule]
    if "bands" not in stated:
        return report.text("band_always", points=stated["points"])
    # A rule that counts sources has counts as limits; a rule that compares has shares.
    bands = (
        report.text(
            "band",
            least=report.number(least) if "sources" in stated else report.set_share(least),
            points=points,
        )
        for least, points in stated["bands"]
    )
    return "; ".join(band.replace(" ", "\N{NO-BREAK SPACE}") for band in bands)


def _parts_of_problems(report: ReportContext) -> Table:
    """Return by which codes, other than the observations, each social problem is recognised."""
    stated, words = report.rules, report.words

    def codes(theme: str) -> str:
        found = [
            f"{stated.rules[rule]['name'][report.language]}: "
            + ", ".join(words.part(stated.rules[rule]["breakdown"], part) for part in parts)
            for rule, parts in stated.themes[theme].items()
        ]
        return "; ".join(found) or report.text("shows_nowhere")

    return Table(
        report.text("shows_caption"),
        (Column(report.text("table_theme"), False), Column(report.text("shows_where"), False)),
        [Row(words.part("theme", theme), (codes(theme),)) for theme in stated.themes],
    )


def definitions(report: ReportContext) -> Table:
    """Return the definitions of the indicators that the report shows or judges by."""
    shown = {
        *(code for codes in report.key_figures.values() for code in codes),
        "structural.observations",
        *(code for codes in Texts.lists("stage_figures").values() for code in codes),
        *(one.code for one in report.selection.chosen if one.kind == "indicator"),
        *(rule["indicator"] for rule in report.rules.rules.values() if "indicator" in rule),
    }
    return Table(
        report.text("definitions_caption"),
        (
            Column(report.text("table_indicator"), False),
            Column(report.text("definition"), False),
            Column(report.text("definition_source"), False),
        ),
        [
            Row(
                report.label(code),
                (entry[f"definition_{report.language}"], _source(report, entry["source"])),
            )
            for code, entry in report.values.catalogue.items()
            if code in shown
        ],
    )


def _source(report: ReportContext, source: str | None) -> str:
    """Name the document of an indicator; the catalogue has its source in English."""
    for name in Texts.lists("source_names"):
        if source and name["note"] in source:
            return str(name[report.language])
    return source or wording.MISSING


def sources(report: ReportContext) -> list[str]:
    """Return the list of sources."""
    return [
        source[report.language].format(release=report.info.name)
        for source in Texts.lists("sources")
    ]
