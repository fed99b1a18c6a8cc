"""The workbook of a release: for the knowledge manager who filters, sorts and counts on in Excel.

A cover that says what the numbers are and how to read them, charts of every theme, a sheet of every
theme with one row per value, the months, the scorecards, the definitions. A suppressed value is a
marked cell with a sign in it, never a number and never an empty cell; a missing one has another
sign; nought is 0.

Knows a publication and its words, and nothing of how it came about. The same publication gives the
same bytes: the day in the file's properties is the day of the release.
"""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
import yaml
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from exports import wording
from exports.gaps import Reading, reading
from exports.publication import Publication
from exports.publishing import whole
from exports.wording import MISSING, SUPPRESSED, Language, Words
from exports.workbook_charts import Chart, Data, charts_of, draw

Row = Mapping[str, Any]

MOST_ROWS = 1_048_576
"""Rows that a sheet of Excel holds."""

_HEADER = 3  # index of the header's row in every table: title, legend and a free row are above
_FONT = {"font_name": "Arial", "font_size": 10}
_MOST_FAILURES = 12  # on the cover, which is one page
_CHART_ROWS = 21  # rows that a chart covers
_CHART_DATA_WIDTH = 18
_LINE_HEIGHT = 13.0  # points
_DARK = "#1F3864"
_GREY_FILL = "#D9D9D9"
_MET_FILL, _NOT_MET_FILL = "#DDEBDA", "#FBE5D6"
_LINE = "#BFBFBF"
_FINLAND = ZoneInfo("Europe/Helsinki")

_ROWS = """
WITH now AS (SELECT * FROM complete WHERE period_type = 'year' AND period = $year)
SELECT
    catalogue.theme,
    now.*,
    catalogue.unit,
    catalogue.denominator_measure,
    -- What one organisation is to reach says nothing of a country or a municipality.
    CASE
        WHEN catalogue.kind <> 'count' THEN catalogue.target
        WHEN now.area_type IN ('welfare_area', 'organisation') AND now.breakdown = 'none'
            THEN catalogue.target
    END AS target,
    catalogue.target_operator,
    CASE
        WHEN now.value IS NULL OR target IS NULL THEN NULL
        WHEN CASE catalogue.target_operator
            WHEN '<=' THEN now.value <= target
            WHEN '>=' THEN now.value >= target
            ELSE now.value = target
        END THEN 'met'
        ELSE 'not_met'
    END AS met,
    before.value AS previous_value,
    before.status AS previous_status,
    now.value - before.value AS change,
    wider.value AS welfare_area_value,
    wider.status AS welfare_area_status,
    country.value AS country_value,
    country.status AS country_status,
    comparison.organisation_rank,
    comparison.organisations_ranked
FROM now
INNER JOIN catalogue USING (indicator)
LEFT JOIN areas USING (area_type, area)
LEFT JOIN breakdown_values AS parts USING (breakdown, breakdown_value)
LEFT JOIN labels AS divided ON divided.kind = 'breakdown' AND divided.code = now.breakdown
LEFT JOIN complete AS before
    ON before.indicator = now.indicator
    AND before.area_type = now.area_type AND before.area = now.area
    AND before.period_type = 'year' AND before.period = $previous_year
    AND before.breakdown = now.breakdown AND before.breakdown_value = now.breakdown_value
LEFT JOIN now AS wider
    ON wider.indicator = now.indicator
    AND wider.area_type = 'welfare_area' AND wider.area = areas.welfare_area
    AND wider.breakdown = now.breakdown AND wider.breakdown_value = now.breakdown_value
    AND now.area_type IN ('organisation', 'municipality')
LEFT JOIN now AS country
    ON country.indicator = now.indicator
    AND country.area_type = 'country'
    AND country.breakdown = now.breakdown AND country.breakdown_value = now.breakdown_value
    AND now.area_type <> 'country'
LEFT JOIN comparison
    ON comparison.indicator = now.indicator
    AND comparison.area_type = now.area_type AND comparison.area = now.area
    AND comparison.breakdown = now.breakdown
    AND comparison.breakdown_value = now.breakdown_value
WHERE catalogue.theme = $theme
ORDER BY
    now.indicator, now.breakdown <> 'none', divided.position, now.breakdown, parts.position,
    now.breakdown_value,
    list_position(['country', 'welfare_area', 'organisation', 'municipality'], now.area_type),
    now.area
"""

_MONTHS = """
SELECT
    themes.position AS place, indicator, catalogue.unit, area_type, area,
    list({period: period, value: value, status: status} ORDER BY period) AS months
FROM complete
INNER JOIN catalogue USING (indicator)
LEFT JOIN labels AS themes ON themes.kind = 'theme' AND themes.code = catalogue.theme
WHERE period_type = 'month' AND left(period, 4) = $year AND breakdown = 'none'
GROUP BY themes.position, indicator, catalogue.unit, area_type, area
ORDER BY
    place, indicator,
    list_position(['country', 'welfare_area', 'organisation', 'municipality'], area_type), area
"""

_THEMES = """
SELECT code AS theme FROM labels
WHERE kind = 'theme' AND code IN (SELECT theme FROM catalogue)
ORDER BY position, code
"""

_SCORED_AREAS = """
SELECT DISTINCT area_type, area
FROM {table}
WHERE area_type <> 'municipality'
ORDER BY list_position(['country', 'welfare_area', 'organisation'], area_type), area
"""


def write_workbook(publication: Publication, out: Path, language: Language) -> Path:
    """Write the workbook of a release.

    Args:
        publication: what is published.
        out: the file; its folder is created if it does not exist, a file of the same name replaced
            in one step.
        language: the language of every text in it.

    Returns:
        The file.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    texts = yaml.safe_load(Path(__file__).with_name("workbook.yaml").read_text(encoding="utf-8"))
    with whole(out) as draft, reading(publication) as tables:
        book = xlsxwriter.Workbook(
            str(draft),
            {
                "in_memory": True,
                "default_format_properties": _FONT,
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
            },
        )
        _Writer(publication, tables, book, wording.words(publication, language), texts).write()
        book.close()
    return out


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a table.

    Attributes:
        name: what it is called: a name in the texts, or ``title``.
        width: in characters.
        wrap: are its texts broken into lines?
        title: its title, where no text names it.
    """

    name: str
    width: float
    wrap: bool = False
    title: str | None = None


_THEME_COLUMNS = (
    _Column("indicator", 34, wrap=True),
    _Column("area", 31, wrap=True),
    _Column("area_type", 15, wrap=True),
    _Column("breakdown", 16, wrap=True),
    _Column("breakdown_value", 26, wrap=True),
    _Column("value", 10),
    _Column("unit", 26, wrap=True),
    _Column("target", 9),
    _Column("met", 14),
    _Column("previous", 11),
    _Column("change", 13),
    _Column("welfare_area", 17),
    _Column("country", 11),
    _Column("rank", 7),
    _Column("status", 12),
    _Column("numerator", 11),
    _Column("denominator", 11),
    _Column("code", 36),
)
_NUMBERS = frozenset(
    {
        "value",
        "target",
        "previous",
        "change",
        "welfare_area",
        "country",
        "rank",
        "numerator",
        "denominator",
        "old_value",
        "new_value",
    }
)
_PRINTED = 14
"""On paper up to the rank; what the value is counted from is for the screen."""

_DEFINITION_COLUMNS = (
    _Column("theme", 20, wrap=True),
    _Column("indicator", 32, wrap=True),
    _Column("definition", 60, wrap=True),
    _Column("unit", 20, wrap=True),
    _Column("direction", 18, wrap=True),
    _Column("target", 10),
    _Column("breakdowns", 24, wrap=True),
    _Column("areas", 24, wrap=True),
    _Column("period_types", 12, wrap=True),
    _Column("personal", 14),
    _Column("formula", 44, wrap=True),
    _Column("source", 30, wrap=True),
    _Column("code", 36),
)
_REVISION_COLUMNS = (
    _Column("indicator", 34, wrap=True),
    _Column("area", 30, wrap=True),
    _Column("area_type", 15),
    _Column("period", 16),
    _Column("breakdown", 18, wrap=True),
    _Column("breakdown_value", 28, wrap=True),
    _Column("old_value", 11),
    _Column("new_value", 11),
    _Column("unit", 20, wrap=True),
    _Column("why", 34, wrap=True),
    _Column("submissions", 50, wrap=True),
)


@dataclass(slots=True)
class _Writer:
    """Writes one workbook in one language."""

    publication: Publication
    tables: Reading
    book: xlsxwriter.Workbook
    words: Words
    texts: Mapping[str, Any]
    indicators: dict[str, str] = field(init=False)
    _formats: dict[tuple[tuple[str, Any], ...], Format] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.indicators = {
            row["indicator"]: row[f"label_{self.words.language}"]
            for row in self.tables.rows("FROM catalogue")
        }

    def write(self) -> None:
        """Write every sheet, in the order of their tabs."""
        info = self.publication.info
        self._describe()
        themes = [row["theme"] for row in self.tables.rows(_THEMES)]
        names = {theme: self._sheet_name(self.words.label("theme", theme)) for theme in themes}
        revised = self.tables.rows(
            "SELECT revisions.*, catalogue.unit FROM revisions LEFT JOIN catalogue "
            "USING (indicator) ORDER BY ALL"
        )
        others = [
            sheet
            for sheet in self.texts["sheets"]
            if sheet not in ("cover", "charts") and (revised or sheet != "revisions")
        ]
        cover = self._add(self.text("sheets", "cover"))
        charts = self._add(self.text("sheets", "charts"))
        rows = {}
        parameters = {"year": str(info.year), "previous_year": str(info.year - 1)}
        for theme, name in names.items():
            rows[theme] = self.tables.rows(_ROWS, {**parameters, "theme": theme})
            self._write_theme(self._add(name), theme, rows[theme])
        sheets = {sheet: self._add(self.text("sheets", sheet)) for sheet in others}
        self._write_months(sheets["months"])
        self._write_scorecard(
            sheets["aikumetod"], "aikumetod", "aikumetod_scorecard", _recommendation
        )
        self._write_scorecard(
            sheets["strategy_map"], "strategy_map", "strategy_map", _success_factor
        )
        if revised:
            self._write_revisions(sheets["revisions"], revised)
        self._write_definitions(sheets["definitions"])
        self._write_charts(charts, sheets["chart_data"], names)
        self._write_cover(cover, names, rows, ["charts", *others])
        cover.activate()

    # Words and looks

    def text(self, *path: str, **values: Any) -> str:
        """Return a text of the workbook in its language."""
        found = functools.reduce(lambda level, key: level[key], path, self.texts)
        text: str = found[self.words.language]
        return text.format(year=self.publication.info.year, **values)

    def look(self, **properties: Any) -> Format:
        """Return a cell format; the same one for the same looks."""
        full = {**_FONT, "valign": "top", **properties}
        key = tuple(sorted(full.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(full)
        return self._formats[key]

    def number_format(self, unit: str, value: float) -> str:
        """Write how Excel shows a value of a unit: as the other publications do.

        One pattern for each value rather than one with conditions for all: programs differ in
        whether such a pattern still shows the minus of a negative number.
        """
        if unit == "share":
            return f"{'0' if value == 0 else '0.0'}{self._percent()}"
        decimals = wording.decimals(unit)
        if decimals == 0 or value == 0:
            return "#,##0"
        return "#,##0.0" if decimals == 1 or abs(value) >= 10 else "0.00"

    def _percent(self) -> str:
        """Return the sign for percent in a pattern: after a blank in Finnish and Swedish."""
        return "%" if self.words.language == "en" else "\\ %"

    def _describe(self) -> None:
        info = self.publication.info
        self.book.set_properties(
            {
                "title": f"{self.text('titles', 'book')}, {info.name}",
                "subject": self.text("subject"),
                "company": "Vuosikello",
                "author": "Vuosikello",
                "comments": self.text("cover", "what"),
                "keywords": f"Vuosikello {info.name}, CC BY 4.0",
                # No clock: the day of the release, noon.
                "created": datetime.combine(info.released_on, time(12)),
            }
        )
        self.book.set_custom_property("Release", info.name, "text")
        self.book.set_custom_property("Language", self.words.language, "text")

    def _sheet_name(self, label: str) -> str:
        """Return a name that Excel takes for a sheet: 31 characters, some signs not among them."""
        name = "".join(" " if sign in "[]:*?/\\" else sign for sign in label)[:31].strip("' ")
        while name.casefold() in self._used:
            name = f"{name[:30]}_"
        self._used.add(name.casefold())
        return name

    def _add(self, name: str) -> Worksheet:
        sheet: Worksheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        info = self.publication.info
        sheet.set_footer(f"&L&8Vuosikello {info.name}&C&8&A&R&8{self.text('page')}")
        return sheet

    # Parts of sheets

    def _begin(self, sheet: Worksheet, title: str, *, legend: str | None = None) -> None:
        """Write what stands above a table: its title, how to read it and where to go from it."""
        sheet.write_string(0, 0, title, self.look(bold=True, font_size=16, font_color=_DARK))
        sheet.set_row(0, 24)
        link = self.look(font_color="#0B5394", underline=1)
        sheet.write_url(
            1,
            0,
            f"internal:'{self.text('sheets', 'cover')}'!A1",
            link,
            self.text("to_cover"),
        )
        sheet.write_string(
            1,
            1,
            self.text("legend") if legend is None else legend,
            self.look(font_color="#404040", italic=True),
        )

    def _header(
        self,
        sheet: Worksheet,
        columns: Sequence[_Column],
        rows: int,
        *,
        height: float = 34,
        is_filtered: bool = True,
        printed: int | None = None,
    ) -> None:
        """Write a table's header so that it stays in sight, filters, and repeats in print."""
        looks = {
            "bold": True,
            "font_color": "#FFFFFF",
            "bg_color": _DARK,
            "text_wrap": True,
            "valign": "vcenter",
            "border": 1,
            "border_color": "#FFFFFF",
        }
        for place, column in enumerate(columns):
            is_number = column.name in _NUMBERS or column.title is not None
            side = {"align": "right"} if is_number else {"align": "left", "indent": 1}
            title = column.title or self.text("columns", column.name)
            sheet.write_string(_HEADER, place, title, self.look(**looks, **side))
            sheet.set_column(place, place, column.width)
        sheet.set_row(_HEADER, height)
        sheet.freeze_panes(_HEADER + 1, 2)
        sheet.repeat_rows(_HEADER)
        last = _HEADER + max(rows, 1)
        if is_filtered:
            sheet.autofilter(_HEADER, 0, last, len(columns) - 1)
        sheet.print_area(0, 0, last, (printed or len(columns)) - 1)

    def _fitting(self, sheet: Worksheet, rows: Sequence[Row]) -> Sequence[Row]:
        """Return as many rows as a sheet holds; where some are left out, the sheet says so."""
        room = MOST_ROWS - _HEADER - 1
        if len(rows) > room:
            left = wording.number(len(rows) - room, self.words.language, 0)
            sheet.write_string(
                2, 0, self.text("cut", rows=left), self.look(bold=True, font_color="#9C0006")
            )
        return rows[:room]

    def _texts(
        self,
        sheet: Worksheet,
        row: int,
        columns: Sequence[_Column],
        texts: Mapping[int, str],
        looks: Mapping[str, Any],
    ) -> None:
        """Write the texts of a row, and make it as high as the longest of them needs.

        Programs do not agree on who finds the height of a row with broken lines: the file says it.
        """
        lines = 1
        for column, text in texts.items():
            wrap = columns[column].wrap
            sheet.write(
                row, column, text, self.look(**looks, text_wrap=wrap, align="left", indent=1)
            )
            if wrap:
                lines = max(lines, _lines(text, columns[column].width))
        sheet.set_row(row, _LINE_HEIGHT * lines + 2)

    def value(
        self,
        sheet: Worksheet,
        row: int,
        column: int,
        value: float | None,
        status: str | None,
        unit: str,
        *,
        is_noted: bool = False,
        **looks: Any,
    ) -> None:
        """Write a value, its sign where it is suppressed or missing, or nothing where none is due.

        Args:
            sheet: where.
            row: from 0.
            column: from 0.
            value: the number; None unless it is published.
            status: published, suppressed or missing; None: nothing is known of it.
            unit: its unit.
            is_noted: a suppressed one gets a note that says so.
            looks: further looks of the cell.
        """
        if status == "suppressed":
            sheet.write_string(
                row,
                column,
                SUPPRESSED,
                self.look(**{**looks, "bg_color": _GREY_FILL, "align": "center"}),
            )
            if is_noted:
                sheet.write_comment(
                    row,
                    column,
                    self.text("suppressed_note"),
                    {"author": "Vuosikello", "x_scale": 1.3, "y_scale": 0.6},
                )
        elif status == "missing":
            sheet.write_string(row, column, MISSING, self.look(**{**looks, "align": "center"}))
        elif value is None:
            sheet.write_blank(row, column, None, self.look(**looks))
        else:
            number_format = looks.pop("num_format", None) or self.number_format(unit, value)
            sheet.write_number(row, column, value, self.look(**looks, num_format=number_format))

    def target(self, sheet: Worksheet, row: int, column: int, indicator: Row, **looks: Any) -> None:
        """Write a target as a number that shows its sign: ≤ 35."""
        if indicator["target"] is None:
            sheet.write_blank(row, column, None, self.look(**looks))
            return
        sign = {"<=": "≤", ">=": "≥", "=": "="}[indicator["target_operator"]]
        number = f"0{self._percent()}" if indicator["unit"] == "share" else "General"
        sheet.write_number(
            row, column, indicator["target"], self.look(**looks, num_format=f'"{sign} "{number}')
        )

    # Sheets

    def _write_theme(self, sheet: Worksheet, theme: str, rows: Sequence[Row]) -> None:
        name = self.words.label("theme", theme)
        self._begin(sheet, f"{name} {self.publication.info.year}")
        sheet.write_url(
            0,
            5,
            f"internal:'{self.text('sheets', 'charts')}'!A1",
            self.look(font_color="#0B5394", underline=1),
            self.text("to_charts"),
        )
        written = self._fitting(sheet, rows)
        self._header(sheet, _THEME_COLUMNS, len(written), printed=_PRINTED)
        names = {row["unit"]: self.words.label("unit", row["unit"]) for row in written}
        labels = self.indicators
        before = None
        for place, row in enumerate(written, start=_HEADER + 1):
            # A line above each new indicator lets the eye find where it begins.
            first = row["indicator"] != before
            before = row["indicator"]
            looks: dict[str, Any] = {"bottom": 4, "bottom_color": _LINE}
            if first:
                looks |= {"top": 1, "top_color": _DARK}
            undivided = row["breakdown"] == "none"
            strings = (
                labels[row["indicator"]],
                self.words.area(row["area_type"], row["area"]),
                self.words.label("area_type", row["area_type"]),
                "" if undivided else self.words.label("breakdown", row["breakdown"]),
                self.words.label("breakdown", "none")
                if undivided
                else self.words.part(row["breakdown"], row["breakdown_value"]),
            )
            unit = row["unit"]
            self._texts(
                sheet, place, _THEME_COLUMNS, {**dict(enumerate(strings)), 6: names[unit]}, looks
            )
            self.value(
                sheet,
                place,
                5,
                row["value"],
                row["status"],
                unit,
                is_noted=True,
                **looks,
                bold=True,
            )
            self.target(sheet, place, 7, row, **looks)
            self._met(sheet, place, 8, row["met"], **looks)
            self.value(
                sheet, place, 9, row["previous_value"], row["previous_status"], unit, **looks
            )
            self._change(sheet, place, 10, row["change"], unit, **looks)
            for column, wider in ((11, "welfare_area"), (12, "country")):
                self.value(
                    sheet,
                    place,
                    column,
                    row[f"{wider}_value"],
                    row[f"{wider}_status"],
                    unit,
                    **looks,
                )
            # A place among one is none.
            is_ranked = (row["organisations_ranked"] or 0) > 1
            self.value(
                sheet,
                place,
                13,
                row["organisation_rank"] if is_ranked else None,
                None,
                unit,
                **looks,
                num_format=f'0"/{row["organisations_ranked"]}"',
            )
            sheet.write_string(
                place, 14, self.words.label("status", row["status"]), self.look(**looks)
            )
            counted = "#,##0.##" if unit == "fte" else "#,##0"
            for column, part in ((15, "numerator"), (16, "denominator")):
                is_due = part == "numerator" or row["denominator_measure"] is not None
                status = row["status"] if row["status"] != "published" and is_due else None
                self.value(
                    sheet, place, column, row[part], status, unit, **looks, num_format=counted
                )
            sheet.write_string(
                place, 17, row["indicator"], self.look(**looks, font_color="#595959")
            )

    def _met(self, sheet: Worksheet, row: int, column: int, met: str | None, **looks: Any) -> None:
        if met is None:
            sheet.write_blank(row, column, None, self.look(**looks))
            return
        fill = _MET_FILL if met == "met" else _NOT_MET_FILL
        sign = "✓" if met == "met" else "✗"
        sheet.write_string(
            row,
            column,
            f"{sign} {self.words.label('scorecard_status', met)}",
            self.look(**looks, bg_color=fill, align="left", indent=1),
        )

    def _change(
        self, sheet: Worksheet, row: int, column: int, change: float | None, unit: str, **looks: Any
    ) -> None:
        """Write a change with its sign; of a share in percentage points."""
        if unit == "share":
            points = self.text("points")
            change = None if change is None else change * 100
            pattern = f'+0.0" {points}";"−"0.0" {points}";"±0 {points}"'
        else:
            number = {0: "#,##0", 1: "#,##0.0"}.get(wording.decimals(unit), "#,##0.00")
            pattern = f'+{number};"−"{number};"±0"'
        # Subtracting leaves dust in the last digits that nobody measured.
        rounded = None if change is None else round(change, 9)
        self.value(sheet, row, column, rounded, None, unit, **looks, num_format=pattern)

    def _write_months(self, sheet: Worksheet) -> None:
        rows = self.tables.rows(_MONTHS, {"year": str(self.publication.info.year)})
        labels = self.indicators
        self._begin(sheet, self.text("titles", "months"))
        written = self._fitting(sheet, rows)
        months = [f"{self.publication.info.year}-{month:02d}" for month in range(1, 13)]
        columns = (
            _Column("indicator", 34, wrap=True),
            _Column("area", 31, wrap=True),
            _Column("area_type", 15, wrap=True),
            _Column("unit", 26, wrap=True),
        )
        names = [wording.period(month, self.words.language, short=True) for month in months]
        named = [_Column(month, 9, title=name) for month, name in zip(months, names, strict=True)]
        self._header(sheet, (*columns, *named), len(written))
        before = None
        for place, row in enumerate(written, start=_HEADER + 1):
            looks: dict[str, Any] = {"bottom": 4, "bottom_color": _LINE}
            if row["indicator"] != before:
                looks |= {"top": 1, "top_color": _DARK}
            before = row["indicator"]
            strings = (
                labels[row["indicator"]],
                self.words.area(row["area_type"], row["area"]),
                self.words.label("area_type", row["area_type"]),
                self.words.label("unit", row["unit"]),
            )
            self._texts(sheet, place, columns, dict(enumerate(strings)), looks)
            known = {month["period"]: month for month in row["months"]}
            for column, month in enumerate(months, start=len(columns)):
                cell = known.get(month, {"value": None, "status": None})
                self.value(
                    sheet, place, column, cell["value"], cell["status"], row["unit"], **looks
                )

    def _write_scorecard(
        self,
        sheet: Worksheet,
        name: str,
        table: str,
        heading: Callable[[Row, Language], str],
    ) -> None:
        """Write a scorecard as a matrix: its lines under each other, the areas side by side."""
        language = self.words.language
        areas = self.tables.rows(_SCORED_AREAS.format(table=table))
        order = "recommendation" if table == "aikumetod_scorecard" else "position"
        rows = self.tables.rows(
            f"""
            SELECT given.*, catalogue.unit, catalogue.label_{language} AS label
            FROM {table} AS given LEFT JOIN catalogue USING (indicator)
            WHERE area_type <> 'municipality'
            ORDER BY {order}, line
            """
        )
        lines: dict[tuple[Any, int], dict[tuple[str, str], Row]] = {}
        for row in rows:
            line = lines.setdefault((row[order], row["line"]), {})
            line[row["area_type"], row["area"]] = row
        self._begin(
            sheet,
            self.text("titles", name),
            legend=f"{self.text('scorecard_signs')} · ‥ "
            f"{self.words.label('status', 'suppressed')} · – "
            f"{self.words.label('status', 'missing')}",
        )
        has_model = table == "aikumetod_scorecard"
        columns = [_Column("note", 40, wrap=True), _Column("indicator", 36, wrap=True)]
        if has_model:
            columns += [_Column("level", 11), _Column("part", 17, wrap=True)]
        columns += [_Column("unit", 26, wrap=True), _Column("target", 9)]
        first, last = len(columns), len(columns) + len(areas) - 1
        named = [
            _Column(area["area"], 17, title=self.words.area(area["area_type"], area["area"]))
            for area in areas
        ]
        self._header(sheet, (*columns, *named), 1, height=94, is_filtered=False)
        above: Any = None
        place = _HEADER
        for (group, _), by_area in lines.items():
            some = next(iter(by_area.values()))
            if group != above:
                place += 1
                above = group
                text = heading(some, language)
                sheet.merge_range(
                    place,
                    0,
                    place,
                    first - 1,
                    text,
                    self.look(bold=True, text_wrap=True, bg_color="#E7ECF4", valign="vcenter"),
                )
                width = sum(column.width for column in columns)
                sheet.set_row(place, _LINE_HEIGHT * _lines(text, width * 0.9) + 6)
                for column in range(first, last + 1):
                    sheet.write_blank(place, column, None, self.look(bg_color="#E7ECF4"))
            place += 1
            self._write_line(sheet, place, columns, some, by_area, areas)
        sheet.print_area(0, 0, place, last)

    def _write_line(
        self,
        sheet: Worksheet,
        place: int,
        columns: Sequence[_Column],
        line: Row,
        by_area: Mapping[tuple[str, str], Row],
        areas: Sequence[Row],
    ) -> None:
        """Write a line of a scorecard: what it tells, and its value in each area."""
        language = self.words.language
        looks: dict[str, Any] = {"bottom": 4, "bottom_color": _LINE}
        label = line["label"] or ""
        if line["breakdown"] not in (None, "none"):
            label += f": {self.words.part(line['breakdown'], line['breakdown_value'])}"
        texts = [line[f"note_{language}"] or "", label]
        if "level" in line:
            texts += [
                self.words.label("scorecard_level", line["level"]),
                self.words.label("scorecard_part", line["part"]),
            ]
        texts.append(self.words.label("unit", line["unit"]) if line["unit"] else "")
        self._texts(sheet, place, columns, dict(enumerate(texts)), looks)
        targets = [row for row in by_area.values() if row["target"] is not None]
        self.target(sheet, place, len(texts), (targets or [line])[0], **looks)
        for column, area in enumerate(areas, start=len(texts) + 1):
            row = by_area.get((area["area_type"], area["area"]))
            if row is None or row["indicator"] is None:
                sheet.write_blank(place, column, None, self.look(**looks))
                continue
            status = {"no_data": "missing", "suppressed": "suppressed"}.get(row["status"])
            marks: dict[str, Any] = {}
            if row["status"] in ("met", "not_met"):
                sign, fill = ("✓", _MET_FILL) if row["status"] == "met" else ("✗", _NOT_MET_FILL)
                pattern = self.number_format(row["unit"], row["value"])
                marks = {"num_format": f'{pattern}" {sign}"', "bg_color": fill}
            self.value(sheet, place, column, row["value"], status, row["unit"], **looks, **marks)

    def _write_revisions(self, sheet: Worksheet, rows: Sequence[Row]) -> None:
        labels = self.indicators
        self._begin(sheet, self.text("titles", "revisions"))
        written = self._fitting(sheet, rows)
        self._header(sheet, _REVISION_COLUMNS, len(written))
        looks: dict[str, Any] = {"bottom": 4, "bottom_color": _LINE}
        for place, row in enumerate(written, start=_HEADER + 1):
            undivided = row["breakdown"] == "none"
            why = self.texts["why"].get(row.get("why"))
            strings: dict[int, str] = {
                0: labels[row["indicator"]],
                1: self.words.area(row["area_type"], row["area"]),
                2: self.words.label("area_type", row["area_type"]),
                3: wording.period(row["period"], self.words.language),
                4: "" if undivided else self.words.label("breakdown", row["breakdown"]),
                5: self.words.label("breakdown", "none")
                if undivided
                else self.words.part(row["breakdown"], row["breakdown_value"]),
                8: self.words.label("unit", row["unit"]) if row["unit"] else "",
                9: why[self.words.language] if why else str(row.get("why") or ""),
                10: str(row.get("submissions") or "").replace("|", "\n"),
            }
            self._texts(sheet, place, _REVISION_COLUMNS, strings, looks)
            for column, when in ((6, "old"), (7, "new")):
                self.value(
                    sheet,
                    place,
                    column,
                    row[f"{when}_value"],
                    row[f"{when}_status"],
                    row["unit"] or "",
                    **looks,
                )

    def _write_definitions(self, sheet: Worksheet) -> None:
        language = self.words.language
        rows = self.tables.rows(
            """
            SELECT catalogue.* FROM catalogue
            LEFT JOIN labels ON labels.kind = 'theme' AND labels.code = catalogue.theme
            ORDER BY labels.position, indicator
            """
        )
        self._begin(sheet, self.text("titles", "definitions"), legend="")
        self._header(sheet, _DEFINITION_COLUMNS, len(rows), printed=7)
        looks: dict[str, Any] = {"bottom": 4, "bottom_color": _LINE}
        for place, row in enumerate(rows, start=_HEADER + 1):
            listed = {
                kind: ", ".join(
                    self.words.label(kind, code) for code in (row[column] or "").split("|") if code
                )
                for column, kind in (
                    ("breakdowns", "breakdown"),
                    ("areas", "area_type"),
                    ("period_types", "period_type"),
                )
            }
            strings = {
                0: self.words.label("theme", row["theme"]),
                1: row[f"label_{language}"],
                2: row[f"definition_{language}"],
                3: self.words.label("unit", row["unit"]),
                4: self.words.label("direction", row["direction"]),
                6: listed["breakdown"],
                7: listed["area_type"],
                8: listed["period_type"],
                9: self.words.label("persons_kind", row["persons_kind"])
                if row["persons_kind"]
                else "",
                10: row["formula"],
                11: row["source"] or "",
                12: row["indicator"],
            }
            self._texts(sheet, place, _DEFINITION_COLUMNS, strings, looks)
            self.target(sheet, place, 5, row, **looks)

    def _write_charts(self, sheet: Worksheet, data: Worksheet, themes: Mapping[str, str]) -> None:
        """Write the charts of every theme, and the sheet of the tables that they show."""
        self._begin(sheet, self.text("titles", "charts"), legend=self.text("charts_legend"))
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 20, 10)
        sheet.set_default_row(15)
        self._begin(data, self.text("titles", "chart_data"))
        data.set_column(0, 0, 54)
        data.set_column(1, 12, _CHART_DATA_WIDTH)
        data.freeze_panes(2, 1)
        place, below = 3, 3
        breaks: list[int] = []
        for theme, name in themes.items():
            sheet.write_string(
                place,
                0,
                self.words.label("theme", theme),
                self.look(bold=True, font_size=14, font_color=_DARK),
            )
            sheet.write_url(
                place,
                3,
                f"internal:'{name}'!A1",
                self.look(font_color="#0B5394", underline=1),
                self.text("to_table"),
            )
            charts = charts_of(
                self.tables, self.publication.info.year, theme, self.words, self.texts["charts"]
            )
            if not charts:
                sheet.write_string(place + 1, 0, self.text("charts", "none"))
            for number, chart in enumerate(charts):
                table = self._write_chart_data(data, below, chart)
                below = table.last + 3
                drawn, alt = draw(
                    self.book,
                    chart,
                    table,
                    self.words.language,
                    self.texts["charts"],
                    percent=self._percent(),
                )
                sheet.insert_chart(
                    place + 1 + (number // 2) * _CHART_ROWS,
                    0 if number % 2 == 0 else 6,
                    drawn,
                    {
                        "description": alt,
                        "object_position": 2,
                        "x_offset": 4 if number % 2 == 0 else 0,
                        "y_offset": 4,
                    },
                )
            place += 2 + (len(charts) + 1) // 2 * _CHART_ROWS if charts else 4
            breaks.append(place)
        # Not fitted to the page: that would ignore the breaks, and cut charts in two.
        sheet.set_print_scale(62)
        sheet.set_h_pagebreaks(breaks[:-1])
        sheet.print_area(0, 0, place, 13)

    def _write_chart_data(self, sheet: Worksheet, row: int, chart: Chart) -> Data:
        """Write the table of a chart; a suppressed value is a grey, empty cell: no bar."""
        sheet.write_string(row, 0, chart.title, self.look(bold=True, font_color=_DARK))
        header = self.look(bold=True, bottom=1, align="right", text_wrap=True)
        sheet.write_string(row + 1, 0, chart.category_axis, self.look(bold=True, bottom=1))
        for column, name in enumerate(chart.series, start=1):
            sheet.write_string(row + 1, column, name, header)
        lines = max(_lines(name, _CHART_DATA_WIDTH) for name in chart.series)
        sheet.set_row(row + 1, _LINE_HEIGHT * lines + 2)
        for place, (category, cells) in enumerate(chart.rows, start=row + 2):
            sheet.write_string(place, 0, category, self.look())
            for column, (value, status) in enumerate(cells, start=1):
                if value is not None:
                    sheet.write_number(
                        place,
                        column,
                        value,
                        self.look(num_format=self.number_format(chart.unit, value)),
                    )
                elif status == "suppressed":
                    # Excel draws a text as a bar of nought; the cell stays empty, its name tells.
                    sheet.write_blank(place, column, None, self.look(bg_color=_GREY_FILL))
        return Data(
            sheet=sheet.get_name(),
            header=row + 1,
            first=row + 2,
            last=row + 1 + len(chart.rows),
        )

    def _write_cover(
        self,
        sheet: Worksheet,
        themes: Mapping[str, str],
        rows: Mapping[str, Sequence[Row]],
        others: Sequence[str],
    ) -> None:
        info = self.publication.info
        language = self.words.language
        sheet.set_portrait()
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 4, 19)
        plain = self.look(text_wrap=True)
        strong = self.look(bold=True)
        heading = self.look(bold=True, font_size=13, font_color=_DARK, bottom=1, bottom_color=_DARK)
        place = 0

        def paragraph(text: str, *, label: str | None = None, look: Format | None = None) -> None:
            nonlocal place
            first = 0 if label is None else 1
            if label is not None:
                sheet.write_string(place, 0, label, strong)
            sheet.merge_range(place, first, place, 4, text, look or plain)
            width = 106 if label is None else 76
            sheet.set_row(
                place, 15.5 * sum(1 + len(line) // width for line in text.split("\n")) + 2
            )
            place += 1

        def head(text: str) -> None:
            nonlocal place
            place += 1
            for column in range(5):
                sheet.write_blank(place, column, None, heading)
            sheet.write_string(place, 0, text, heading)
            sheet.set_row(place, 20)
            place += 1

        sheet.write_string(
            0,
            0,
            self.text("titles", "book"),
            self.look(bold=True, font_size=22, font_color=_DARK),
        )
        sheet.set_row(0, 34)
        place = 1
        paragraph(self.text("cover", "what"))
        head(self.text("cover", "release"))
        paragraph(info.name, label=self.text("cover", "release"))
        if info.corrects:
            paragraph(info.corrects, label=self.text("cover", "corrects"))
        paragraph(wording.day(info.released_on, language), label=self.text("cover", "released_on"))
        frozen = info.frozen_at.astimezone(_FINLAND)
        paragraph(
            f"{wording.day(frozen.date(), language)} {frozen:%H.%M}"
            if language != "en"
            else f"{wording.day(frozen.date(), language)} {frozen:%H:%M}",
            label=self.text("cover", "frozen_at"),
        )
        signed = info.signed
        paragraph(
            f"{signed.by}, {wording.day(signed.at.astimezone(_FINLAND).date(), language)}",
            label=self.text("cover", "signed"),
        )
        paragraph(signed.reason, label=self.text("cover", "reason"))
        paragraph(
            self.text(
                "cover",
                "checks_text",
                checks=signed.checks,
                failed=signed.failed,
                warned=signed.warned,
            ),
            label=self.text("cover", "checks"),
        )
        if signed.override_reason:
            paragraph(
                signed.override_reason,
                label=self.text("cover", "override"),
                look=self.look(text_wrap=True, bg_color=_NOT_MET_FILL),
            )
        if signed.failures:
            messages = [
                str(failure.get(f"message_{language}") or failure["message"])
                for failure in signed.failures
            ]
            if len(messages) > _MOST_FAILURES:
                more = self.text("cover", "more", count=len(messages) - _MOST_FAILURES)
                messages = [*messages[:_MOST_FAILURES], more]
            paragraph("\n".join(messages), label=self.text("cover", "failures"))
        head(self.text("cover", "how_to_read"))
        for sign, text, looks in (
            (SUPPRESSED, self.text("cover", "suppressed", protection=info.protection), _GREY_FILL),
            (MISSING, self.text("cover", "missing"), None),
            ("0", self.text("cover", "zero"), None),
            (self.text("cover", "blank_sign"), self.text("cover", "blank"), None),
            (self.text("cover", "rank_sign"), self.text("cover", "rank"), None),
        ):
            fill = {"bg_color": looks} if looks else {}
            top = place
            paragraph(text, label=sign)
            sheet.write_string(top, 0, sign, self.look(bold=True, align="center", **fill))
        head(self.text("cover", "contents"))
        self._write_contents(sheet, place, themes, rows)
        place += len(themes) + 3
        link = self.look(font_color="#0B5394", underline=1)
        sheet.write_string(place, 0, self.text("cover", "also"), strong)
        place += 1
        for other in others:
            paragraph(self.text("about", other), label="")
            name = self.text("sheets", other)
            sheet.write_url(place - 1, 0, f"internal:'{name}'!A1", link, name)
        place += 1
        paragraph(self.text("cover", "open_data"))
        sheet.print_area(0, 0, place, 4)
        sheet.fit_to_pages(1, 1)

    def _write_contents(
        self,
        sheet: Worksheet,
        place: int,
        themes: Mapping[str, str],
        rows: Mapping[str, Sequence[Row]],
    ) -> None:
        """Write a row per theme with a link to its sheet and how many values it has."""
        header = self.look(bold=True, align="right")
        columns = ("indicators", "published", "suppressed_count", "missing_count")
        for column, name in enumerate(columns, start=1):
            sheet.write_string(place, column, self.text("cover", name), header)
        number = self.look(num_format="#,##0")
        link = self.look(font_color="#0B5394", underline=1)
        sums = [0] * len(columns)
        for offset, (theme, name) in enumerate(themes.items(), start=1):
            sheet.write_url(place + offset, 0, f"internal:'{name}'!A1", link, name)
            counts = [
                len({row["indicator"] for row in rows[theme]}),
                *(
                    sum(row["status"] == status for row in rows[theme])
                    for status in ("published", "suppressed", "missing")
                ),
            ]
            for column, count in enumerate(counts, start=1):
                sheet.write_number(place + offset, column, count, number)
                sums[column - 1] += count
        bottom = place + len(themes) + 1
        total = {"bold": True, "top": 1, "top_color": _DARK}
        sheet.write_string(bottom, 0, self.text("cover", "together"), self.look(**total))
        for column, count in enumerate(sums, start=1):
            sheet.write_number(bottom, column, count, self.look(**total, num_format="#,##0"))


@functools.cache
def _lines(text: str, width: float) -> int:
    """Estimate how many lines a text takes in a column; letters are narrower than its digits."""
    letters = max(int(width * 1.2), 1)
    return sum(max(len(textwrap.wrap(part, letters)), 1) for part in text.split("\n"))


def _recommendation(row: Row, language: Language) -> str:
    return f"{row['recommendation']}. {row[f'recommendation_{language}']}"


def _success_factor(row: Row, language: Language) -> str:
    return str(row[f"success_factor_{language}"])
