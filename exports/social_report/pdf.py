"""One HTML document as a tagged PDF (PDF/UA-1), the same bytes for the same document.

WeasyPrint makes the tags. This module adds what WeasyPrint leaves out: whether a table's heading
belongs to its column or its row, an index of the headings, the place of each figure on its page,
and a description of each link. Knows nothing of the report: it takes any self-contained document.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from hashlib import sha256

import pydyf
from weasyprint import HTML
from weasyprint.document import Document
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

_POINTS_PER_PIXEL = 0.75


class _FromWithin(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Reads ``data:`` addresses, and refuses any other: a picture must not be missing unnoticed."""

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        if not url.startswith("data:"):
            raise FatalURLFetchingError(f"a report holds all that it shows; this is outside: {url}")
        return super().fetch(url, headers)


def write_pdf(html: str) -> bytes:
    """Set a self-contained HTML document as PDF/UA-1.

    Args:
        html: the document; it has a title and a language, its pictures are ``data:`` addresses and
            have alternative texts.

    Returns:
        The bytes of the PDF file.

    Raises:
        FatalURLFetchingError: the document needs something from outside.
    """
    document = HTML(string=html, url_fetcher=_FromWithin())
    titles = {
        element.get("id"): " ".join("".join(element.itertext()).split())
        for element in document.etree_element.iter()
        if element.get("id")
    }
    with _without_collecting():
        written: bytes | None = document.write_pdf(
            pdf_variant="pdf/ua-1",
            # Without an identifier of its own a file gets none or a random one.
            pdf_identifier=sha256(html.encode()).hexdigest()[:32].encode(),
            finisher=partial(_finish, titles),
        )
    assert written is not None
    return written


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Let no collector look for unused objects meanwhile.

    Everything that the layout makes is in use until the file is written: looking takes a seventh of
    the time, and finds nothing.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _finish(titles: Mapping[str, str], document: Document, pdf: pydyf.PDF) -> None:
    """Add to the tags what WeasyPrint leaves out."""
    elements = [
        item
        for item in pdf.objects
        if isinstance(item, pydyf.Dictionary) and item.get("Type") == "/StructElem"
    ]
    _scope_headings(elements)
    _index_headings(pdf, elements)
    _place_figures(document, elements)
    _name_links(titles, pdf)


def _scope_headings(elements: Sequence[pydyf.Dictionary]) -> None:
    """Write for each heading of a table whether it belongs to its column or its row.

    WeasyPrint writes which headings each cell has; readers that look at the headings need this.
    """
    by_reference = {element.reference: element for element in elements}
    for heading in elements:
        if heading["S"] == "/TH":
            row = by_reference[heading["P"]]
            is_of_column = by_reference[row["P"]]["S"] == "/THead"
            heading["A"]["Scope"] = "/Column" if is_of_column else "/Row"


def _index_headings(pdf: pydyf.PDF, elements: Sequence[pydyf.Dictionary]) -> None:
    """List the named elements: readers look up a name in such a tree only."""
    named = sorted((element["ID"].string, element) for element in elements if "ID" in element)
    root = next(
        item
        for item in pdf.objects
        if isinstance(item, pydyf.Dictionary) and item.get("Type") == "/StructTreeRoot"
    )
    if not named:
        return
    names = pydyf.Array()
    for _, element in named:
        names.extend((element["ID"], element.reference))
    leaf = pydyf.Dictionary(
        {"Names": names, "Limits": pydyf.Array((named[0][1]["ID"], named[-1][1]["ID"]))}
    )
    pdf.add_object(leaf)
    root["IDTree"] = pydyf.Dictionary({"Kids": pydyf.Array([leaf.reference])})


def _place_figures(document: Document, elements: Sequence[pydyf.Dictionary]) -> None:
    """Give the place of figures in points from the page's lower left corner, as PDF counts."""
    height = document.pages[0].height  # every page has the same size
    for figure in elements:
        if figure["S"] == "/Figure":
            left, top, right, bottom = figure["A"]["BBox"]
            figure["A"]["BBox"] = pydyf.Array(
                round(_POINTS_PER_PIXEL * place, 2)
                for place in (left, height - bottom, right, height - top)
            )


def _name_links(titles: Mapping[str, str], pdf: pydyf.PDF) -> None:
    """Describe a link within the document by the heading that it leads to, not by its address."""
    for item in pdf.objects:
        if isinstance(item, pydyf.Dictionary) and item.get("Subtype") == "/Link" and "Dest" in item:
            item["Contents"] = pydyf.String(titles[item["Dest"].string])
