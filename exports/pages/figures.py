"""An indicator of an area, ready for a page: its value, what it is read beside, and its charts.

Nothing here writes files but the charts, which are drawn when they are asked for. A chart is drawn
where it tells more than the number beside it: a line from two months (three years) on, bars from
two told parts or organisations on. What is too long to draw is a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from common import formats
from exports import wording
from exports.pages.charts import Bar, Charts, Rule, bars, trend
from exports.pages.content import Area, Cell, Content, Values, direction, verdict
from exports.pages.texts import Texts, Told

_MOST_BARS = 14
_FEWEST_YEARS = 3
_PER_INHABITANTS = "_per_10000_inhabitants"


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers in rows: the caption, the columns' names, and by row its name and cells."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Told, ...]], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with the table behind it; without a file where only the table is shown.

    Attributes:
        title: what is shown, as a caption.
        told: what the drawing tells, in words.
        file: the drawing's file name.
        height: its height where its width is 360.
        table: its numbers.
        open: the table stands in the page as it is, since nothing else shows the numbers.
    """

    title: str
    table: Table
    told: str = ""
    file: str = ""
    height: int = 0
    open: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """An indicator of an area, as a page tells it. Texts are of one language."""

    code: str
    name: str
    definition: str
    unit: str
    told: Told
    previous: Told
    change: str
    moved: str
    target: str
    verdict: str
    counted: str
    source: str
    beside: tuple[tuple[str, Told], ...]
    why: str
    rank: str
    submitters: str
    partial: bool
    caution: str
    revised: str
    is_divided_only: bool
    has_data: bool
    charts: tuple[Chart, ...] = field(default=())

    @property
    def anchor(self) -> str:
        """Its place on a theme's page."""
        return self.code.replace(".", "-").replace("_", "-")


class Figures:
    """Makes the figures of areas in one language.

    Attributes:
        content: the publication's tables.
        texts: the language.
        charts: where charts are drawn.
    """

    def __init__(self, content: Content, texts: Texts, charts: Charts) -> None:
        self.content = content
        self.texts = texts
        self.charts = charts

    def of(
        self, area: Area, indicator: Mapping[str, Any], values: Values, *, drawn: bool = False
    ) -> Figure:
        """Make an indicator's figure; with its charts where they are wanted."""
        code, unit = indicator["indicator"], indicator["unit"]
        texts, content = self.texts, self.content
        cell = values.cell(code, content.year)
        before = values.cell(code, content.before)
        is_divided_only = indicator["breakdown_rule"] != "within"
        has_data = code in values.indicators
        beside = tuple(
            (
                texts.words.area(*wider.key),
                texts.tell(content.kept_values(wider).cell(code, content.year), unit),
            )
            for wider in content.wider(area)
            if not self._divides_too_much(wider, indicator)
        )
        return Figure(
            code=code,
            name=indicator[f"label_{texts.language}"],
            definition=indicator[f"definition_{texts.language}"],
            unit=texts.unit(unit),
            told=texts.tell(cell, unit),
            previous=texts.tell(before, unit),
            change=texts.change(before, cell, unit),
            moved=direction(indicator, before, cell),
            target=texts.words.target(indicator),
            verdict="no_target" if is_divided_only else verdict(indicator, cell),
            counted=texts.counted(cell, unit),
            source=texts.source(indicator["source"]),
            beside=() if is_divided_only else beside,
            why="" if has_data else self._why_missing(area, indicator, values),
            rank=self._rank(area, indicator),
            submitters=self._submitters(area, code),
            partial=self._is_partial(area, code),
            caution=self._caution(area, indicator) if has_data else "",
            revised=self._revised(area, code, unit),
            is_divided_only=is_divided_only,
            has_data=has_data,
            charts=tuple(self._drawn(area, indicator, values)) if drawn else (),
        )

    def trend_of(self, area: Area, indicator: Mapping[str, Any], values: Values) -> Chart | None:
        """Draw an indicator's months; None where they tell no line."""
        return next(self._months(indicator, values), None)

    def _why_missing(self, area: Area, indicator: Mapping[str, Any], values: Values) -> str:
        feed = indicator["base_feed"]
        if area.type == "municipality":
            return self.texts.say("status.no_rows", feed=self.texts.feed(feed))
        if feed in values.feeds and indicator["kind"] != "count":
            return self.texts.say("status.not_computed")
        return self.texts.say("status.not_submitted", feed=self.texts.feed(feed))

    def _rank(self, area: Area, indicator: Mapping[str, Any]) -> str:
        code = indicator["indicator"]
        rank = self.content.ranks.get((code, area.code)) if area.type == "organisation" else None
        if rank is None or not self._are_comparable(indicator):
            return ""
        name = "rank_lowest" if rank["ranked_by"] == "lowest" else "rank_highest"
        place, of = rank["organisation_rank"], rank["organisations_ranked"]
        return self.texts.say(f"figure.{name}", rank=place, of=of)

    def _submitters(self, area: Area, code: str) -> str:
        """Say how many organisations a wider value rests on: it says nothing of the others."""
        if area.type not in ("country", "welfare_area"):
            return ""
        found = self.content.submitters(code, area.welfare_area)
        if not found:
            return ""
        if len(found) == 1:
            return self.texts.say("figure.organisations_one")
        return self.texts.say("figure.organisations_many", count=len(found))

    def _is_partial(self, area: Area, code: str) -> bool:
        """Whether a wider value rests on some of the area's organisations only."""
        if area.type not in ("country", "welfare_area"):
            return False
        count = len(self.content.submitters(code, area.welfare_area))
        return 0 < count < len(self.content.of_type("organisation", area.welfare_area))

    def _divides_too_much(self, area: Area, indicator: Mapping[str, Any]) -> bool:
        """Whether a rate is by more inhabitants than live where its data comes from.

        The population is that of all municipalities of an area, and for an organisation that of
        its welfare area. Such a rate is told with a caution and nothing is compared with it.
        """
        if not indicator["unit"].endswith(_PER_INHABITANTS):
            return False
        if area.type == "country":
            having = {one.welfare_area for one in self.content.submitters(indicator["indicator"])}
            return len(having) < self.content.count_welfare_areas
        if area.type == "organisation":
            return len(self.content.of_type("organisation", area.welfare_area)) > 1
        return area.type == "welfare_area" and self._is_partial(area, indicator["indicator"])

    def _are_comparable(self, indicator: Mapping[str, Any]) -> bool:
        """Whether organisations may be held beside each other: not by another's inhabitants."""
        found = self.content.undivided(indicator["indicator"], "organisation")
        return not any(self._divides_too_much(one, indicator) for one, _ in found)

    def _caution(self, area: Area, indicator: Mapping[str, Any]) -> str:
        if not self._divides_too_much(area, indicator):
            return ""
        of = "organisation" if area.type == "organisation" else "area"
        return self.texts.say(f"figure.population_of_{of}")

    def _revised(self, area: Area, code: str, unit: str) -> str:
        for row in self.content.revisions.get(area.key, ()):
            if row["indicator"] == code:
                old = self.texts.written(Cell(row["old_status"], row["old_value"]), unit)
                return self.texts.say("figure.revised", corrects=row["corrects"], old=old)
        return ""

    def _drawn(self, area: Area, indicator: Mapping[str, Any], values: Values) -> Iterator[Chart]:
        yield from self._months(indicator, values)
        yield from self._years(indicator, values)
        for breakdown in (indicator["breakdowns"] or "").split("|"):
            yield from self._parts(area, indicator, breakdown, values)
        yield from self._organisations(area, indicator)
        yield from self._municipalities(area, indicator)

    def _months(self, indicator: Mapping[str, Any], values: Values) -> Iterator[Chart]:
        if indicator["indicator"] not in values.months:
            return
        periods = [f"{self.content.year}-{month:02d}" for month in range(1, 13)]
        yield from self._trend(
            indicator,
            [(str(int(period[-2:])), period) for period in periods],
            values,
            self.texts.say("charts.monthly", year=self.content.year),
            self.texts.say("charts.month"),
            fewest=2,
        )

    def _years(self, indicator: Mapping[str, Any], values: Values) -> Iterator[Chart]:
        years = self.content.publication.years
        if not years:
            return
        yield from self._trend(
            indicator,
            [(str(year), str(year)) for year in range(min(years), max(years) + 1)],
            values,
            self.texts.say("charts.yearly"),
            self.texts.say("charts.year"),
            fewest=_FEWEST_YEARS,
        )

    def _trend(
        self,
        indicator: Mapping[str, Any],
        periods: Sequence[tuple[str, str]],
        values: Values,
        title: str,
        column: str,
        *,
        fewest: int,
    ) -> Iterator[Chart]:
        code, unit, texts = indicator["indicator"], indicator["unit"], self.texts
        cells = [(label, period, values.cell(code, period)) for label, period in periods]
        told = [
            (formats.format_period(period, texts.language), cell.value)
            for _, period, cell in cells
            if cell.value is not None
        ]
        if len(told) < fewest:
            return
        target = self._target(indicator)
        file, height = self.charts.draw(
            trend(
                [(label, cell.value, texts.tell(cell, unit).text) for label, _, cell in cells],
                lambda number: wording.set_value(number, unit, texts.language),
                target,
                share=unit == "share",
            )
        )

        def of(point: tuple[str, float]) -> str:
            return f"{point[0]} {wording.value(point[1], unit, texts.language)}"

        name = indicator[f"label_{texts.language}"]
        sentence = texts.say(
            "charts.alt_trend",
            name=name,
            title=title.lower(),
            first=of(told[0]),
            last=of(told[-1]),
            highest=of(max(told, key=lambda point: point[1])),
            lowest=of(min(told, key=lambda point: point[1])),
        )
        rows = tuple(
            (
                formats.format_period(period, texts.language),
                (texts.tell(cell, unit), texts.count_of(cell, unit))
                if indicator["kind"] != "count"
                else (texts.tell(cell, unit),),
            )
            for _, period, cell in cells
        )
        yield Chart(
            title,
            Table(f"{name}, {title.lower()}", (column, *self._columns(indicator)), rows),
            sentence + self._untold([cell for _, _, cell in cells]) + self._target_told(target),
            file,
            height,
        )

    def _columns(self, indicator: Mapping[str, Any]) -> tuple[str, ...]:
        value = self.texts.unit(indicator["unit"]) or self.texts.say("charts.value")
        counted = () if indicator["kind"] == "count" else (self.texts.say("figure.counted"),)
        return (value, *counted)

    def _parts(
        self, area: Area, indicator: Mapping[str, Any], breakdown: str, values: Values
    ) -> Iterator[Chart]:
        code, unit, texts = indicator["indicator"], indicator["unit"], self.texts
        parts = values.parts.get((code, breakdown), [])
        if not parts:
            return
        year, before = self.content.year, self.content.before
        wider = self.content.wider(area)
        others = [(one, self.content.kept_values(one)) for one in wider]
        has_before = any((code, breakdown, part, before) in values.cells for part in parts)
        is_count = indicator["kind"] == "count"
        rows = []
        for part in parts:
            cell = values.cell(code, year, breakdown, part)
            told = [texts.tell(cell, unit)]
            if has_before:
                told.append(texts.tell(values.cell(code, before, breakdown, part), unit))
            told += [
                texts.tell(other.cell(code, year, breakdown, part), unit) for _, other in others
            ]
            if not is_count:
                told.append(texts.count_of(cell, unit))
            rows.append((texts.words.part(breakdown, part), tuple(told)))
        name = indicator[f"label_{texts.language}"]
        title = texts.say("charts.by", breakdown=texts.words.label("breakdown", breakdown))
        columns = (
            _capital(texts.words.label("breakdown", breakdown)),
            year,
            *((before,) if has_before else ()),
            *(f"{texts.words.area(*one.key)} {year}" for one in wider),
            *(() if is_count else (texts.say("figure.counted"),)),
        )
        table = Table(f"{name}. {title}", columns, tuple(rows))
        cells = [values.cell(code, year, breakdown, part) for part in parts]
        drawn = [
            Bar(texts.words.part(breakdown, part), cell.value, texts.tell(cell, unit).text)
            for part, cell in zip(parts, cells, strict=True)
        ]
        yield self._bars(name, title, drawn, cells, (), table)

    def _organisations(self, area: Area, indicator: Mapping[str, Any]) -> Iterator[Chart]:
        if area.type == "municipality":
            return
        code, unit, texts = indicator["indicator"], indicator["unit"], self.texts
        found = list(self.content.undivided(code, "organisation"))
        published = [cell for _, cell in found if cell.value is not None]
        if len(published) < 2 or not self._are_comparable(indicator):
            return
        lowest_first = indicator["direction"] == "down"
        found.sort(
            key=lambda pair: (
                pair[1].value is None,
                (pair[1].value or 0) * (1 if lowest_first else -1),
            )
        )
        drawn = [
            Bar(
                texts.words.area(*one.key),
                cell.value,
                texts.tell(cell, unit).text,
                area.type == "country"
                or one.key == area.key
                or (area.type == "welfare_area" and one.welfare_area == area.code),
            )
            for one, cell in found
        ]
        rules = []
        # A count of a wider area is the sum of what is drawn: nothing to hold an organisation to.
        if indicator["kind"] != "count":
            of_area = self.content.areas.get(("welfare_area", area.welfare_area or ""))
            for wider in (*self.content.of_type("country"), *([of_area] if of_area else [])):
                cell = self.content.kept_values(wider).cell(code, self.content.year)
                if cell.value is not None and not self._divides_too_much(wider, indicator):
                    told = texts.tell(cell, unit).text
                    rules.append(Rule(texts.words.area(*wider.key), cell.value, told))
        target = self._target(indicator)
        name = indicator[f"label_{texts.language}"]
        title = texts.say("charts.organisations")
        is_count = indicator["kind"] == "count"
        rows = tuple(
            (
                texts.words.area(*one.key),
                (texts.tell(cell, unit), *(() if is_count else (texts.count_of(cell, unit),))),
            )
            for one, cell in found
        )
        columns = (texts.say("charts.organisation"), *self._columns(indicator))
        table = Table(f"{name}. {title}", columns, rows)
        cells = [cell for _, cell in found]
        yield self._bars(
            name, title, drawn, cells, (*rules, *([target] if target else [])), table, most=99
        )

    def _municipalities(self, area: Area, indicator: Mapping[str, Any]) -> Iterator[Chart]:
        if area.type != "welfare_area":
            return
        code, unit, texts = indicator["indicator"], indicator["unit"], self.texts
        found = self.content.undivided(code, "municipality", area.code)
        if not found:
            return
        is_count = indicator["kind"] == "count"
        rows = tuple(
            (
                texts.words.area(*one.key),
                (texts.tell(cell, unit), *(() if is_count else (texts.count_of(cell, unit),))),
            )
            for one, cell in found
        )
        name = indicator[f"label_{texts.language}"]
        title = texts.say("charts.municipalities")
        columns = (texts.say("charts.municipality"), *self._columns(indicator))
        yield Chart(title, Table(f"{name}. {title}", columns, rows))

    def _bars(
        self,
        name: str,
        title: str,
        drawn: Sequence[Bar],
        cells: Sequence[Cell],
        rules: Sequence[Rule],
        table: Table,
        *,
        most: int = _MOST_BARS,
    ) -> Chart:
        told = [bar for bar in drawn if bar.value is not None]
        if len(told) < 2 or len(drawn) > most:
            return Chart(title, table, open=True)
        file, height = self.charts.draw(bars(drawn, rules))
        highest = max(told, key=lambda bar: bar.value or 0)
        lowest = min(told, key=lambda bar: bar.value or 0)
        sentence = self.texts.say(
            "charts.alt_bars",
            name=name,
            title=title[:1].lower() + title[1:],
            highest=f"{highest.name} {highest.written}",
            lowest=f"{lowest.name} {lowest.written}",
        )
        if rules:
            named = ", ".join(f"{rule.name} {rule.written}" for rule in rules)
            sentence += self.texts.say("charts.alt_rules", rules=named)
        return Chart(title, table, sentence + self._untold(cells), file, height)

    def _untold(self, cells: Sequence[Cell]) -> str:
        sentence = ""
        for status in ("suppressed", "missing"):
            count = len([cell for cell in cells if cell.value is None and cell.status == status])
            if count:
                sentence += self.texts.say(f"charts.alt_{status}", count=count)
        return sentence

    def _target(self, indicator: Mapping[str, Any]) -> Rule | None:
        if indicator["target"] is None:
            return None
        name = self.texts.say("charts.target")
        return Rule(name, indicator["target"], self.texts.words.target(indicator), target=True)

    def _target_told(self, target: Rule | None) -> str:
        return self.texts.say("charts.alt_target", target=target.written) if target else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
