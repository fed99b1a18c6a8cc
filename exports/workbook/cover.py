"""The cover: what the workbook is, who signed it off, how to read it, and where everything is.

Counts the values of the other sheets, and computes nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.worksheet import Worksheet

from common import clock, formats
from exports.wording import MISSING, SUPPRESSED
from exports.workbook.book import DARK, GREY_FILL, LINK, NOT_MET_FILL, Book, Row

_MOST_FAILURES = 12  # failed checks that are listed: the cover is one page


@dataclass(slots=True)
class _Page:
    """A sheet that is filled from top to bottom, five columns wide.

    Attributes:
        book: the workbook.
        sheet: the sheet of the cover.
        place: the number of the next free row, from 0.
    """

    book: Book
    sheet: Worksheet
    place: int = 0

    def paragraph(self, text: str, *, label: str | None = None, **properties: Any) -> None:
        """Write a text over the width of the page, or beside a label; as high as it needs."""
        first = 0 if label is None else 1
        if label is not None:
            self.sheet.write_string(self.place, 0, label, self.book.cell_format(bold=True))
        cell_format = self.book.cell_format(text_wrap=True, **properties)
        self.sheet.merge_range(self.place, first, self.place, 4, text, cell_format)
        letters = 106 if label is None else 76
        lines = sum(1 + len(line) // letters for line in text.split("\n"))
        self.sheet.set_row(self.place, 15.5 * lines + 2)
        self.place += 1

    def heading(self, text: str) -> None:
        """Begin a part of the page: a free row, a heading and a line under it."""
        cell_format = self.book.cell_format(
            bold=True, font_size=13, font_color=DARK, bottom=1, bottom_color=DARK
        )
        self.place += 1
        for column in range(5):
            self.sheet.write_blank(self.place, column, None, cell_format)
        self.sheet.write_string(self.place, 0, text, cell_format)
        self.sheet.set_row(self.place, 20)
        self.place += 1


def write_cover(
    book: Book,
    sheet: Worksheet,
    themes: Mapping[str, str],
    rows: Mapping[str, Sequence[Row]],
    others: Sequence[str],
) -> None:
    """Write the cover.

    Args:
        book: the workbook.
        sheet: where.
        themes: names of the themes' sheets.
        rows: of each theme what its sheet has.
        others: the other sheets, as the texts call them.
    """
    sheet.set_portrait()
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 4, 19)
    title = book.cell_format(bold=True, font_size=22, font_color=DARK)
    sheet.write_string(0, 0, book.text("titles", "book"), title)
    sheet.set_row(0, 34)
    page = _Page(book, sheet, 1)
    page.paragraph(book.text("cover", "what"))
    _write_release(page)
    _write_signs(page)
    page.heading(book.text("cover", "contents"))
    _write_contents(book, sheet, page.place, themes, rows)
    page.place += len(themes) + 3
    sheet.write_string(page.place, 0, book.text("cover", "also"), book.cell_format(bold=True))
    page.place += 1
    link = book.cell_format(font_color=LINK, underline=1)
    for other in others:
        name = book.text("sheets", other)
        page.paragraph(book.text("about", other), label="")
        sheet.write_url(page.place - 1, 0, f"internal:'{name}'!A1", link, name)
    page.place += 1
    page.paragraph(book.text("cover", "open_data"))
    sheet.print_area(0, 0, page.place, 4)
    sheet.fit_to_pages(1, 1)


def _write_release(page: _Page) -> None:
    """Write which release it is and who signed it off, failed checks and all."""
    book, info, signed = page.book, page.book.info, page.book.info.signed
    language = book.words.language

    def line(name: str, text: str, **properties: Any) -> None:
        page.paragraph(text, label=book.text("cover", name), **properties)

    page.heading(book.text("cover", "release"))
    line("release", info.name)
    if info.corrects:
        line("corrects", info.corrects)
    line("released_on", formats.format_date(info.released_on, language))
    line("frozen_at", formats.format_moment(info.frozen_at, language))
    signed_on = formats.format_date(signed.at.astimezone(clock.FINLAND).date(), language)
    line("signed", f"{signed.by}, {signed_on}")
    line("reason", signed.reason)
    counts = {"checks": signed.checks, "failed": signed.failed, "warned": signed.warned}
    line("checks", book.text("cover", "checks_text", **counts))
    if signed.override_reason:
        line("override", signed.override_reason, bg_color=NOT_MET_FILL)
    messages = [
        str(failure.get(f"message_{language}") or failure["message"]) for failure in signed.failures
    ]
    if len(messages) > _MOST_FAILURES:
        more = book.text("cover", "more", count=len(messages) - _MOST_FAILURES)
        messages = [*messages[:_MOST_FAILURES], more]
    if messages:
        line("failures", "\n".join(messages))


def _write_signs(page: _Page) -> None:
    """Write how suppressed, missing, zero and blank cells differ."""
    book = page.book
    page.heading(book.text("cover", "how_to_read"))
    for sign, text, properties in (
        (
            SUPPRESSED,
            book.text("cover", "suppressed", protection=book.info.protection),
            {"bg_color": GREY_FILL},
        ),
        (MISSING, book.text("cover", "missing"), {}),
        ("0", book.text("cover", "zero"), {}),
        (book.text("cover", "blank_sign"), book.text("cover", "blank"), {}),
        (book.text("cover", "rank_sign"), book.text("cover", "rank"), {}),
    ):
        page.paragraph(text, label=sign)
        cell_format = book.cell_format(bold=True, align="center", **properties)
        page.sheet.write_string(page.place - 1, 0, sign, cell_format)


def _write_contents(
    book: Book,
    sheet: Worksheet,
    place: int,
    themes: Mapping[str, str],
    rows: Mapping[str, Sequence[Row]],
) -> None:
    """Write a row per theme with a link to its sheet and how many values it has."""
    header = book.cell_format(bold=True, align="right")
    columns = ("indicators", "published", "suppressed_count", "missing_count")
    for column, name in enumerate(columns, start=1):
        sheet.write_string(place, column, book.text("cover", name), header)
    number = book.cell_format(num_format="#,##0")
    link = book.cell_format(font_color=LINK, underline=1)
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
    total = {"bold": True, "top": 1, "top_color": DARK}
    sheet.write_string(bottom, 0, book.text("cover", "together"), book.cell_format(**total))
    for column, count in enumerate(sums, start=1):
        sheet.write_number(bottom, column, count, book.cell_format(**total, num_format="#,##0"))
