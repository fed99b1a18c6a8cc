"""The scorecards as matrices: their lines under each other, the areas side by side.

Knows the tables of the two scorecards; whether a target is met comes with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xlsxwriter.worksheet import Worksheet

from common.formats import Language
from exports.workbook.book import (
    HEADER,
    LINE,
    LINE_HEIGHT,
    MET_FILL,
    NOT_MET_FILL,
    Book,
    Column,
    Row,
    column_numbers,
    lines_of,
)

_HEADING_FILL = "#E7ECF4"

_SCORED_AREAS = """
SELECT DISTINCT area_type, area
FROM {table}
WHERE area_type <> 'municipality'
ORDER BY list_position(['country', 'welfare_area', 'organisation'], area_type), area
"""


def write_scorecard(
    book: Book,
    sheet: Worksheet,
    name: str,
    table: str,
    heading: Callable[[Row, Language], str],
) -> None:
    """Write a scorecard as a matrix: its lines under each other, the areas side by side."""
    language = book.words.language
    areas = book.tables.rows(_SCORED_AREAS.format(table=table))
    order = "recommendation" if table == "aikumetod_scorecard" else "position"
    rows = book.tables.rows(
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
    book.write_title(
        sheet,
        book.text("titles", name),
        legend=f"{book.text('scorecard_signs')} · ‥ "
        f"{book.words.label('status', 'suppressed')} · – "
        f"{book.words.label('status', 'missing')}",
    )
    has_model = table == "aikumetod_scorecard"
    columns = [Column("note", 40, wrap=True), Column("indicator", 36, wrap=True)]
    if has_model:
        columns += [Column("level", 11), Column("part", 17, wrap=True)]
    columns += [Column("unit", 26, wrap=True), Column("target", 9)]
    last = len(columns) + len(areas) - 1
    named = [
        Column(area["area"], 17, title=book.words.area(area["area_type"], area["area"]))
        for area in areas
    ]
    book.write_header(sheet, (*columns, *named), 1, height=94, is_filtered=False)
    above: Any = None
    place = HEADER
    for (group, _), by_area in lines.items():
        some = next(iter(by_area.values()))
        if group != above:
            place += 1
            above = group
            _write_heading(book, sheet, place, heading(some, language), columns, last)
        place += 1
        _write_line(book, sheet, place, columns, some, by_area, areas)
    sheet.print_area(0, 0, place, last)


def _write_heading(
    book: Book, sheet: Worksheet, place: int, text: str, columns: Sequence[Column], last: int
) -> None:
    """Write what a group of lines has in common, across the columns that are not areas."""
    first = len(columns)
    cell_format = book.cell_format(
        bold=True, text_wrap=True, bg_color=_HEADING_FILL, valign="vcenter"
    )
    sheet.merge_range(place, 0, place, first - 1, text, cell_format)
    width = sum(column.width for column in columns)
    sheet.set_row(place, LINE_HEIGHT * lines_of(text, width * 0.9) + 6)
    for column in range(first, last + 1):
        sheet.write_blank(place, column, None, book.cell_format(bg_color=_HEADING_FILL))


def _write_line(
    book: Book,
    sheet: Worksheet,
    place: int,
    columns: Sequence[Column],
    line: Row,
    by_area: Mapping[tuple[str, str], Row],
    areas: Sequence[Row],
) -> None:
    """Write a line of a scorecard: its note and indicator, and its value in each area."""
    language = book.words.language
    properties: dict[str, Any] = {"bottom": 4, "bottom_color": LINE}
    label = line["label"] or ""
    if line["breakdown"] not in (None, "none"):
        label += f": {book.words.part(line['breakdown'], line['breakdown_value'])}"
    texts = {
        "note": line[f"note_{language}"] or "",
        "indicator": label,
        "unit": book.words.label("unit", line["unit"]) if line["unit"] else "",
    }
    if "level" in line:
        texts["level"] = book.words.label("scorecard_level", line["level"])
        texts["part"] = book.words.label("scorecard_part", line["part"])
    book.write_texts(sheet, place, columns, texts, properties)
    targets = [row for row in by_area.values() if row["target"] is not None]
    book.write_target(
        sheet, place, column_numbers(columns)["target"], (targets or [line])[0], **properties
    )
    for column, area in enumerate(areas, start=len(columns)):
        row = by_area.get((area["area_type"], area["area"]))
        if row is None or row["indicator"] is None:
            sheet.write_blank(place, column, None, book.cell_format(**properties))
            continue
        status = {"no_data": "missing", "suppressed": "suppressed"}.get(row["status"])
        marks: dict[str, Any] = {}
        if row["status"] in ("met", "not_met"):
            sign, fill = ("✓", MET_FILL) if row["status"] == "met" else ("✗", NOT_MET_FILL)
            pattern = book.number_format(row["unit"], row["value"])
            marks = {"num_format": f'{pattern}" {sign}"', "bg_color": fill}
        book.write_value(
            sheet, place, column, row["value"], status, row["unit"], **properties, **marks
        )


def recommendation(row: Row, language: Language) -> str:
    """Return the heading of the lines of an AIKUMETOD recommendation."""
    return f"{row['recommendation']}. {row[f'recommendation_{language}']}"


def success_factor(row: Row, language: Language) -> str:
    """Return the heading of the lines of a success factor of the strategy map."""
    return str(row[f"success_factor_{language}"])
