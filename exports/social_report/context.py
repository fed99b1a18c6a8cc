"""What all sections of one report share: the area's values, the selected problems, and writing.

A section asks this context for values and has it write numbers, units, changes and targets, so
that every section writes them alike. Makes no number and holds no sentence: numbers come from
``facts`` and ``problems``, sentences from ``words.yaml`` and ``rules.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping

from common import formats
from common.formats import Language
from exports import wording
from exports.presentation import Presentation
from exports.publication import Publication
from exports.social_report import problems
from exports.social_report.facts import Area, AreaValues, Reading
from exports.social_report.problems import Candidate, Evidence, Rules, Selection
from exports.social_report.texts import Texts
from exports.wording import Words

# What stands in a cell that has no number, by why it has none.
SIGNS = {"suppressed": wording.SUPPRESSED, "missing": wording.MISSING, "small_base": "*"}


class ReportContext:
    """The report of one area in one language.

    Args:
        publication: the tables of the release.
        rules: the rules by which problems are selected.
        area: the area that the report is about.
        values: the values of every area that has a report, by area.
        words: the names of codes in the language of the report.
        presentation: which indicators are key figures.

    Attributes:
        publication: the tables of the release.
        info: which release it is.
        rules: the rules by which problems are selected.
        area: the area that the report is about.
        year: the year of the release.
        values: the values of the area.
        country: the values of the country; None in the report of the country.
        words: the names of codes.
        key_figures: the key figures of each theme, in the order of the report.
        language: fi, sv or en.
        text: the sentences of the report.
        selection: the candidates, and the problems that stand out.
    """

    def __init__(
        self,
        publication: Publication,
        rules: Rules,
        area: Area,
        values: Mapping[Area, AreaValues],
        words: Words,
        presentation: Presentation,
    ) -> None:
        self.publication = publication
        self.info = publication.info
        self.rules = rules
        self.area = area
        self.year = publication.info.year
        self.values = values[area]
        self.country = None if area.area_type == "country" else values.get(Area("country", "FI"))
        self.words = words
        self.key_figures = presentation.key_figures["report"]
        self.language: Language = words.language
        self.text = Texts(words.language)
        self.selection: Selection = problems.select(rules, self.year, self.values, self.country)

    # --- names and numbers as they are written ----------------------------------------------------

    def label(self, indicator: str) -> str:
        """Return the name of an indicator."""
        return str(self.values.catalogue[indicator][f"label_{self.language}"])

    def unit(self, indicator: str) -> str:
        """Return the name of an indicator's unit; empty for a share, which is written in %."""
        unit = self.values.catalogue[indicator]["unit"]
        return "" if unit == "share" else self.words.label("unit", unit)

    def number(self, number: float) -> str:
        """Write a number that is not an indicator's value, such as a count of checks."""
        return formats.format_number(number, self.language, 1)

    def value(self, indicator: str, reading: Reading) -> str:
        """Write a value of an indicator without its unit, or the sign of why there is none."""
        unit = self.values.catalogue[indicator]["unit"]
        return wording.value(reading.value, unit, self.language, reading.status)

    def value_with_unit(self, indicator: str, value: float) -> str:
        """Write a value with its unit, as it stands in a sentence."""
        unit = self.values.catalogue[indicator]["unit"]
        return f"{wording.value(value, unit, self.language)} {self.unit(indicator)}".strip()

    def share(self, value: float) -> str:
        """Write a share (0 to 1) that was computed, in percent."""
        return wording.value(value, "share", self.language)

    def set_share(self, value: float) -> str:
        """Write a share (0 to 1) that a person has set: no decimals that it does not need."""
        sign = "%" if self.language == "en" else "\N{NO-BREAK SPACE}%"
        return self.number(value * 100) + sign

    def change(self, indicator: str, before: Reading, now: Reading) -> str:
        """Write a change, or the sign of why one of the two values is not there."""
        for reading in (now, before):
            if reading.value is None:
                return SIGNS[reading.status]
        unit = self.values.catalogue[indicator]["unit"]
        return wording.change(before.value, now.value, unit, self.language)

    def target_in_words(self, indicator: str) -> str:
        """Write the target of an indicator, which must have one: *at most 35*."""
        entry = self.values.catalogue[indicator]
        target, unit = entry["target"], entry["unit"]
        written = (
            self.set_share(target)
            if unit == "share"
            else wording.value(target, unit, self.language)
        )
        limit = {"<=": "at_most", ">=": "at_least"}.get(entry["target_operator"])
        return written if limit is None else self.text(limit, value=written)

    def target(self, indicator: str, now: Reading) -> str:
        """Write the target of an indicator and whether a value meets it."""
        entry = self.values.catalogue[indicator]
        if entry["target"] is None:
            return self.text("no_target")
        written = self.target_in_words(indicator)
        if now.value is None:
            return written
        is_met = problems.meets_target(now.value, entry)
        return f"{written}, {self.text('target_met' if is_met else 'target_not_met')}"

    # --- candidates and problems ------------------------------------------------------------------

    def points(self, points: int) -> str:
        """Write a number of points."""
        return self.text("one_point" if points == 1 else "points", points=points)

    def candidate_name(self, candidate: Candidate) -> str:
        """Return the name of a candidate; of an indicator with its value.

        The name of an indicator alone may read as praise.
        """
        if candidate.kind == "theme":
            return self.words.part("theme", candidate.code)
        now = self.values.read(self.year, candidate.code)
        name = f"{self.label(candidate.code)}: {self.value(candidate.code, now)}"
        unit = self.unit(candidate.code) if now.value is not None else ""
        return f"{name} {unit}" if unit else name

    def sentence(self, candidate: Candidate, evidence: Evidence) -> str:
        """Write the sentence of a rule with the numbers that the rule was applied to."""
        rule = self.rules.rules[evidence.rule]
        fill: dict[str, str] = {}
        for name, figure in evidence.figures.items():
            if name == "part":
                fill[name] = self.words.part(rule["breakdown"], figure)
            elif name in ("count", "total"):
                fill[name] = self.number(figure)
            elif name == "target":
                fill[name] = self.target_in_words(candidate.code)
            elif candidate.kind == "theme":
                fill[name] = self.share(figure)
            else:
                fill[name] = self.value_with_unit(candidate.code, figure)
        return str(rule["sentence"][self.language]).format(**fill)

    def none_stands_out(self) -> str:
        """Return the sentence for a report without a problem; empty where there is one."""
        if self.selection.chosen:
            return ""
        if not self.selection.is_judged:
            return self.text("nothing_judged")
        none = self.text("none_stands_out", points=self.rules.stands_out_from)
        missing = self.not_judged()["missing"]
        return f"{none} {self.text('none_but_missing', missing=missing)}" if missing else none

    def not_judged(self) -> dict[str, int]:
        """Count the comparisons that could not be made, by reason."""
        every = [one for candidate in self.selection.candidates for one in candidate.evidence]
        return {
            reason: sum(one.outcome == reason for one in every)
            for reason in ("missing", "suppressed", "small_base")
        }

    # --- indicators -------------------------------------------------------------------------------

    def missing_indicators(self) -> list[str]:
        """Return the indicators without any value in the area in the year of the release."""
        return [
            code
            for code, entry in self.values.catalogue.items()
            if self.area.area_type in entry["areas"].split("|")
            and "year" in entry["period_types"].split("|")
            and self.values.status_of(self.year, code) == "missing"
        ]
