"""The sheets that are tables: of each theme, the months, the revisions, the definitions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlsxwriter.worksheet import Worksheet

from exports import wording
from exports.workbook.book import DARK, HEADER, LINE, LINK, Book, Column, Row

ROWS = """
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
"""On paper up to the rank; what the value is counted from is for the screen."""

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
    book.begin(sheet, f"{name} {book.info.year}")
    sheet.write_url(
        0,
        5,
        f"internal:'{book.text('sheets', 'charts')}'!A1",
        book.look(font_color=LINK, underline=1),
        book.text("to_charts"),
    )
    written = book.fitting(sheet, rows)
    book.header(sheet, _THEME_COLUMNS, len(written), printed=_PRINTED)
    names = {row["unit"]: book.words.label("unit", row["unit"]) for row in written}
    before = None
    for place, row in enumerate(written, start=HEADER + 1):
        # A line above each new indicator lets the eye find where it begins.
        first = row["indicator"] != before
        before = row["indicator"]
        looks: dict[str, Any] = {"bottom": 4, "bottom_color": LINE}
        if first:
            looks |= {"top": 1, "top_color": DARK}
        undivided = row["breakdown"] == "none"
        strings = (
            book.indicators[row["indicator"]],
            book.words.area(row["area_type"], row["area"]),
            book.words.label("area_type", row["area_type"]),
            "" if undivided else book.words.label("breakdown", row["breakdown"]),
            book.words.label("breakdown", "none")
            if undivided
            else book.words.part(row["breakdown"], row["breakdown_value"]),
        )
        unit = row["unit"]
        book.texts(
            sheet, place, _THEME_COLUMNS, {**dict(enumerate(strings)), 6: names[unit]}, looks
        )
        book.value(
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
        book.target(sheet, place, 7, row, **looks)
        book.met(sheet, place, 8, row["met"], **looks)
        book.value(sheet, place, 9, row["previous_value"], row["previous_status"], unit, **looks)
        book.change(sheet, place, 10, row["change"], unit, **looks)
        for column, wider in ((11, "welfare_area"), (12, "country")):
            book.value(
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
        book.value(
            sheet,
            place,
            13,
            row["organisation_rank"] if is_ranked else None,
            None,
            unit,
            **looks,
            num_format=f'0"/{row["organisations_ranked"]}"',
        )
        sheet.write_string(place, 14, book.words.label("status", row["status"]), book.look(**looks))
        counted = "#,##0.##" if unit == "fte" else "#,##0"
        for column, part in ((15, "numerator"), (16, "denominator")):
            is_due = part == "numerator" or row["denominator_measure"] is not None
            status = row["status"] if row["status"] != "published" and is_due else None
            book.value(sheet, place, column, row[part], status, unit, **looks, num_format=counted)
        sheet.write_string(place, 17, row["indicator"], book.look(**looks, font_color="#595959"))


def write_months(book: Book, sheet: Worksheet) -> None:
    """Write the undivided values of the months: a row per indicator and area."""
    rows = book.tables.rows(_MONTHS, {"year": str(book.info.year)})
    book.begin(sheet, book.text("titles", "months"))
    written = book.fitting(sheet, rows)
    months = [f"{book.info.year}-{month:02d}" for month in range(1, 13)]
    columns = (
        Column("indicator", 34, wrap=True),
        Column("area", 31, wrap=True),
        Column("area_type", 15, wrap=True),
        Column("unit", 26, wrap=True),
    )
    names = [wording.period(month, book.words.language, short=True) for month in months]
    named = [Column(month, 9, title=name) for month, name in zip(months, names, strict=True)]
    book.header(sheet, (*columns, *named), len(written))
    before = None
    for place, row in enumerate(written, start=HEADER + 1):
        looks: dict[str, Any] = {"bottom": 4, "bottom_color": LINE}
        if row["indicator"] != before:
            looks |= {"top": 1, "top_color": DARK}
        before = row["indicator"]
        strings = (
            book.indicators[row["indicator"]],
            book.words.area(row["area_type"], row["area"]),
            book.words.label("area_type", row["area_type"]),
            book.words.label("unit", row["unit"]),
        )
        book.texts(sheet, place, columns, dict(enumerate(strings)), looks)
        known = {month["period"]: month for month in row["months"]}
        for column, month in enumerate(months, start=len(columns)):
            cell = known.get(month, {"value": None, "status": None})
            book.value(sheet, place, column, cell["value"], cell["status"], row["unit"], **looks)


def write_revisions(book: Book, sheet: Worksheet, rows: Sequence[Row]) -> None:
    """Write what a correction corrects: before, now and why."""
    book.begin(sheet, book.text("titles", "revisions"))
    written = book.fitting(sheet, rows)
    book.header(sheet, _REVISION_COLUMNS, len(written))
    looks: dict[str, Any] = {"bottom": 4, "bottom_color": LINE}
    for place, row in enumerate(written, start=HEADER + 1):
        undivided = row["breakdown"] == "none"
        why = book.all_texts["why"].get(row.get("why"))
        strings: dict[int, str] = {
            0: book.indicators[row["indicator"]],
            1: book.words.area(row["area_type"], row["area"]),
            2: book.words.label("area_type", row["area_type"]),
            3: wording.period(row["period"], book.words.language),
            4: "" if undivided else book.words.label("breakdown", row["breakdown"]),
            5: book.words.label("breakdown", "none")
            if undivided
            else book.words.part(row["breakdown"], row["breakdown_value"]),
            8: book.words.label("unit", row["unit"]) if row["unit"] else "",
            9: why[book.words.language] if why else str(row.get("why") or ""),
            10: str(row.get("submissions") or "").replace("|", "\n"),
        }
        book.texts(sheet, place, _REVISION_COLUMNS, strings, looks)
        for column, when in ((6, "old"), (7, "new")):
            book.value(
                sheet,
                place,
                column,
                row[f"{when}_value"],
                row[f"{when}_status"],
                row["unit"] or "",
                **looks,
            )


def write_definitions(book: Book, sheet: Worksheet) -> None:
    """Write the catalogue: what every indicator means, what is aimed at, where it is from."""
    language = book.words.language
    rows = book.tables.rows(
        """
        SELECT catalogue.* FROM catalogue
        LEFT JOIN labels ON labels.kind = 'theme' AND labels.code = catalogue.theme
        ORDER BY labels.position, indicator
        """
    )
    book.begin(sheet, book.text("titles", "definitions"), legend="")
    book.header(sheet, _DEFINITION_COLUMNS, len(rows), printed=7)
    looks: dict[str, Any] = {"bottom": 4, "bottom_color": LINE}
    for place, row in enumerate(rows, start=HEADER + 1):
        listed = {
            kind: ", ".join(
                book.words.label(kind, code) for code in (row[column] or "").split("|") if code
            )
            for column, kind in (
                ("breakdowns", "breakdown"),
                ("areas", "area_type"),
                ("period_types", "period_type"),
            )
        }
        strings = {
            0: book.words.label("theme", row["theme"]),
            1: row[f"label_{language}"],
            2: row[f"definition_{language}"],
            3: book.words.label("unit", row["unit"]),
            4: book.words.label("direction", row["direction"]),
            6: listed["breakdown"],
            7: listed["area_type"],
            8: listed["period_type"],
            9: book.words.label("persons_kind", row["persons_kind"]) if row["persons_kind"] else "",
            10: row["formula"],
            11: row["source"] or "",
            12: row["indicator"],
        }
        book.texts(sheet, place, _DEFINITION_COLUMNS, strings, looks)
        book.target(sheet, place, 5, row, **looks)
