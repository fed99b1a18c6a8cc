"""The sheet of the charts, and the sheet of the tables from which they are drawn.

Knows where charts stand on their sheet; not which charts there are, nor how one is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping

from xlsxwriter.worksheet import Worksheet

from exports.presentation import presentation
from exports.workbook.book import DARK, GREY_FILL, LINE_HEIGHT, LINK, Book, lines_of
from exports.workbook.charts import Chart, charts_of
from exports.workbook.drawing import ChartTable, draw

_CHART_ROWS = 21  # rows that a chart covers
_DATA_WIDTH = 18


def write_charts(book: Book, sheet: Worksheet, data: Worksheet, themes: Mapping[str, str]) -> None:
    """Write the charts of every theme, and the sheet of the tables that they show."""
    book.write_title(sheet, book.text("titles", "charts"), legend=book.text("charts_legend"))
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 20, 10)
    sheet.set_default_row(15)
    book.write_title(data, book.text("titles", "chart_data"))
    data.set_column(0, 0, 54)
    data.set_column(1, 12, _DATA_WIDTH)
    data.freeze_panes(2, 1)
    place, below = 3, 3
    breaks: list[int] = []
    declared = presentation(book.tables).charts
    for theme, name in themes.items():
        sheet.write_string(
            place,
            0,
            book.words.label("theme", theme),
            book.cell_format(bold=True, font_size=14, font_color=DARK),
        )
        sheet.write_url(
            place,
            3,
            f"internal:'{name}'!A1",
            book.cell_format(font_color=LINK, underline=1),
            book.text("to_table"),
        )
        charts = charts_of(
            book.tables, book.info.year, declared[theme], book.words, book.all_texts["charts"]
        )
        if not charts:
            sheet.write_string(place + 1, 0, book.text("charts", "none"))
        for number, chart in enumerate(charts):
            table = _write_data(book, data, below, chart)
            below = table.last + 3
            drawn, alt = draw(
                book.file,
                chart,
                table,
                book.words.language,
                book.all_texts["charts"],
                percent=book.percent(),
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


def _write_data(book: Book, sheet: Worksheet, row: int, chart: Chart) -> ChartTable:
    """Write the table of a chart; a suppressed value is a grey, empty cell: no bar."""
    sheet.write_string(row, 0, chart.title, book.cell_format(bold=True, font_color=DARK))
    header = book.cell_format(bold=True, bottom=1, align="right", text_wrap=True)
    sheet.write_string(row + 1, 0, chart.category_axis, book.cell_format(bold=True, bottom=1))
    for column, name in enumerate(chart.series, start=1):
        sheet.write_string(row + 1, column, name, header)
    lines = max(lines_of(name, _DATA_WIDTH) for name in chart.series)
    sheet.set_row(row + 1, LINE_HEIGHT * lines + 2)
    for place, (category, cells) in enumerate(chart.rows, start=row + 2):
        sheet.write_string(place, 0, category, book.cell_format())
        for column, (value, status) in enumerate(cells, start=1):
            if value is not None:
                sheet.write_number(
                    place,
                    column,
                    value,
                    book.cell_format(num_format=book.number_format(chart.unit, value)),
                )
            elif status == "suppressed":
                # Excel draws a text as a bar of zero. So the cell stays empty, and the name has
                # the sign.
                sheet.write_blank(place, column, None, book.cell_format(bg_color=GREY_FILL))
    return ChartTable(
        sheet=sheet.get_name(),
        header=row + 1,
        first=row + 2,
        last=row + 1 + len(chart.rows),
    )
