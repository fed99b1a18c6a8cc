"""The workbook: read by another library, and opened by an office program."""

from __future__ import annotations

import csv
import operator
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from openpyxl.worksheet.worksheet import Worksheet

from common import formats
from exports import wording, workbook
from exports.publication import Publication
from tests.support.correction import corrected

TEXTS = yaml.safe_load(Path(workbook.__file__).with_name("words.yaml").read_text())
THEMES = 8
HEADER = 4  # row of the header as a person counts


@pytest.fixture(scope="module")
def correction(publication: Publication, tmp_path_factory: pytest.TempPathFactory) -> Publication:
    return corrected(publication, tmp_path_factory.mktemp("correction") / "tables")


@pytest.fixture(scope="module")
def books(publication: Publication, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("workbook")
    return {
        language: workbook.write_workbook(publication, folder / f"book.{language}.xlsx", language)
        for language in formats.LANGUAGES
    }


@pytest.fixture(scope="module")
def book(books: dict[str, Path]) -> openpyxl.Workbook:
    return openpyxl.load_workbook(books["fi"])


def theme_sheets(book: openpyxl.Workbook) -> list[Worksheet]:
    return book.worksheets[2 : 2 + THEMES]


def table(sheet: Worksheet) -> list[dict[str, Any]]:
    """Return the cells of a table by the title of their column."""
    titles = [cell.value for cell in sheet[HEADER]]
    return [dict(zip(titles, row, strict=True)) for row in sheet.iter_rows(min_row=HEADER + 1)]


def test_sheets_are_named_in_the_language(books: dict[str, Path]) -> None:
    for language, first, theme, last in (
        ("fi", "Kansi", "Jalkautuminen", "Kuvioiden tiedot"),
        ("sv", "Försättsblad", "Uppsökande arbete", "Figurernas data"),
        ("en", "Cover", "Outreach", "Chart data"),
    ):
        names = openpyxl.load_workbook(books[language], read_only=True).sheetnames
        assert (names[0], names[4], names[-1]) == (first, theme, last)
        assert len(names) == 2 + THEMES + 5
        assert all(len(name) <= 31 for name in names)


def test_the_cover_says_what_was_released_and_that_it_was_overridden(
    book: openpyxl.Workbook, publication: Publication
) -> None:
    cover = book["Kansi"]
    text = "\n".join(str(cell.value) for row in cover.iter_rows() for cell in row if cell.value)
    signed = publication.info.signed
    for said in (
        "2019.1",
        "3. helmikuuta 2020",
        signed.by,
        signed.reason,
        signed.override_reason,
        signed.failures[0]["message"],
        "‥",
        "–",
        "Todellinen nolla",
    ):
        assert str(said) in text
    links = {cell.hyperlink.location for row in cover for cell in row if cell.hyperlink}
    assert {f"'{sheet.title}'!A1" for sheet in theme_sheets(book)} <= links
    (published, suppressed) = (
        publication.rows(
            """
            SELECT count(*) AS count FROM "values"
            WHERE period = '2019' AND status = $status
            """,
            {"status": status},
        )[0]["count"]
        for status in ("published", "suppressed")
    )
    total = next(row for row in cover.iter_rows() if row[0].value == "Yhteensä")
    assert [cell.value for cell in total[2:4]] == [published, suppressed]


def test_every_table_can_be_filtered_and_keeps_its_header_in_sight_and_in_print(
    book: openpyxl.Workbook,
) -> None:
    for sheet in [*theme_sheets(book), book["Kuukaudet"], book["Määritelmät"]]:
        assert sheet.freeze_panes == "C5"
        assert sheet.auto_filter.ref is not None
        assert sheet.auto_filter.ref.startswith(f"A{HEADER}:")
        assert sheet.print_title_rows == f"${HEADER}:${HEADER}"
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)


def test_every_value_of_the_year_stands_in_its_theme(
    book: openpyxl.Workbook, publication: Publication
) -> None:
    words = wording.words(publication, "fi")
    expected = sorted(
        (
            row["indicator"],
            words.area(row["area_type"], row["area"]),
            words.label("area_type", row["area_type"]),
            words.part(row["breakdown"], row["breakdown_value"])
            if row["breakdown"] != "none"
            else words.label("breakdown", "none"),
            words.label("breakdown", row["breakdown"]) if row["breakdown"] != "none" else "",
            row["value"] if row["status"] == "published" else "‥",
        )
        for row in publication.rows("SELECT * FROM \"values\" WHERE period = '2019'")
    )
    written = sorted(
        (
            row["Koodi"].value,
            row["Alue"].value,
            row["Alueen tyyppi"].value,
            row["Luokka"].value,
            row["Jaottelu"].value or "",
            row["Arvo"].value,
        )
        for sheet in theme_sheets(book)
        for row in table(sheet)
        if row["Tila"].value != "puuttuu"
    )
    assert [row[:5] for row in written] == [row[:5] for row in expected]
    for got, wanted in zip(written, expected, strict=True):
        # Excel keeps 16 digits.
        assert got[5] == (wanted[5] if wanted[5] == "‥" else pytest.approx(wanted[5], rel=1e-15))


def test_a_suppressed_cell_is_marked_and_never_a_number(book: openpyxl.Workbook) -> None:
    found = {"peitetty": 0, "puuttuu": 0, "julkaistu": 0}
    zeros = 0
    for sheet in theme_sheets(book):
        for row in table(sheet):
            status, cell = row["Tila"].value, row["Arvo"]
            found[status] += 1
            if status == "peitetty":
                assert cell.value == "‥"
                assert cell.fill.fgColor.rgb == "FFD9D9D9"
                assert cell.comment is not None and "Ei nolla" in cell.comment.text
                assert row["Osoittaja"].value == "‥"
                assert row["Nimittäjä"].value in ("‥", None)
                assert row["Muutos"].value is None and row["Sija"].value is None
                assert row["Toteutuuko?"].value is None
            elif status == "puuttuu":
                assert cell.value == "–" and cell.fill.fgColor.rgb != "FFD9D9D9"
            else:
                assert isinstance(cell.value, int | float)
                zeros += cell.value == 0
    assert min(found.values()) > 0 and zeros > 0


def test_numbers_have_the_format_of_their_unit(book: openpyxl.Workbook) -> None:
    formats: dict[str, set[str]] = {}
    for sheet in theme_sheets(book):
        for row in table(sheet):
            if row["Tila"].value == "julkaistu":
                formats.setdefault(row["Yksikkö"].value, set()).add(row["Arvo"].number_format)
    assert formats["osuus"] == {"0\\ %", "0.0\\ %"}
    assert formats["käyntiä"] == {"#,##0"}
    assert formats["pistettä"] <= {"0.00", "#,##0.0", "#,##0"}


def test_a_value_stands_beside_its_target_and_what_it_is_compared_with(
    book: openpyxl.Workbook, publication: Publication
) -> None:
    (row,) = (
        row
        for row in table(book["Jalkautuminen"])
        if row["Koodi"].value == "outreach.visits"
        and row["Alue"].value.startswith("Kainuun sosiaali")
        and row["Luokka"].value == "kaikki yhteensä"
    )
    (compared,) = publication.rows(
        """
        FROM comparison
        WHERE indicator = 'outreach.visits' AND area = 'kainuun-sote' AND breakdown = 'none'
        """
    )
    assert row["Edellinen vuosi"].value == compared["previous_value"]
    assert row["Muutos"].value == compared["change"]
    assert row["Koko maan arvo"].value == compared["country_value"]
    assert row["Hyvinvointialueen arvo"].value == compared["welfare_area_value"]
    assert row["Sija"].value == compared["organisation_rank"] == 2
    assert row["Sija"].number_format == '0"/4"'


def test_a_target_is_shown_with_its_sign_and_whether_it_is_met(book: openpyxl.Workbook) -> None:
    signs = {"≤": operator.le, "≥": operator.ge, "=": operator.eq}
    seen = set()
    for sheet in theme_sheets(book):
        for row in table(sheet):
            target, met = row["Tavoite"], row["Toteutuuko?"].value
            if target.value is None or row["Tila"].value != "julkaistu":
                assert met is None
                continue
            sign = re.fullmatch(r'"(.) "(General|0\\ %)', target.number_format)
            assert sign
            is_met = signs[sign[1]](row["Arvo"].value, target.value)
            assert met == ("✓ Toteutuu" if is_met else "✗ Ei toteudu")
            seen.add((sign[1], is_met))
    assert {("≥", True), ("=", False)} <= seen


def drawings(path: Path) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            if re.fullmatch(r"xl/(charts/chart|drawings/drawing)\d+\.xml", name):
                yield name, parts.read(name).decode()


@pytest.mark.parametrize("language", formats.LANGUAGES)
def test_every_theme_has_charts_with_titles_axes_and_alternative_text(
    books: dict[str, Path], language: str
) -> None:
    sheet = openpyxl.load_workbook(books[language]).worksheets[1]
    headings = {
        row[0].row for row in sheet.iter_rows(min_row=3) if row[0].value and row[0].font.size == 14
    }
    assert len(headings) == THEMES
    places = [chart.anchor._from.row + 1 for chart in sheet._charts]
    for heading in headings:
        assert any(heading <= place <= heading + 1 for place in places), heading
    data = TEXTS["sheets"]["chart_data"][language]
    alternatives = 0
    for name, xml in drawings(books[language]):
        if "drawing" in name:
            alternatives += len(re.findall(r'descr="[^"]*' + data, xml))
            continue
        assert xml.count("<c:title>") == 3  # its own, and each axis's
        assert f"<c:f>'{data}'!" in xml  # it shows cells of the workbook
        assert "dispBlanksAs" not in xml or '<c:dispBlanksAs val="gap"/>' in xml
    assert alternatives == len(places)


def test_no_chart_draws_a_suppressed_or_missing_value(book: openpyxl.Workbook) -> None:
    sheet = book["Kuvioiden tiedot"]
    marked = 0
    for row in sheet.iter_rows(min_row=4):
        marked += str(row[0].value).endswith(("(‥)", "(–)"))
        assert not any(cell.value in ("‥", "–") for cell in row[1:])
        if str(row[0].value).endswith(("(‥)", "(–)")):
            assert row[1].value is None
    assert marked > 0


def test_scorecards_show_signs_and_not_only_colours(
    book: openpyxl.Workbook, publication: Publication
) -> None:
    for name, scored in (("AIKUMETOD", "aikumetod_scorecard"), ("Strategiakartta", "strategy_map")):
        cells = [cell for row in book[name].iter_rows(min_row=HEADER + 1) for cell in row]
        counts = {
            row["status"]: row["count"]
            for row in publication.rows(
                f"SELECT status, count(*) AS count FROM {scored} "
                "WHERE area_type <> 'municipality' GROUP BY ALL"
            )
        }
        for status, sign in (("met", "✓"), ("not_met", "✗")):
            signed = sum(sign in cell.number_format for cell in cells)
            assert signed == counts.get(status, 0)
        assert sum(cell.value == "‥" for cell in cells) == counts["suppressed"]
        assert "–" in [cell.value for cell in cells]


def test_the_same_publication_gives_the_same_bytes(
    publication: Publication, books: dict[str, Path], tmp_path: Path
) -> None:
    again = workbook.write_workbook(publication, tmp_path / "again.xlsx", "fi")
    assert again.read_bytes() == books["fi"].read_bytes()
    properties = openpyxl.load_workbook(again, read_only=True).properties
    assert properties.created is not None and properties.created.date() == date(2020, 2, 3)
    assert "2019.1" in (properties.title or "")


def test_a_correction_tells_what_it_corrects(correction: Publication, tmp_path: Path) -> None:
    path = workbook.write_workbook(correction, tmp_path / "correction.xlsx", "fi")
    book = openpyxl.load_workbook(path)
    (row, other) = table(book["Korjaukset"])
    assert row["Tunnusluku"].value == "Jalkautumiset"
    assert (row["Jakso"].value, other["Jakso"].value) == ("2019", "lokakuu 2019")
    assert (row["Ennen"].value, row["Nyt"].value) == (70, 77)
    assert row["Miksi"].value == "Aiempi toimitus korvattiin"
    assert row["Toimitukset"].value == "kainuun-sote/outreach/2019-10 01A\nkainuun-sote 01B"
    assert (other["Ennen"].value, other["Nyt"].value) == ("‥", "–")
    cover = [cell.value for cell in book["Kansi"]["A"]]
    assert "Korjaa julkaisun" in cover and "Korjaukset" in cover


def test_a_sheet_that_is_full_says_so(
    publication: Publication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 104)
    path = workbook.write_workbook(publication, tmp_path / "full.xlsx", "en")
    sheet = openpyxl.load_workbook(path)["Outreach"]
    assert sheet.max_row == 104
    assert "the last 284 are left out" in str(sheet["A3"].value)


def test_no_number_of_a_suppressed_value_is_in_the_file(
    books: dict[str, Path], publication: Publication, iso_sos: Path
) -> None:
    """Numbers with many decimals cannot be there by chance: what they are is told nowhere else."""
    with publication.connect() as connection:
        connection.execute(f"ATTACH '{iso_sos / 'warehouse.duckdb'}' AS warehouse (READ_ONLY)")
        found = connection.execute(
            """
            SELECT DISTINCT CAST(known.value AS VARCHAR)
            FROM warehouse.indicators.indicator_values AS known
            INNER JOIN "values" AS released USING (
                indicator, area_type, area, period_type, period, breakdown, breakdown_value
            )
            WHERE released.status = 'suppressed' AND length(CAST(known.value AS VARCHAR)) > 10
                AND known.value NOT IN (SELECT value FROM "values" WHERE value IS NOT NULL)
            """
        ).fetchall()
    secrets = {f"{float(number):.12g}" for (number,) in found}
    assert len(secrets) > 30
    # A difference of two published values may by chance be the same number.
    changes = {
        f"{round(row['change'] * scale, 9):.9g}"
        for row in publication.rows("SELECT change FROM comparison WHERE change IS NOT NULL")
        for scale in (1, 100)
    }
    with zipfile.ZipFile(books["fi"]) as parts:
        text = "".join(
            parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml")
        )
    numbers = {
        f"{float(number):.12g}" for number in re.findall(r"<(?:c:)?v>(-?[\d.]+)</(?:c:)?v>", text)
    }
    assert len(numbers) > 500
    assert {f"{float(number):.9g}" for number in secrets & numbers} <= changes


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_every_sheet(books: dict[str, Path], tmp_path: Path) -> None:
    # -1 as the last of the filter's options: every sheet into a file of its own.
    every = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    first_pages = 'pdf:calc_pdf_Export:{"PageRange":{"type":"string","value":"1-9"}}'
    for target in (every, first_pages):
        subprocess.run(
            [
                "soffice",
                f"-env:UserInstallation=file://{tmp_path / 'profile'}",
                "--headless",
                "--convert-to",
                target,
                "--outdir",
                tmp_path,
                books["fi"],
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
    names = openpyxl.load_workbook(books["fi"], read_only=True).sheetnames
    sheets = {name: tmp_path / f"book.fi-{name}.csv" for name in names}
    assert all(path.stat().st_size > 0 for path in sheets.values())
    with sheets["Jalkautuminen"].open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    assert rows[HEADER - 1][0] == "Tunnusluku"
    assert len(rows) > 300
    staff = sheets["Henkilöstö"].read_text(encoding="utf-8")
    assert "‥" in staff and "–" in staff
    for text in (path.read_text(encoding="utf-8") for path in sheets.values()):
        assert "#REF!" not in text and "Err:" not in text
    assert (tmp_path / "book.fi.pdf").read_bytes().startswith(b"%PDF")
