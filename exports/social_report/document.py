"""The social report of one area as tables and sentences in one language, ready for the template.

Numbers come from ``facts`` and ``problems``, words from ``words.yaml`` and ``rules.yaml``: here
they are put together. No sentence is written here, and no number is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from exports import wording
from exports.publication import Publication
from exports.social_report import chart, facts, problems
from exports.social_report.facts import Area, AreaValues, Reading
from exports.social_report.problems import Candidate, Evidence, Rules, Selection
from exports.wording import Language, Words

_SIGNS = {"suppressed": wording.SUPPRESSED, "missing": wording.MISSING, "small_base": "*"}
# More failed checks than this are counted, not listed: a board reads the gravest.
_MOST_FAILURES = 20
_GRAVEST_FIRST = {"critical": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class Column:
    """The heading of a column, and whether numbers stand in it."""

    text: str
    is_number: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its heading, a quieter note under it, and its cells."""

    header: str
    cells: Sequence[str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption; the first column holds the headings of the rows."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]


@cache
def _texts() -> Mapping[str, Any]:
    path = Path(__file__).with_name("words.yaml")
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


class Texts:
    """The report's own words in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **fill: str | int) -> str:
        """Return a text with its numbers filled in; ``feeds.clients`` is a text in a group."""
        found: Any = _texts()
        for step in key.split("."):
            found = found[step]
        return str(found[self.language]).format(**fill)

    def has(self, group: str, key: str) -> bool:
        """Whether a group of texts has a key."""
        return key in _texts()[group]

    @staticmethod
    def lists(key: str) -> Any:
        """Return lists of codes, which need no language."""
        return _texts()[key]


class Report:
    """The report of one area in one language."""

    def __init__(
        self,
        publication: Publication,
        rules: Rules,
        area: Area,
        values: Mapping[Area, AreaValues],
        words: Words,
    ) -> None:
        self.publication = publication
        self.info = publication.info
        self.rules = rules
        self.area = area
        self.year = publication.info.year
        self.values = values[area]
        self.country = None if area.area_type == "country" else values.get(Area("country", "FI"))
        self.words = words
        self.language: Language = words.language
        self.text = Texts(words.language)
        self.selection: Selection = problems.select(rules, self.year, self.values, self.country)

    def context(self) -> dict[str, Any]:
        """Return everything that the template shows."""
        text, info = self.text, self.info
        title = text("title", year=self.year)
        name = self.words.area(self.area.area_type, self.area.area)
        name = name[:1].upper() + name[1:]
        return {
            "language": self.language,
            "text": text,
            "title": title,
            "area": name.strip(),
            "running": f"{title} · {name.strip()}",
            "description": text("description", year=self.year),
            "info": info,
            "created": info.released_on.isoformat(),
            "released": text(
                "released", release=info.name, day=wording.day(info.released_on, self.language)
            ),
            "corrects": self._corrects(),
            "brief": self._brief(),
            "collect": self._collect(),
            "process": self._process(),
            "deliberate": self._deliberate(),
            "decide": self._stage("decide"),
            "measures": self._measures(),
            "implement": self._stage("implement"),
            "evaluate": self._stage("evaluate"),
            "evaluate_lead": text("evaluate_lead", year=self.year),
            "quality": self._quality(),
            "appendix": self._appendix_rules(),
            "definitions": self._definitions(),
            "sources": [
                source[self.language].format(release=info.name) for source in Texts.lists("sources")
            ],
        }

    # --- numbers and names as they are written ----------------------------------------------------

    def _label(self, indicator: str) -> str:
        return str(self.values.catalogue[indicator][f"label_{self.language}"])

    def _unit(self, indicator: str) -> str:
        unit = self.values.catalogue[indicator]["unit"]
        return "" if unit == "share" else self.words.label("unit", unit)

    def _number(self, number: float) -> str:
        return wording.number(number, self.language)

    def _value(self, indicator: str, reading: Reading) -> str:
        unit = self.values.catalogue[indicator]["unit"]
        return wording.value(reading.value, unit, self.language, reading.status)

    def _in_words(self, indicator: str, value: float) -> str:
        """Write a value with its unit, as it stands in a sentence."""
        unit = self.values.catalogue[indicator]["unit"]
        return f"{wording.value(value, unit, self.language)} {self._unit(indicator)}".strip()

    def _share(self, value: float) -> str:
        return wording.value(value, "share", self.language)

    def _round_share(self, value: float) -> str:
        """Write a share that somebody has set, and that therefore has no needless decimals."""
        sign = "%" if self.language == "en" else "\N{NO-BREAK SPACE}%"
        return self._number(value * 100) + sign

    def _change(self, indicator: str, before: Reading, now: Reading) -> str:
        """Write a change, or the sign of what is not told of the two."""
        for reading in (now, before):
            if reading.value is None:
                return _SIGNS[reading.status]
        unit = self.values.catalogue[indicator]["unit"]
        return wording.change(before.value, now.value, unit, self.language)

    def _target_in_words(self, indicator: str) -> str:
        entry = self.values.catalogue[indicator]
        target, unit = entry["target"], entry["unit"]
        written = (
            self._round_share(target)
            if unit == "share"
            else wording.value(target, unit, self.language)
        )
        limit = {"<=": "at_most", ">=": "at_least"}.get(entry["target_operator"])
        return written if limit is None else self.text(limit, value=written)

    def _target(self, indicator: str, now: Reading) -> str:
        entry = self.values.catalogue[indicator]
        if entry["target"] is None:
            return self.text("no_target")
        written = self._target_in_words(indicator)
        if now.value is None:
            return written
        is_met = problems.meets_target(now.value, entry)
        return f"{written}, {self.text('target_met' if is_met else 'target_not_met')}"

    def _points(self, points: int) -> str:
        return self.text("one_point" if points == 1 else "points", points=points)

    def _name(self, candidate: Candidate) -> str:
        """Return a candidate's name; an indicator's with its value: it may sound like praise."""
        if candidate.kind == "theme":
            return self.words.part("theme", candidate.code)
        now = self.values.read(self.year, candidate.code)
        name = f"{self._label(candidate.code)}: {self._value(candidate.code, now)}"
        unit = self._unit(candidate.code) if now.value is not None else ""
        return f"{name} {unit}" if unit else name

    # --- the sections -----------------------------------------------------------------------------

    def _corrects(self) -> str:
        if self.info.corrects is None:
            return ""
        count = facts.revised(self.publication, self.area)
        return self.text("corrects", release=self.info.corrects, count=self._number(count))

    def _missing(self) -> list[str]:
        """Return the indicators without any value in the area in the release's year."""
        return [
            code
            for code, entry in self.values.catalogue.items()
            if self.area.area_type in entry["areas"].split("|")
            and "year" in entry["period_types"].split("|")
            and self.values.status_of(self.year, code) == "missing"
        ]

    def _brief(self) -> dict[str, Any]:
        chosen = [
            {
                "name": self._name(candidate),
                "points": self._points(candidate.points),
                "sentence": self._sentence(
                    candidate, max(candidate.gave, key=lambda evidence: evidence.points)
                ),
            }
            for candidate in self.selection.chosen
        ]
        missing, every = len(self._missing()), len(self.values.catalogue)
        return {
            "chosen": chosen,
            "none": self._none_stands_out(),
            "missing": (
                self.text("brief_missing", missing=missing, all=every)
                if missing
                else self.text("brief_complete", all=every)
            ),
            "targets": self._targets(),
        }

    def _targets(self) -> str:
        """Count the targets that are met, that are not, and of which nothing can be said."""
        readings = {
            code: self.values.read(self.year, code)
            for code, entry in self.values.catalogue.items()
            if entry["target"] is not None
        }
        met = sum(
            reading.value is not None
            and problems.meets_target(reading.value, self.values.catalogue[code])
            for code, reading in readings.items()
        )
        statuses = [reading.status for reading in readings.values()]
        return self.text(
            "brief_targets",
            all=len(readings),
            met=met,
            not_met=statuses.count("published") - met,
            suppressed=statuses.count("suppressed"),
            missing=statuses.count("missing"),
        )

    def _none_stands_out(self) -> str:
        if self.selection.chosen:
            return ""
        if not self.selection.is_judged:
            return self.text("nothing_judged")
        none = self.text("none_stands_out", points=self.rules.stands_out_from)
        missing = self._not_judged()["missing"]
        return f"{none} {self.text('none_but_missing', missing=missing)}" if missing else none

    def _not_judged(self) -> dict[str, int]:
        """Count the comparisons that could not be made, by why."""
        every = [one for candidate in self.selection.candidates for one in candidate.evidence]
        return {
            told: sum(one.told == told for one in every)
            for told in ("missing", "suppressed", "small_base")
        }

    def _collect(self) -> dict[str, Any]:
        text, signed = self.text, self.info.signed
        submitters = facts.submitters(self.publication, self.area)
        themes = dict.fromkeys(entry["theme"] for entry in self.values.catalogue.values())
        rows = [
            Row(
                self.words.area(one.area_type, one.area),
                (
                    ", ".join(
                        f"{self.words.label('theme', theme)} {one.indicators[theme]}"
                        for theme in themes
                        if theme in one.indicators
                    )
                    or wording.MISSING,
                    ", ".join(
                        self.words.label("theme", theme)
                        + (f" {wording.SUPPRESSED}" if theme in one.suppressed else "")
                        for theme in themes
                        if theme not in one.indicators
                    )
                    or wording.MISSING,
                ),
            )
            for one in submitters
        ]
        parts = "welfare_area" if self.area.area_type == "country" else "organisation"
        without = (
            facts.areas_without_values(self.publication) if self.area.area_type == "country" else []
        )
        return {
            "submitters": Table(
                text("submitters_caption"),
                (
                    Column(text(f"submitter_{parts}"), False),
                    Column(text("submitter_has"), False),
                    Column(text("submitter_lacks"), False),
                ),
                rows,
            )
            if rows
            else None,
            "without": (
                text(
                    "areas_without",
                    count=len(without),
                    areas=", ".join(
                        self.words.area("welfare_area", one).strip() for one in without
                    ),
                )
                if without
                else ""
            ),
            **self._failures(),
            "signed": text(
                "signed", by=signed.by, day=wording.day(signed.at.date(), self.language)
            ),
            "reason": text("quoted", words=signed.reason),
            "override_reason": (
                text("quoted", words=signed.override_reason) if signed.override_reason else ""
            ),
            "checks": text(
                "signed_checks",
                checks=self._number(signed.checks),
                failed=self._number(signed.failed),
                warned=self._number(signed.warned),
            ),
        }

    def _failures(self) -> dict[str, Any]:
        text = self.text
        found, unknown = facts.failures_of(self.publication, self.area)
        gravest = sorted(
            found,
            key=lambda failure: (
                _GRAVEST_FIRST.get(failure["severity"], len(_GRAVEST_FIRST)),
                failure.get("organisation") or "",
                failure["expectation"],
                failure.get("period") or "",
            ),
        )[:_MOST_FAILURES]
        rows = [
            Row(
                self._whose(failure.get("organisation")),
                (
                    self._feed(failure.get("feed")),
                    self._what(failure["expectation"]),
                    text(f"severities.{failure['severity']}"),
                ),
            )
            for failure in gravest
        ]
        columns = ("failure_who", "failure_feed", "failure_what", "failure_severity")
        return {
            "failures": Table(
                text("failures_caption"), [Column(text(key), False) for key in columns], rows
            )
            if rows
            else None,
            "failures_more": (
                text("failures_more", shown=len(gravest), count=self._number(len(found)))
                if len(found) > len(gravest)
                else ""
            ),
            "failures_unknown": (
                text("failures_unknown", count=self._number(unknown)) if unknown else ""
            ),
        }

    def _whose(self, named: str | None) -> str:
        if not named:
            return self.words.area("country", "FI")
        area_type, colon, code = named.partition(":")
        return self.words.area(area_type, code) if colon else self.words.area("organisation", named)

    def _feed(self, feed: str | None) -> str:
        if not feed:
            return wording.MISSING
        return self.text(f"feeds.{feed}") if self.text.has("feeds", feed) else feed

    def _what(self, expectation: str) -> str:
        check = expectation.partition(".")[0]
        if self.text.has("failures", check):
            return self.text(f"failures.{check}")
        return self.text("failures.other", expectation=expectation)

    def _process(self) -> dict[str, Any]:
        themes: dict[str, Sequence[str]] = Texts.lists("key_figures")
        tables = []
        without = []
        for theme, indicators in themes.items():
            # A catalogue may grow or shrink; what it does not know is not asked for.
            known = [code for code in indicators if code in self.values.catalogue]
            if any(self.values.status_of(self.year, code) != "missing" for code in known):
                tables.append(self._figures(self.words.label("theme", theme), known))
            elif known:
                without.append(self.words.label("theme", theme))
        return {
            **self._observed(),
            "figures": tables,
            "without": (self.text("themes_without", themes=", ".join(without)) if without else ""),
            "parts": self._parts(),
        }

    def _observed(self) -> dict[str, Any]:
        text, year, indicator = self.text, self.year, "structural.observations"
        total, before = (self.values.read(when, indicator) for when in (year, year - 1))
        if total.status == "missing":
            return {"observed_none": text("observed_none"), "observed": None}
        themes = {
            theme: (
                self.values.read(year, indicator, "theme", theme),
                self.values.read(year - 1, indicator, "theme", theme),
            )
            for theme in self._known_parts(indicator, "theme")
        }
        ordered = sorted(themes.items(), key=lambda one: -(one[1][0].value or 0))
        share = Column(text("observed_share"))
        columns = [
            Column(text("table_theme"), False),
            Column(str(year)),
            share,
            Column(str(year - 1)),
        ]
        rows = [
            Row(
                self.words.part("theme", theme),
                (
                    self._value(indicator, now),
                    self._share(now.value / total.value)
                    if now.value is not None and total.value
                    else _SIGNS.get(now.status, wording.MISSING),
                    self._value(indicator, then),
                ),
            )
            for theme, (now, then) in ordered
        ]
        sources = [
            Row(
                self.words.part(breakdown, part),
                (
                    self._value(indicator, self.values.read(year, indicator, breakdown, part)),
                    self._value(indicator, self.values.read(year - 1, indicator, breakdown, part)),
                ),
            )
            for breakdown in ("source", "level")
            for part in self._known_parts(indicator, breakdown)
        ]
        raised = self.values.read(year, "structural.themes_raised")
        return {
            "observed_none": "",
            "observed_lead": text(
                "observed_lead",
                count=self._value(indicator, total),
                before=self._value(indicator, before),
                themes=self._value("structural.themes_raised", raised),
            ),
            "observed": Table(text("observed_caption"), columns, rows),
            "observed_sources": Table(
                text("observed_sources_caption"),
                (Column(text("table_source"), False), Column(str(year)), Column(str(year - 1))),
                sources,
            ),
            "chart": self._chart(indicator, ordered) if total.value else None,
        }

    def _known_parts(self, indicator: str, breakdown: str) -> list[str]:
        """Return the values of a breakdown that have a row in either year, in their own order."""
        seen = {
            *self.values.parts(self.year, indicator, breakdown),
            *self.values.parts(self.year - 1, indicator, breakdown),
        }
        return [
            part for of, part in self.words.breakdown_values if of == breakdown and part in seen
        ]

    def _chart(
        self, indicator: str, themes: Sequence[tuple[str, tuple[Reading, Reading]]]
    ) -> dict[str, str]:
        drawn = [
            chart.Bar(
                self.words.part("theme", theme),
                (now.value, self._value(indicator, now)),
                (then.value, self._value(indicator, then)),
            )
            for theme, (now, then) in themes
        ]
        most = ", ".join(f"{bar.name} {bar.now[1]}" for bar in drawn[:3])
        return {
            "source": chart.bars(drawn, str(self.year), str(self.year - 1)),
            "alt": self.text("chart_alt", before=self.year - 1, year=self.year, most=most),
            "caption": self.text("figure", number=1, caption=self.text("observed_caption")),
        }

    def _figures(self, caption: str, indicators: Iterable[str]) -> Table:
        text, year = self.text, self.year
        columns = [
            Column(text("table_indicator"), False),
            Column(str(year)),
            Column(text("table_change", before=year - 1, year=year)),
            Column(text("table_target"), False),
        ]
        if self.country is not None:
            columns.append(Column(text("table_country")))
        rows = []
        for code in indicators:
            now, before = (self.values.read(when, code) for when in (year, year - 1))
            cells = [
                self._value(code, now),
                self._change(code, before, now),
                self._target(code, now),
            ]
            if self.country is not None:
                cells.append(self._value(code, self.country.read(year, code)))
            rows.append(Row(self._label(code), cells, self._unit(code)))
        return Table(caption, columns, rows)

    def _parts(self) -> dict[str, Any]:
        text, of = self.text, self.area.area_type
        indicators = [code for code in Texts.lists("part_figures") if code in self.values.catalogue]
        found = facts.parts_of(self.publication, self.area, indicators)
        kind = "welfare_area" if of == "country" else "municipality"
        names = sorted((self.words.area(kind, part).strip(), part) for part in found)
        table = Table(
            text(f"parts_caption_{of}", year=self.year),
            [Column(text(f"part_{of}"), False)]
            + [Column(self._label(code)) for code in indicators],
            [
                Row(
                    name,
                    [
                        self._value(code, found[part].get(code, facts.MISSING))
                        for code in indicators
                    ],
                )
                for name, part in names
            ],
        )
        return {
            "heading": text(f"parts_heading_{of}"),
            "table": table if found else None,
            "note": text("parts_note_welfare_area") if of == "welfare_area" else "",
            "none": "" if found else text("parts_none"),
        }

    def _deliberate(self) -> dict[str, Any]:
        text = self.text
        untold = self._not_judged()
        return {
            "problems": [self._problem(candidate) for candidate in self.selection.chosen],
            "none": self._none_stands_out(),
            "tied": (
                text(
                    "tied",
                    names="; ".join(
                        f"{self._name(candidate)} ({self._points(candidate.points)})"
                        for candidate in self.selection.tied
                    ),
                )
                if self.selection.tied
                else ""
            ),
            "unjudged": (
                text(
                    "unjudged",
                    missing=untold["missing"],
                    suppressed=untold["suppressed"],
                    small=untold["small_base"],
                )
                if any(untold.values())
                else ""
            ),
        }

    def _problem(self, candidate: Candidate) -> dict[str, Any]:
        text, name = self.text, self._name(candidate)
        plain = self._label(candidate.code) if candidate.kind == "indicator" else name
        rows = [
            Row(
                self.rules.rules[evidence.rule]["name"][self.language],
                (self._sentence(candidate, evidence), str(evidence.points)),
            )
            for evidence in candidate.gave
        ]
        rows.append(Row(text("why_total"), ("", str(candidate.points))))
        return {
            "name": name,
            "kind": text(f"kind_{candidate.kind}"),
            "points": self._points(candidate.points),
            "definition": (
                self.values.catalogue[candidate.code][f"definition_{self.language}"]
                if candidate.kind == "indicator"
                else ""
            ),
            "why": Table(
                text("why_caption", name=plain),
                (
                    Column(text("why_rule"), False),
                    Column(text("why_figures"), False),
                    Column(text("why_points")),
                ),
                rows,
            ),
            "question": text(f"question_{candidate.kind}", name=plain),
        }

    def _sentence(self, candidate: Candidate, evidence: Evidence) -> str:
        """Fill a rule's sentence with the numbers that it judged by."""
        rule = self.rules.rules[evidence.rule]
        fill: dict[str, str] = {}
        for name, figure in evidence.figures.items():
            if name == "part":
                fill[name] = self.words.part(rule["breakdown"], figure)
            elif name in ("count", "total"):
                fill[name] = self._number(figure)
            elif name == "target":
                fill[name] = self._target_in_words(candidate.code)
            elif candidate.kind == "theme":
                fill[name] = self._share(figure)
            else:
                fill[name] = self._in_words(candidate.code, figure)
        return str(rule["sentence"][self.language]).format(**fill)

    def _stage(self, stage: str) -> Table:
        """Return the figures of a stage of the clock, of this year's and last year's measures."""
        text, years = self.text, (self.year, self.year - 1)
        indicators = [
            code for code in Texts.lists("stage_figures")[stage] if code in self.values.catalogue
        ]
        return Table(
            text(f"{stage}_caption"),
            [
                Column(text("table_indicator"), False),
                *(Column(str(year)) for year in years),
                Column(text("table_target"), False),
            ],
            [
                Row(
                    self._label(code),
                    [
                        *(self._of_measures(code, self.values.read(year, code)) for year in years),
                        self._target(code, self.values.read(self.year, code)),
                    ],
                )
                for code in indicators
            ],
        )

    def _of_measures(self, indicator: str, reading: Reading) -> str:
        """Write a value; a share with how many measures it is of, for they are few."""
        written = self._value(indicator, reading)
        if reading.numerator is None or reading.denominator is None:
            return written
        of = self.text(
            "of_measures",
            count=self._number(reading.numerator),
            total=self._number(reading.denominator),
        )
        return f"{written} ({of})"

    def _measures(self) -> list[str]:
        text, indicator = self.text, "structural.measures_proposed"
        told = []
        for year in (self.year, self.year - 1):
            proposed = self.values.read(year, indicator)
            if proposed.value is None:
                told.append(text("no_measures", year=year))
                continue
            if not proposed.value:
                told.append(text("zero_measures", year=year))
                continue
            themes = self.values.parts(year, indicator, "theme")
            written = ", ".join(
                f"{self.words.part('theme', theme)} {self._value(indicator, reading)}"
                for theme, reading in themes.items()
            )
            if written:
                told.append(text("measures_by_theme", year=year, list=written))
        return told

    def _quality(self) -> dict[str, Any]:
        text = self.text
        missing = self._missing()
        by_theme: dict[str, int] = {}
        for code in missing:
            theme = self.values.catalogue[code]["theme"]
            by_theme[theme] = by_theme.get(theme, 0) + 1
        rows = [
            Row(
                self.words.label("theme", theme),
                (
                    self._number(published),
                    self._number(suppressed),
                    self._number(by_theme.get(theme, 0)),
                ),
            )
            for theme, published, suppressed in facts.suppressed_and_published(
                self.publication, self.area
            )
        ]
        suppressed_codes = [
            self._label(code)
            for code in self.values.catalogue
            if self.values.status_of(self.year, code) == "suppressed"
        ]
        response = self.values.read(self.year, "staff.survey_response_rate")
        found, _ = facts.failures_of(self.publication, self.area)
        rejects = sum(failure["expectation"].startswith("rejects.") for failure in found)
        return {
            "lead": text("quality_lead", protection=self.info.protection),
            "table": Table(
                text("quality_caption"),
                (
                    Column(text("table_theme"), False),
                    Column(text("quality_published")),
                    Column(text("quality_suppressed")),
                    Column(text("quality_missing")),
                ),
                rows,
            ),
            "suppressed": (
                text("all_suppressed", names="; ".join(suppressed_codes))
                if suppressed_codes
                else ""
            ),
            "response": (
                text("response_rate", value=self._value("staff.survey_response_rate", response))
                if response.value is not None
                else text(f"response_{response.status}")
            ),
            "rejects": (text("rejects_known", count=rejects) if rejects else text("rejects_none")),
            "missing": [
                {
                    "theme": self.words.label("theme", theme),
                    "names": "; ".join(
                        self._label(code)
                        for code in missing
                        if self.values.catalogue[code]["theme"] == theme
                    ),
                }
                for theme in by_theme
            ],
        }

    def _appendix_rules(self) -> dict[str, Any]:
        text, rules = self.text, self.rules
        marks = {
            rule: str(position)
            for position, rule in enumerate((*rules.of("theme"), *rules.of("indicator")), start=1)
        }
        kinds: tuple[problems.Kind, ...] = ("theme", "indicator")
        return {
            "lead": text(
                "rules_lead",
                stands_out_from=rules.stands_out_from,
                at_most=rules.at_most,
                least_base=rules.least_base,
            ),
            "rules": [
                Table(
                    text(f"rules_of_{kind}"),
                    (
                        Column(text("why_rule"), False),
                        Column(text("rule_explanation"), False),
                        Column(text("rule_bands"), False),
                    ),
                    [
                        Row(
                            f"{marks[rule]}. {rules.rules[rule]['name'][self.language]}",
                            (
                                rules.rules[rule]["explanation"][self.language],
                                self._bands(rule),
                            ),
                        )
                        for rule in rules.of(kind)
                    ],
                )
                for kind in kinds
            ],
            "shows": self._shows(),
            "candidates": [
                Table(
                    text(f"candidates_{kind}"),
                    [
                        Column(text("candidate"), False),
                        *(Column(marks[rule]) for rule in rules.of(kind)),
                        Column(text("why_total")),
                    ],
                    [
                        Row(
                            self._name(candidate),
                            [
                                *(self._mark(evidence) for evidence in candidate.evidence),
                                str(candidate.points),
                            ],
                        )
                        for candidate in self.selection.candidates
                        if candidate.kind == kind
                    ],
                )
                for kind in kinds
            ],
            "not_candidates": [
                f"{self._label(code)}. {why[self.language]}"
                for code, why in rules.not_candidates.items()
                if code in self.values.catalogue
            ],
        }

    def _bands(self, rule: str) -> str:
        """Write for which amounts a rule gives points."""
        stated = self.rules.rules[rule]
        if "bands" not in stated:
            return self.text("band_always", points=stated["points"])
        # What a rule counts is a number; what it compares is a share.
        bands = (
            self.text(
                "band",
                least=self._number(least) if "sources" in stated else self._round_share(least),
                points=points,
            )
            for least, points in stated["bands"]
        )
        return "; ".join(band.replace(" ", "\N{NO-BREAK SPACE}") for band in bands)

    def _shows(self) -> Table:
        """Return in which codes each social problem shows beside the observations."""
        rules = self.rules

        def where(theme: str) -> str:
            found = [
                f"{rules.rules[rule]['name'][self.language]}: "
                + ", ".join(self.words.part(rules.rules[rule]["breakdown"], part) for part in parts)
                for rule, parts in rules.themes[theme].items()
            ]
            return "; ".join(found) or self.text("shows_nowhere")

        return Table(
            self.text("shows_caption"),
            (Column(self.text("table_theme"), False), Column(self.text("shows_where"), False)),
            [Row(self.words.part("theme", theme), (where(theme),)) for theme in rules.themes],
        )

    @staticmethod
    def _mark(evidence: Evidence) -> str:
        if evidence.told == "not_compared":
            return ""
        return _SIGNS.get(evidence.told) or str(evidence.points)

    def _definitions(self) -> Table:
        shown = dict.fromkeys(
            [
                *(code for codes in Texts.lists("key_figures").values() for code in codes),
                "structural.observations",
                *(code for codes in Texts.lists("stage_figures").values() for code in codes),
                *(one.code for one in self.selection.chosen if one.kind == "indicator"),
                *(rule["indicator"] for rule in self.rules.rules.values() if "indicator" in rule),
            ]
        )
        return Table(
            self.text("definitions_caption"),
            (
                Column(self.text("table_indicator"), False),
                Column(self.text("definition"), False),
                Column(self.text("definition_source"), False),
            ),
            [
                Row(
                    self._label(code),
                    (entry[f"definition_{self.language}"], self._source(entry["source"])),
                )
                for code, entry in self.values.catalogue.items()
                if code in shown
            ],
        )

    def _source(self, source: str | None) -> str:
        """Name the document that an indicator's source is in; the catalogue's note is English."""
        for name in Texts.lists("source_names"):
            if source and name["note"] in source:
                return str(name[self.language])
        return source or wording.MISSING
