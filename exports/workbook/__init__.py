"""The workbook of a release, for the knowledge manager who filters, sorts and calculates in Excel.

A cover that says what the numbers are and how to read them, charts of every theme, a sheet of every
theme with one row per value, the months, the scorecards, the definitions. A suppressed value is a
marked cell with a sign in it, never a number and never an empty cell; a missing one has another
sign; a true zero is 0.

Reads a publication and its names alone: it must not know the warehouse, nor how disclosure control
decides. The same publication gives the same bytes: the day in the file's properties is the day of
the release.
"""

from __future__ import annotations

from pathlib import Path

import xlsxwriter
import yaml

from common.files import atomic_replace
from common.formats import Language
from exports import wording
from exports.missing_values import open_publication
from exports.publication import Publication
from exports.workbook.book import FONT, Book
from exports.workbook.chart_sheets import write_charts
from exports.workbook.cover import write_cover
from exports.workbook.scorecards import recommendation, success_factor, write_scorecard
from exports.workbook.tables import (
    ROWS,
    write_definitions,
    write_months,
    write_revisions,
    write_theme,
)

MOST_ROWS = 1_048_576
"""Rows that a sheet of Excel holds."""

_THEMES = """
SELECT code AS theme FROM labels
WHERE kind = 'theme' AND code IN (SELECT theme FROM catalogue)
ORDER BY position, code
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
    texts = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))
    with atomic_replace(out) as draft, open_publication(publication) as tables:
        file = xlsxwriter.Workbook(
            str(draft),
            {
                "in_memory": True,
                # A copy: the library writes into it, and the next workbook would differ.
                "default_format_properties": dict(FONT),
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
            },
        )
        words = wording.words(publication, language)
        _write_sheets(Book(publication.info, tables, file, words, texts, MOST_ROWS))
        file.close()
    return out


def _write_sheets(book: Book) -> None:
    """Write every sheet, in the order of their tabs."""
    book.set_properties()
    themes = [row["theme"] for row in book.tables.rows(_THEMES)]
    names = {theme: book.sheet_name(book.words.label("theme", theme)) for theme in themes}
    revised = book.tables.rows(
        "SELECT revisions.*, catalogue.unit FROM revisions LEFT JOIN catalogue "
        "USING (indicator) ORDER BY ALL"
    )
    others = [
        sheet
        for sheet in book.all_texts["sheets"]
        if sheet not in ("cover", "charts") and (revised or sheet != "revisions")
    ]
    cover = book.add_sheet(book.text("sheets", "cover"))
    charts = book.add_sheet(book.text("sheets", "charts"))
    rows = {}
    parameters = {"year": str(book.info.year), "previous_year": str(book.info.year - 1)}
    for theme, name in names.items():
        rows[theme] = book.tables.rows(ROWS, {**parameters, "theme": theme})
        write_theme(book, book.add_sheet(name), theme, rows[theme])
    sheets = {sheet: book.add_sheet(book.text("sheets", sheet)) for sheet in others}
    write_months(book, sheets["months"])
    write_scorecard(book, sheets["aikumetod"], "aikumetod", "aikumetod_scorecard", recommendation)
    write_scorecard(book, sheets["strategy_map"], "strategy_map", "strategy_map", success_factor)
    if revised:
        write_revisions(book, sheets["revisions"], revised)
    write_definitions(book, sheets["definitions"])
    write_charts(book, charts, sheets["chart_data"], names)
    write_cover(book, cover, names, rows, ["charts", *others])
    cover.activate()
