"""The sheets that are tables: of each theme, the months, the revisions, the definitions.

Knows which columns each table has and how they are queried; how a value is written into a cell is
that of ``book``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xlsxwriter.worksheet import Worksheet

from common import formats
from exports.workbook.book import DARK, HEADER, LINE, LINK, Book, Column, Row, column_numbers

ROWS = """
WITH now AS (
    SELECT
        complete.*,
        catalogue.theme,
        catalogue.unit,
        catalogue.denominator_measure,
        catalogue.target_operator,
        -- The target of one organisation is no target of a country or a municipality.
        CASE
            WHEN catalogue.kind <> 'count' THEN catalogue.target
            WHEN complete.area_type IN ('welfare_area', 'organisation')
                AND complete.breakdown = 'none'
                THEN catalogue.target
        END AS aim
    FROM complete
    INNER JOIN catalogue USING (indicator)
    WHERE complete.period_type = 'year' AND complete.period = $year
)
SELECT
    now.*,
    now.aim AS target,
    CASE
        WHEN now.value IS NULL OR now.aim IS NULL THEN NULL
        WHEN CASE now.target_operator
            WHEN '<=' THEN now.value <= now.aim
            WHEN '>=' THEN now.value >= now.aim
            ELSE now.value = now.aim
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
WHERE now.theme = $theme
ORDER BY
    now.indicator, now.breakdown <> 'none', divided.position, now.breakdown, parts.position,
    now.breakdown_value,
    list_position(['country', 'welfare_area', 'organisation', 'municipality'], now.area_type),
    now.area
"""

"""The query of the yearly values of a theme beside what they are compared with."""

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

_THEME_COLUMNS = (
    Column("indicator", 34, wrap=True),
    Column("area", 31, wrap=True),
    Column("area_type", 15, wrap=True),
    Column("breakdown", 16, wrap=True),
    Column("breakdown_value", 26, wrap=True),
    Column("value", 10),
    Column("unit", 26, wrap=True),
    Column("target", 9),
    Column("met", 14),
    Column("previous", 11),
    Column("change", 13),
    Column("welfare_area", 17),
    Column("country", 11),
    Column("rank", 7),
    Column("status", 12),
    Column("numerator", 11),
    Column("denominator", 11),
    Column("code", 36),
)
_PRINTED = 14
"""Columns that are printed: up to the rank. What a value is computed from is for the screen."""

_DEFINITION_COLUMNS = (
    Column("theme", 20, wrap=True),
    Column("indicator", 32, wrap=True),
    Column("definition", 60, wrap=True),
    Column("unit", 20, wrap=True),
    Column("direction", 18, wrap=True),
    Column("target", 10),
    Column("breakdowns", 24, wrap=True),
    Column("areas", 24, wrap=True),
    Column("period_types", 12, wrap=True),
    Column("personal", 14),
    Column("formula", 44, wrap=True),
    Column("source", 30, wrap=True),
    Column("code", 36),
)
_REVISION_COLUMNS = (
    Column("indicator", 34, wrap=True),
    Column("area", 30, wrap=True),
    Column("area_type", 15),
    Column("period", 16),
    Column("breakdown", 18, wrap=True),
    Column("breakdown_value", 28, wrap=True),
    Column("old_value", 11),
    Column("new_value", 11),
    Column("unit", 20, wrap=True),
    Column("why", 34, wrap=True),
    Column("submissions", 50, wrap=True),
)


def write_theme(book: Book, sheet: Worksheet, theme: str, rows: Sequence[Row]) -> None:
    """Write a theme: one row per value of the year, beside what it is compared with."""
    name = book.words.label("theme", theme)
    book.write_title(sheet, f"{name} {book.info.year}")
    sheet.write_url(
        0,
        5,
        f"internal:'{book.text('sheets', 'charts')}'!A1",
        book.cell_format(font_color=LINK, underline=1),
        book.text("to_charts"),
    )
    written = book.rows_that_fit(sheet, rows)
    book.write_header(sheet, _THEME_COLUMNS, len(written), printed=_PRINTED)
    before = None
    for place, row in enumerate(written, start=HEADER + 1):
        # A line above each new indicator shows where it begins.
        first = row["indicator"] != before
        before = row["indicator"]
        properties: dict[str, Any] = {"bottom": 4, "bottom_color": LINE}
        if first:
            properties |= {"top": 1, "top_color": DARK}
        _write_value(book, sheet, place, row, properties)


def _write_value(
    book: Book, sheet: Worksheet, place: int, row: Row, properties: Mapping[str, Any]
) -> None:
    """Write a row of a theme."""
    at = column_numbers(_THEME_COLUMNS)
    unit = row["unit"]
    texts = {
        **_about(book, row),
        "unit": book.words.label("unit", unit),
        "status": book.words.label("status", row["status"]),
        "code": row["indicator"],
    }
    book.write_texts(sheet, place, _THEME_COLUMNS, texts, properties)

    def put(column: str, value: float | None, status: str | None, **more: Any) -> None:
        book.write_value(sheet, place, at[column], value, status, unit, **properties, **more)

    put("value", row["value"], row["status"], is_noted=True, bold=True)
    book.write_target(sheet, place, at["target"], row, **properties)
    book.write_verdict(sheet, place, at["met"], row["met"], **properties)
    put("previous", row["previous_value"], row["previous_status"])
    book.write_change(sheet, place, at["change"], row["change"], unit, **properties)
    put("welfare_area", row["welfare_area_value"], row["welfare_area_status"])
    put("country", row["country_value"], row["country_status"])
    # A rank among one organisation is no rank.
    is_ranked = (row["organisations_ranked"] or 0) > 1
    rank = row["organisation_rank"] if is_ranked else None
    put("rank", rank, None, num_format=f'0"/{row["organisations_ranked"]}"')
    for part in ("numerator", "denominator"):
        is_due = part == "numerator" or row["denominator_measure"] is not None
        status = row["status"] if row["status"] != "published" and is_due else None
        is_whole = row[part] is None or row[part].is_integer()
        put(part, row[part], status, num_format="#,##0" if is_whole else "#,##0.0")


def _about(book: Book, row: Row) -> dict[str, str]:
    """Return the names of a value's indicator, area and breakdown value."""
    words = book.words
    about = {
        "indicator": book.indicators[row["indicator"]],
        "area": words.area(row["area_type"], row["area"]),
        "area_type": words.label("area_type", row["area_type"]),
        "breakdown": "",
        "breakdown_value": words.label("breakdown", "none"),
    }
    if row["breakdown"] != "none":
        about["breakdown"] = words.label("breakdown", row["breakdown"])
        about["breakdown_value"] = words.part(row["breakdown"], row["breakdown_value"])
    return about


def write_months(book: Book, sheet: Worksheet) -> None:
    """Write the undivided values of the months: a row per indicator and area."""
    rows = book.tables.rows(_MONTHS, {"year": str(book.info.year)})
    book.write_title(sheet, book.text("titles", "months"))
    written = book.rows_that_fit(sheet, rows)
    months = [f"{book.info.year}-{month:02d}" for month in range(1, 13)]
    columns = (
        Column("indicator", 34, wrap=True),
        Column("area", 31, wrap=True),
        Column("area_type", 15, wrap=True),
        Column("unit", 26, wrap=True),
    )
    names = [formats.format_period(month, book.words.language, short=True) for month in months]
    named = [Column(month, 9, title=name) for month, name in zip(months, names, strict=True)]
    book.write_header(sheet, (*columns, *named), len(written))
    before = None
    for place, row in enumerate(written, start=HEADER + 1):
        properties: dict[str, Any] = {"bottom": 4, "bottom_color": LINE}
        if row["indicator"] != before:
            properties |= {"top": 1, "top_color": DARK}
        before = row["indicator"]
        texts = {
            "indicator": book.indicators[row["indicator"]],
            "area": book.words.area(row["area_type"], row["area"]),
            "area_type": book.words.label("area_type", row["area_type"]),
            "unit": book.words.label("unit", row["unit"]),
        }
        book.write_texts(sheet, place, columns, texts, properties)
        known = {month["period"]: month for month in row["months"]}
        for column, month in enumerate(months, start=len(columns)):
            cell = known.get(month, {"value": None, "status": None})
            book.write_value(
                sheet, place, column, cell["value"], cell["status"], row["unit"], **properties
            )


def write_revisions(book: Book, sheet: Worksheet, rows: Sequence[Row]) -> None:
    """Write what a correction corrects: before, now and why."""
    book.write_title(sheet, book.text("titles", "revisions"))
    written = book.rows_that_fit(sheet, rows)
    book.write_header(sheet, _REVISION_COLUMNS, len(written))
    at = column_numbers(_REVISION_COLUMNS)
    properties: dict[str, Any] = {"bottom": 4, "bottom_color": LINE}
    for place, row in enumerate(written, start=HEADER + 1):
        why = book.all_texts["why"].get(row.get("why"))
        texts = {
            **_about(book, row),
            "period": formats.format_period(row["period"], book.words.language),
            "unit": book.words.label("unit", row["unit"]),
            "why": why[book.words.language] if why else str(row.get("why") or ""),
            "submissions": str(row.get("submissions") or "").replace("|", "\n"),
        }
        book.write_texts(sheet, place, _REVISION_COLUMNS, texts, properties)
        for when in ("old", "new"):
            book.write_value(
                sheet,
                place,
                at[f"{when}_value"],
                row[f"{when}_value"],
                row[f"{when}_status"],
                row["unit"],
                **properties,
            )


def write_definitions(book: Book, sheet: Worksheet) -> None:
    """Write the catalogue: the definition, the target and the source of every indicator."""
    words = book.words
    rows = book.tables.rows(
        """
        SELECT catalogue.* FROM catalogue
        LEFT JOIN labels ON labels.kind = 'theme' AND labels.code = catalogue.theme
        ORDER BY labels.position, indicator
        """
    )
    book.write_title(sheet, book.text("titles", "definitions"), legend="")
    book.write_header(sheet, _DEFINITION_COLUMNS, len(rows), printed=7)
    at = column_numbers(_DEFINITION_COLUMNS)
    properties: dict[str, Any] = {"bottom": 4, "bottom_color": LINE}
    for place, row in enumerate(rows, start=HEADER + 1):
        listed = {
            column: ", ".join(
                words.label(kind, code) for code in (row[column] or "").split("|") if code
            )
            for column, kind in (
                ("breakdowns", "breakdown"),
                ("areas", "area_type"),
                ("period_types", "period_type"),
            )
        }
        persons = row["persons_kind"]
        texts = {
            **listed,
            "theme": words.label("theme", row["theme"]),
            "indicator": row[f"label_{words.language}"],
            "definition": row[f"definition_{words.language}"],
            "unit": words.label("unit", row["unit"]),
            "direction": words.label("direction", row["direction"]),
            "personal": words.label("persons_kind", persons) if persons else "",
            "formula": row["formula"],
            "source": row["source"] or "",
            "code": row["indicator"],
        }
        book.write_texts(sheet, place, _DEFINITION_COLUMNS, texts, properties)
        book.write_target(sheet, place, at["target"], row, **properties)
