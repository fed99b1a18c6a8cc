"""The charts of an indicator of an area: over time, by breakdown, by organisation, by municipality.

A chart is drawn where it shows more than the number beside it: a line from two months (three years)
on, bars from two published parts or organisations on. What is too long to draw is a table only.
Every chart has the table of its numbers and a description for those who do not see it.

Writes no file except the drawings. Knows nothing of pages and links.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common import formats
from exports import wording
from exports.pages.charts import Bar, Charts, Rule, bars, trend
from exports.pages.comparability import are_organisations_comparable, has_too_many_inhabitants
from exports.pages.content import Area, Cell, Content, Values
from exports.pages.texts import DisplayValue, Texts

_MOST_BARS = 14
_FEWEST_MONTHS = 2
_FEWEST_YEARS = 3


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers in rows: the caption, the columns' names, and by row its name and cells."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[DisplayValue, ...]], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with the table of its numbers; without a file where only the table is shown.

    Attributes:
        title: what is shown, as a caption.
        description: what the drawing shows, in words.
        file: the drawing's file name.
        height: its height where its width is 360 units.
        table: its numbers.
        open: whether the table is shown unfolded, because nothing else shows the numbers.
    """

    title: str
    table: Table
    description: str = ""
    file: str = ""
    height: int = 0
    open: bool = False


class FigureCharts:
    """Makes the charts of indicators in one language.

    Attributes:
        content: the publication's tables.
        texts: the language.
        charts: where charts are drawn.
    """

    def __init__(self, content: Content, texts: Texts, charts: Charts) -> None:
        self.content = content
        self.texts = texts
        self.charts = charts

    def all(self, area: Area, indicator: Mapping[str, Any], values: Values) -> Iterator[Chart]:
        """Make every chart of an indicator of an area that there are enough values for.

        Args:
            area: the area.
            indicator: its row in the catalogue.
            values: the values of the area.
        """
        yield from self.months(indicator, values)
        yield from self._years(indicator, values)
        for breakdown in (indicator["breakdowns"] or "").split("|"):
            yield from self._parts(area, indicator, breakdown, values)
        yield from self._organisations(area, indicator)
        yield from self._municipalities(area, indicator)

    def months(self, indicator: Mapping[str, Any], values: Values) -> Iterator[Chart]:
        """Draw the months of the year; nothing where too few have a value."""
        if indicator["indicator"] not in values.months:
            return
        periods = [f"{self.content.year}-{month:02d}" for month in range(1, 13)]
        yield from self._trend(
            indicator,
            [(str(int(period[-2:])), period) for period in periods],
            values,
            self.texts.say("charts.monthly", year=self.content.year),
            self.texts.say("charts.month"),
            fewest=_FEWEST_MONTHS,
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
        points = [
            (formats.format_period(period, texts.language), cell.value)
            for _, period, cell in cells
            if cell.value is not None
        ]
        if len(points) < fewest:
            return
        target = self._target(indicator)
        file, height = self.charts.draw(
            trend(
                [(label, cell.value, texts.display(cell, unit).text) for label, _, cell in cells],
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
            first=of(points[0]),
            last=of(points[-1]),
            highest=of(max(points, key=lambda point: point[1])),
            lowest=of(min(points, key=lambda point: point[1])),
        )
        rows = tuple(
            (
                formats.format_period(period, texts.language),
                self._cells(cell, indicator),
            )
            for _, period, cell in cells
        )
        yield Chart(
            title,
            Table(f"{name}, {title.lower()}", (column, *self._columns(indicator)), rows),
            sentence
            + self._count_unpublished([cell for _, _, cell in cells])
            + self._target_sentence(target),
            file,
            height,
        )

    def _columns(self, indicator: Mapping[str, Any]) -> tuple[str, ...]:
        value = self.texts.unit(indicator["unit"]) or self.texts.say("charts.value")
        counted = () if indicator["kind"] == "count" else (self.texts.say("figure.counted"),)
        return (value, *counted)

    def _cells(self, cell: Cell, indicator: Mapping[str, Any]) -> tuple[DisplayValue, ...]:
        """Return the cells of the columns of :meth:`_columns`."""
        value = self.texts.display(cell, indicator["unit"])
        if indicator["kind"] == "count":
            return (value,)
        return value, self.texts.display_counts(cell, indicator["unit"])

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
            shown = [texts.display(cell, unit)]
            if has_before:
                shown.append(texts.display(values.cell(code, before, breakdown, part), unit))
            shown += [
                texts.display(other.cell(code, year, breakdown, part), unit) for _, other in others
            ]
            if not is_count:
                shown.append(texts.display_counts(cell, unit))
            rows.append((texts.words.part(breakdown, part), tuple(shown)))
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
            Bar(texts.words.part(breakdown, part), cell.value, texts.display(cell, unit).text)
            for part, cell in zip(parts, cells, strict=True)
        ]
        yield self._bars(name, title, drawn, cells, (), table)

    def _organisations(self, area: Area, indicator: Mapping[str, Any]) -> Iterator[Chart]:
        if area.type == "municipality":
            return
        code, unit, texts = indicator["indicator"], indicator["unit"], self.texts
        found = list(self.content.undivided(code, "organisation"))
        published = [cell for _, cell in found if cell.value is not None]
        if len(published) < 2 or not are_organisations_comparable(self.content, indicator):
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
                texts.display(cell, unit).text,
                area.type == "country"
                or one.key == area.key
                or (area.type == "welfare_area" and one.welfare_area == area.code),
            )
            for one, cell in found
        ]
        rules = []
        # A count of a wider area is the sum of what is drawn: no level to compare with.
        if indicator["kind"] != "count":
            of_area = self.content.areas.get(("welfare_area", area.welfare_area or ""))
            for wider in (*self.content.of_type("country"), *([of_area] if of_area else [])):
                cell = self.content.kept_values(wider).cell(code, self.content.year)
                if cell.value is not None and not has_too_many_inhabitants(
                    self.content, wider, indicator
                ):
                    written = texts.display(cell, unit).text
                    rules.append(Rule(texts.words.area(*wider.key), cell.value, written))
        target = self._target(indicator)
        name = indicator[f"label_{texts.language}"]
        title = texts.say("charts.organisations")
        rows = tuple(
            (texts.words.area(*one.key), self._cells(cell, indicator)) for one, cell in found
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
        code, texts = indicator["indicator"], self.texts
        found = self.content.undivided(code, "municipality", area.code)
        if not found:
            return
        rows = tuple(
            (texts.words.area(*one.key), self._cells(cell, indicator)) for one, cell in found
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
        published = [bar for bar in drawn if bar.value is not None]
        if len(published) < 2 or len(drawn) > most:
            return Chart(title, table, open=True)
        file, height = self.charts.draw(bars(drawn, rules))
        highest = max(published, key=lambda bar: bar.value or 0)
        lowest = min(published, key=lambda bar: bar.value or 0)
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
        return Chart(title, table, sentence + self._count_unpublished(cells), file, height)

    def _count_unpublished(self, cells: Sequence[Cell]) -> str:
        """Say how many values are suppressed and how many missing; empty where none is."""
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

    def _target_sentence(self, target: Rule | None) -> str:
        return self.texts.say("charts.alt_target", target=target.written) if target else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
