"""Pages, workbook and social report present the indicators as the catalogue declares them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import openpyxl
import pytest

from exports import wording
from exports.pages import write_pages
from exports.pages.content import Content
from exports.presentation import NoPresentation, presentation
from exports.publication import Publication
from exports.social_report import pages as report_pages
from exports.social_report.context import ReportContext
from exports.social_report.facts import Area, values_of
from exports.social_report.problems import stated_rules
from exports.social_report.sections.process import process
from exports.workbook import write_workbook


@pytest.mark.parametrize(
    "write",
    [
        lambda publication, out: write_pages(publication, out / "pages"),
        lambda publication, out: write_workbook(publication, out / "book.xlsx", "en"),
        lambda publication, out: list(report_pages(publication, "en")),
    ],
    ids=["pages", "workbook", "social_report"],
)
def test_a_publication_of_an_earlier_version_is_refused_with_what_to_do(
    publication: Publication, tmp_path: Path, write: Callable[[Publication, Path], object]
) -> None:
    earlier = tmp_path / "tables"
    shutil.copytree(publication.folder, earlier)
    catalogue = earlier / "catalogue.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE earlier AS "
            f"SELECT * EXCLUDE (position, key_figure_in, charts) FROM '{catalogue}'"
        )
        connection.execute(f"COPY earlier TO '{catalogue}' (FORMAT parquet)")
    with pytest.raises(NoPresentation, match="no column position, key_figure_in, charts"):
        write(replace(publication, folder=earlier), tmp_path)


def test_pages_show_indicators_and_key_figures_in_their_declared_order(
    publication: Publication,
) -> None:
    declared = presentation(publication)
    content = Content(publication)
    try:
        assert list(content.catalogue) == [
            code for codes in declared.indicators.values() for code in codes
        ]
        assert content.key_figures == declared.key_figures["pages"]
    finally:
        content.close()


def test_the_report_shows_its_own_key_figures_in_their_declared_order(
    publication: Publication,
) -> None:
    country = Area("country", "FI")
    declared = presentation(publication)
    report = ReportContext(
        publication,
        stated_rules(),
        country,
        values_of(publication, [country]),
        wording.words(publication, "en"),
        declared,
    )
    shown = {
        table.caption: [row.header for row in table.rows] for table in process(report)["figures"]
    }
    assert report.words.label("theme", "structural") not in shown
    for theme in ("caseload", "outreach", "process", "staff"):
        assert shown[report.words.label("theme", theme)] == [
            report.label(code) for code in declared.key_figures["report"][theme]
        ]


def test_the_workbook_has_the_first_declared_charts_that_have_values(
    publication: Publication, tmp_path: Path
) -> None:
    declared = presentation(publication).charts
    names = {
        row["indicator"]: row["label_en"]
        for row in publication.rows("SELECT indicator, label_en FROM catalogue")
    }
    book = openpyxl.load_workbook(write_workbook(publication, tmp_path / "book.xlsx", "en"))
    cells = (row[0] for row in book["Chart data"].iter_rows(min_row=4))
    titles = [str(cell.value) for cell in cells if cell.value and cell.font.bold]
    caseload = [names[chart.indicator] for chart in declared["caseload"]]
    found = [title for title in titles if title.startswith(tuple(caseload))]
    assert 1 <= len(found) <= 4
    places = [next(name for name in caseload if title.startswith(name)) for title in found]
    remaining = iter(caseload)
    assert all(name in remaining for name in places)  # in the declared order
