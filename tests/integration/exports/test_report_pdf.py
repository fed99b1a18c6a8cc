"""The PDF of the social report: tagged as PDF/UA-1 asks, as far as a program can tell."""

from __future__ import annotations

import gc
import io
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest
from weasyprint.urls import FatalURLFetchingError

from exports.publication import Publication
from exports.social_report import pages
from exports.social_report.facts import Area
from exports.social_report.pdf import write_pdf


@pytest.fixture(scope="module")
def html(publication: Publication) -> str:
    return dict(pages(publication, "fi"))[Area("welfare_area", "20")]


@pytest.fixture(scope="module")
def written(html: str) -> bytes:
    return write_pdf(html)


@pytest.fixture
def pdf(written: bytes) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(written)) as opened:
        yield opened


def elements(
    pdf: pikepdf.Pdf, root: pikepdf.Object | None = None
) -> Iterator[tuple[str, pikepdf.Object]]:
    """Return the structure's elements with their kinds, in reading order."""
    kids = (root if root is not None else pdf.Root.StructTreeRoot).get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/StructElem":
            yield str(kid.S)[1:], kid
            yield from elements(pdf, kid)


def test_the_document_says_what_it_is(pdf: pikepdf.Pdf) -> None:
    title = "Sosiaalinen raportti 2019 · Kainuun hyvinvointialue"
    assert str(pdf.Root.Lang) == "fi"
    assert pdf.Root.MarkInfo.Marked
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert str(pdf.docinfo.Title) == title
    # The release's day, not the day on which somebody made the file.
    assert str(pdf.docinfo.CreationDate).startswith("D:20200203")
    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == title


def test_headings_go_down_one_step_at_a_time(pdf: pikepdf.Pdf, html: str) -> None:
    levels = [int(kind[1]) for kind, _ in elements(pdf) if re.fullmatch(r"H[1-6]", kind)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert levels == [int(level) for level in re.findall(r"<h([1-6])\b", html)]


def test_the_bookmarks_are_the_headings(pdf: pikepdf.Pdf) -> None:
    with pdf.open_outline() as outline:
        (top,) = outline.root
        assert top.title == "Sosiaalinen raportti 2019 Kainuun hyvinvointialue"
        sections = [item.title for item in top.children]
    assert sections[0] == "Lyhyesti"
    assert sections[2] == "1 Tiedon keruu: kuka toimitti ja mitä puuttuu"
    assert sections[-1] == "Liite C. Lähteet"


def test_every_figure_has_an_alternative_text_and_a_place_on_its_page(pdf: pikepdf.Pdf) -> None:
    figures = [element for kind, element in elements(pdf) if kind == "Figure"]
    assert len(figures) == 1
    for figure in figures:
        assert "Yksinäisyys 7" in str(figure.Alt)
        left, bottom, right, top = (float(number) for number in figure.A.BBox)
        _, _, width, height = (float(number) for number in figure.Pg.MediaBox)
        assert 0 <= left < right <= width
        assert 0 <= bottom < top <= height


def test_every_table_has_headings_with_a_direction_and_even_rows(pdf: pikepdf.Pdf) -> None:
    tables = [element for kind, element in elements(pdf) if kind == "Table"]
    assert len(tables) > 20
    for table in tables:
        inside = list(elements(pdf, table))
        headings = [element for kind, element in inside if kind == "TH"]
        scopes = {str(heading.A.Scope) for heading in headings}
        assert scopes == {"/Column", "/Row"}
        widths = {
            sum(kind in ("TH", "TD") for kind, _ in elements(pdf, row))
            for kind, row in inside
            if kind == "TR"
        }
        assert len(widths) == 1
        names = {str(heading.ID) for heading in headings}
        for kind, cell in inside:
            if kind == "TD":
                assert cell.A.Headers
                assert {str(name) for name in cell.A.Headers} <= names


def test_every_name_of_a_heading_can_be_looked_up(pdf: pikepdf.Pdf) -> None:
    (leaf,) = pdf.Root.StructTreeRoot.IDTree.Kids
    listed = [str(name) for name in list(leaf.Names)[::2]]
    assert listed == sorted(listed)
    assert listed == sorted(str(element.ID) for _, element in elements(pdf) if "/ID" in element)


def test_lists_hold_items_only(pdf: pikepdf.Pdf) -> None:
    lists = [element for kind, element in elements(pdf) if kind == "L"]
    assert lists
    for one in lists:
        assert {str(kid.S) for kid in one.K} == {"/LI"}


def test_a_link_is_called_by_the_heading_that_it_leads_to(pdf: pikepdf.Pdf) -> None:
    links = [
        annotation
        for page in pdf.pages
        for annotation in page.get("/Annots", [])
        if annotation.Subtype == "/Link"
    ]
    assert "3–4 Keskustelu: ongelmat, jotka nousevat esiin" in {
        str(link.Contents) for link in links
    }
    assert all("/StructParent" in link for link in links)
    assert all(page.get("/Tabs", "/S") == "/S" for page in pdf.pages)


def test_nothing_is_drawn_that_is_neither_tagged_nor_an_artifact(pdf: pikepdf.Pdf) -> None:
    shown = {"Tj", "TJ", "'", '"', "Do", "f", "F", "f*", "S", "s", "B", "B*", "b", "b*", "sh"}
    for number, page in enumerate(pdf.pages, start=1):
        depth = 0
        for instruction in pikepdf.parse_content_stream(page):
            operator = str(instruction.operator)
            if operator in ("BMC", "BDC"):
                depth += 1
            elif operator == "EMC":
                depth -= 1
            else:
                assert depth > 0 or operator not in shown, (number, operator)
        assert depth == 0


def test_all_fonts_are_embedded_and_tell_their_letters(pdf: pikepdf.Pdf) -> None:
    fonts = {
        str(font.BaseFont): font for page in pdf.pages for font in page.Resources.Font.values()
    }
    # What apt-get install fonts-dejavu-core gives; a slanted face would not be there.
    assert {name.partition("+")[2] for name in fonts} <= {"DejaVu-Sans", "DejaVu-Sans-Bold"}
    for font in fonts.values():
        assert "/ToUnicode" in font
        (descendant,) = font.DescendantFonts
        assert (
            "/FontFile2" in descendant.FontDescriptor or "/FontFile3" in descendant.FontDescriptor
        )


def test_it_is_printed_on_a4_with_numbered_pages(pdf: pikepdf.Pdf) -> None:
    assert 8 <= len(pdf.pages) <= 20
    for page in pdf.pages:
        assert [round(float(number)) for number in page.MediaBox] == [0, 0, 595, 842]


def test_what_lies_outside_the_document_is_refused(tmp_path: Path) -> None:
    (tmp_path / "picture.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    for address in ((tmp_path / "picture.svg").as_uri(), "https://example.org/picture.svg"):
        page = (
            '<html lang="en"><head><title>x</title></head>'
            f'<body><img src="{address}" alt="x"></body></html>'
        )
        with pytest.raises(FatalURLFetchingError, match=r"picture\.svg"):
            write_pdf(page)
        # The collector, which waits meanwhile, works again whatever happens.
        assert gc.isenabled()


def test_an_independent_checker_finds_it_to_be_pdf_ua(written: bytes) -> None:
    checker = pytest.importorskip("page", reason="page-validation is not installed")
    report = checker.validate_pdf_bytes(written, profile="ua1")
    assert report.is_compliant, [(one.rule_id, one.message) for one in report.failures]
