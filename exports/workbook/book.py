"""A workbook in one language: cell formats, texts, and how a value is written into a cell.

Everything that the sheets have in common is here, so that a suppressed value looks the same on
every sheet, and is a number on none. Knows no sheet.
"""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from common import formats
from exports import wording
from exports.missing_values import OpenPublication
from exports.publication import ReleaseInfo
from exports.wording import MISSING, SUPPRESSED, Words

Row = Mapping[str, Any]

HEADER = 3  # index of the header's row in every table: title, legend and a free row are above
LINE_HEIGHT = 13.0  # points
FONT = {"font_name": "Arial", "font_size": 10}
DARK, LINK, LINE = "#1F3864", "#0B5394", "#BFBFBF"
GREY_FILL, MET_FILL, NOT_MET_FILL = "#D9D9D9", "#DDEBDA", "#FBE5D6"

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


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        name: its name in the code; its title is the text of this name, or ``title``.
        width: in characters.
        wrap: whether its texts are broken into lines.
        title: its title, where no text has one.
    """

    name: str
    width: float
    wrap: bool = False
    title: str | None = None


def column_numbers(columns: Sequence[Column]) -> dict[str, int]:
    """Return the number of each column, from 0, by its name."""
    return {column.name: place for place, column in enumerate(columns)}


@dataclass(slots=True)
class Book:
    """A workbook that is being written.

    Attributes:
        info: the release.
        tables: what is published.
        file: the workbook as the object of XlsxWriter.
        words: names of codes in the language.
        all_texts: the texts of the workbook in every language.
        most_rows: how many rows a sheet can have.
        indicators: names of the indicators in the language.
    """

    info: ReleaseInfo
    tables: OpenPublication
    file: xlsxwriter.Workbook
    words: Words
    all_texts: Mapping[str, Any]
    most_rows: int
    indicators: dict[str, str] = field(init=False)
    _formats: dict[tuple[tuple[str, Any], ...], Format] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.indicators = {
            row["indicator"]: row[f"label_{self.words.language}"]
            for row in self.tables.rows("FROM catalogue")
        }

    def text(self, *path: str, **values: Any) -> str:
        """Return a text of the workbook in its language.

        Args:
            path: the keys in ``words.yaml``, from the outermost.
            values: the value of each placeholder; ``year`` need not be given.
        """
        found = functools.reduce(lambda level, key: level[key], path, self.all_texts)
        text: str = found[self.words.language]
        return text.format(year=self.info.year, **values)

    def cell_format(self, **properties: Any) -> Format:
        """Return a cell format with these properties of XlsxWriter; equal ones are made once."""
        full = {**FONT, "valign": "top", **properties}
        key = tuple(sorted(full.items()))
        if key not in self._formats:
            self._formats[key] = self.file.add_format(full)
        return self._formats[key]

    def number_format(self, unit: str, value: float) -> str:
        """Return the pattern by which Excel shows a value as pages and report write it.

        One pattern for each value rather than one with conditions for all: programs differ in
        whether such a pattern still shows the minus of a negative number.

        Args:
            unit: the unit, as a code of the catalogue.
            value: the value.
        """
        if unit == "share":
            return f"{'0' if value == 0 else '0.0'}{self.percent()}"
        decimals = wording.decimals(unit)
        if decimals == 0 or value == 0:
            return "#,##0"
        return "#,##0.0" if decimals == 1 or abs(value) >= 10 else "0.00"

    def percent(self) -> str:
        """Return the sign for percent in a pattern; in Finnish and Swedish a space is before it."""
        return "%" if self.words.language == "en" else "\\ %"

    def set_properties(self) -> None:
        """Write the properties of the file: its title, subject and day."""
        info = self.info
        self.file.set_properties(
            {
                "title": f"{self.text('titles', 'book')}, {info.name}",
                "subject": self.text("subject"),
                "company": "Vuosikello",
                "author": "Vuosikello",
                "comments": self.text("cover", "what"),
                "keywords": f"Vuosikello {info.name}, CC BY 4.0",
                # Not the present time: the day of the release, at noon.
                "created": datetime.combine(info.released_on, time(12)),
            }
        )
        self.file.set_custom_property("Release", info.name, "text")
        self.file.set_custom_property("Language", self.words.language, "text")

    def sheet_name(self, label: str) -> str:
        """Return a name that Excel accepts for a sheet: at most 31 characters, some not allowed."""
        name = "".join(" " if sign in "[]:*?/\\" else sign for sign in label)[:31].strip("' ")
        while name.casefold() in self._used:
            name = f"{name[:30]}_"
        self._used.add(name.casefold())
        return name

    def add_sheet(self, name: str) -> Worksheet:
        """Add a sheet that prints on A4 in landscape, as wide as the page."""
        sheet: Worksheet = self.file.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        info = self.info
        sheet.set_footer(f"&L&8Vuosikello {info.name}&C&8&A&R&8{self.text('page')}")
        return sheet

    def write_title(self, sheet: Worksheet, title: str, *, legend: str | None = None) -> None:
        """Write the lines above a table: its title, how to read it, and a link to the cover."""
        sheet.write_string(0, 0, title, self.cell_format(bold=True, font_size=16, font_color=DARK))
        sheet.set_row(0, 24)
        link = self.cell_format(font_color=LINK, underline=1)
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
            self.cell_format(font_color="#404040", italic=True),
        )

    def write_header(
        self,
        sheet: Worksheet,
        columns: Sequence[Column],
        rows: int,
        *,
        height: float = 34,
        is_filtered: bool = True,
        printed: int | None = None,
    ) -> None:
        """Write a table's header: it stays visible, has filters, and is repeated on every page."""
        properties = {
            "bold": True,
            "font_color": "#FFFFFF",
            "bg_color": DARK,
            "text_wrap": True,
            "valign": "vcenter",
            "border": 1,
            "border_color": "#FFFFFF",
        }
        for place, column in enumerate(columns):
            is_number = column.name in _NUMBERS or column.title is not None
            side = {"align": "right"} if is_number else {"align": "left", "indent": 1}
            title = column.title or self.text("columns", column.name)
            sheet.write_string(HEADER, place, title, self.cell_format(**properties, **side))
            sheet.set_column(place, place, column.width)
        sheet.set_row(HEADER, height)
        sheet.freeze_panes(HEADER + 1, 2)
        sheet.repeat_rows(HEADER)
        last = HEADER + max(rows, 1)
        if is_filtered:
            sheet.autofilter(HEADER, 0, last, len(columns) - 1)
        sheet.print_area(0, 0, last, (printed or len(columns)) - 1)

    def rows_that_fit(self, sheet: Worksheet, rows: Sequence[Row]) -> Sequence[Row]:
        """Return as many rows as a sheet holds; where some are left out, the sheet says so."""
        room = self.most_rows - HEADER - 1
        if len(rows) > room:
            left = formats.format_number(len(rows) - room, self.words.language)
            sheet.write_string(
                2, 0, self.text("cut", rows=left), self.cell_format(bold=True, font_color="#9C0006")
            )
        return rows[:room]

    def write_texts(
        self,
        sheet: Worksheet,
        row: int,
        columns: Sequence[Column],
        texts: Mapping[str, str],
        properties: Mapping[str, Any],
    ) -> None:
        """Write the texts of a row by column, and make it as high as the longest of them needs.

        Programs differ in whether they compute the height of a row with broken lines: the file
        states it.
        """
        lines = 1
        for place, column in enumerate(columns):
            if column.name in texts:
                text = texts[column.name]
                cell_format = self.cell_format(
                    **properties, text_wrap=column.wrap, align="left", indent=1
                )
                sheet.write(row, place, text, cell_format)
                if column.wrap:
                    lines = max(lines, lines_of(text, column.width))
        sheet.set_row(row, LINE_HEIGHT * lines + 2)

    def write_value(
        self,
        sheet: Worksheet,
        row: int,
        column: int,
        value: float | None,
        status: str | None,
        unit: str,
        *,
        is_noted: bool = False,
        **properties: Any,
    ) -> None:
        """Write a value, its sign where it is suppressed or missing, or an empty cell.

        Args:
            sheet: where.
            row: from 0.
            column: from 0.
            value: the number; None unless it is published.
            status: published, suppressed or missing; None where the cell may be empty.
            unit: its unit.
            is_noted: whether a suppressed value has a note that explains it.
            properties: further properties of the cell's format.
        """
        if status == "suppressed":
            sheet.write_string(
                row,
                column,
                SUPPRESSED,
                self.cell_format(**{**properties, "bg_color": GREY_FILL, "align": "center"}),
            )
            if is_noted:
                sheet.write_comment(
                    row,
                    column,
                    self.text("suppressed_note"),
                    {"author": "Vuosikello", "x_scale": 1.3, "y_scale": 0.6},
                )
        elif status == "missing":
            sheet.write_string(
                row, column, MISSING, self.cell_format(**{**properties, "align": "center"})
            )
        elif value is None:
            sheet.write_blank(row, column, None, self.cell_format(**properties))
        else:
            number_format = properties.pop("num_format", None) or self.number_format(unit, value)
            sheet.write_number(
                row, column, value, self.cell_format(**properties, num_format=number_format)
            )

    def write_target(
        self, sheet: Worksheet, row: int, column: int, indicator: Row, **properties: Any
    ) -> None:
        """Write a target as a number that shows its sign: ≤ 35."""
        if indicator["target"] is None:
            sheet.write_blank(row, column, None, self.cell_format(**properties))
            return
        sign = {"<=": "≤", ">=": "≥", "=": "="}[indicator["target_operator"]]
        number = f"0{self.percent()}" if indicator["unit"] == "share" else "General"
        sheet.write_number(
            row,
            column,
            indicator["target"],
            self.cell_format(**properties, num_format=f'"{sign} "{number}'),
        )

    def write_verdict(
        self, sheet: Worksheet, row: int, column: int, met: str | None, **properties: Any
    ) -> None:
        """Write whether a target is met, with a sign beside the colour; empty without a target."""
        if met is None:
            sheet.write_blank(row, column, None, self.cell_format(**properties))
            return
        fill = MET_FILL if met == "met" else NOT_MET_FILL
        sign = "✓" if met == "met" else "✗"
        sheet.write_string(
            row,
            column,
            f"{sign} {self.words.label('scorecard_status', met)}",
            self.cell_format(**properties, bg_color=fill, align="left", indent=1),
        )

    def write_change(
        self,
        sheet: Worksheet,
        row: int,
        column: int,
        change: float | None,
        unit: str,
        **properties: Any,
    ) -> None:
        """Write a change with its sign; of a share in percentage points."""
        if unit == "share":
            points = self.text("points")
            change = None if change is None else change * 100
            pattern = f'+0.0" {points}";"−"0.0" {points}";"±0 {points}"'
        else:
            number = {0: "#,##0", 1: "#,##0.0"}.get(wording.decimals(unit), "#,##0.00")
            pattern = f'+{number};"−"{number};"±0"'
        # A subtraction leaves rounding errors in the last digits.
        rounded = None if change is None else round(change, 9)
        self.write_value(sheet, row, column, rounded, None, unit, **properties, num_format=pattern)


@functools.cache
def lines_of(text: str, width: float) -> int:
    """Estimate how many lines a text takes in a column.

    A column's width is in digits, and letters are narrower than digits on average.
    """
    letters = max(int(width * 1.2), 1)
    return sum(max(len(textwrap.wrap(part, letters)), 1) for part in text.split("\n"))
