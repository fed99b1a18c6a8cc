"""The site of a release: its pages, their links, what they tell and what they never tell."""

from __future__ import annotations

import os
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter
from typing import Any
from urllib.parse import urldefrag

import duckdb
import pytest

from common import formats
from exports.pages import charts, verdicts, write_pages
from exports.pages import content as pages_content
from exports.pages.texts import Texts, sentences
from exports.presentation import presentation
from exports.publication import Publication
from tests.integration.exports.conftest import DOWNLOADS
from tests.support.places import ROOT


class Page(HTMLParser):
    """What a page is made of: its links, ids, headings, texts and attributes."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.tags: list[str] = []
        self.alternatives: dict[str, str] = {}
        self.images: list[dict[str, str | None]] = []
        self.language: str | None = None
        self.text: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if tag == "html":
            self.language = given["lang"]
        if tag == "a":
            self.links.append(given["href"] or "")
            if "hreflang" in given:
                self.alternatives[given["hreflang"] or ""] = given["href"] or ""
        if tag == "link":
            self.loaded.append(given["href"] or "")
        if tag == "img":
            self.loaded.append(given["src"] or "")
            self.images.append(given)
        if given.get("id"):
            self.ids.append(given["id"] or "")
        if re.fullmatch(r"h\d", tag):
            self.headings.append(int(tag[1]))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def narrow(publication: Publication, tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """Of the example only the outreach of one organisation and its wider areas; to be changed."""
    folder = tmp_path_factory.mktemp("narrow") / "tables"
    folder.mkdir()
    of_area = "area IN ('essote', '12', 'FI')"
    kept = {
        "values": f"{of_area} AND indicator LIKE 'outreach.%'",
        "comparison": f"{of_area} AND indicator LIKE 'outreach.%'",
        "aikumetod_scorecard": of_area,
        "strategy_map": of_area,
    }
    with duckdb.connect() as connection:
        for path in publication.folder.iterdir():
            connection.execute(
                f"COPY (FROM read_parquet('{path}') WHERE {kept.get(path.stem, 'TRUE')}) "
                f"TO '{folder / path.name}' (FORMAT parquet)"
            )
    return replace(publication, folder=folder)


def changed(publication: Publication, folder: Path, table: str, query: str) -> Publication:
    """The publication with one table asked anew; ``given`` is the table as it was."""
    shutil.copytree(publication.folder, folder)
    with duckdb.connect() as connection:
        source = publication.folder / f"{table}.parquet"
        given = f"WITH given AS (FROM read_parquet('{source}')) {query}"
        connection.execute(f"COPY ({given}) TO '{folder / source.name}' (FORMAT parquet)")
    return replace(publication, folder=folder)


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    return {str(path.relative_to(site)): Page(path) for path in sorted(site.rglob("*.html"))}


def test_every_area_has_its_page_and_every_theme_with_values_too(
    publication: Publication, pages: Mapping[str, Page]
) -> None:
    rows = publication.rows(
        """
        SELECT DISTINCT area_type, area, theme
        FROM "values" INNER JOIN catalogue USING (indicator)
        WHERE period_type = 'year' AND period = '2019'
        """
    )
    expected = {"index.html"}
    for language in formats.LANGUAGES:
        expected.add(f"{language}/index.html")
        for row in rows:
            folder = f"{language}/{row['area_type']}-{row['area']}"
            expected.add(f"{folder}/index.html")
            if row["area_type"] != "municipality":
                names = (row["theme"], "aikumetod", "strategy_map")
                expected |= {f"{folder}/{name}.html" for name in names}
    assert set(pages) == expected


def test_every_page_is_there_in_every_language_and_links_to_the_others(
    pages: Mapping[str, Page],
) -> None:
    for name, page in pages.items():
        if name == "index.html":
            continue
        language, _, rest = name.partition("/")
        assert page.language == language
        assert set(page.alternatives) == set(formats.LANGUAGES) - {language}
        for other, href in page.alternatives.items():
            target = (page.path.parent / href).resolve()
            assert target == pages[f"{other}/{rest}"].path.resolve()


def test_every_link_leads_somewhere(site: Path, pages: Mapping[str, Page]) -> None:
    by_path = {page.path.resolve(): page for page in pages.values()}
    for name, page in pages.items():
        for href in page.links:
            path, fragment = urldefrag(href)
            target = (page.path.parent / path).resolve() if path else page.path.resolve()
            if not target.is_relative_to(site.resolve()):
                assert target.is_relative_to(site.parent.resolve()), href
                continue
            assert target in by_path, (name, href)
            if fragment:
                assert fragment in by_path[target].ids, (name, href)


def test_downloads_are_told_on_every_page_in_its_language(pages: Mapping[str, Page]) -> None:
    for name, page in pages.items():
        if name == "index.html":
            continue
        root = "../" * name.count("/")
        language = name[:2]
        assert f"{root}../workbook/vuosikello-2019.1.{language}.xlsx" in page.links
        assert f"{root}../values.csv" in page.links


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(
    site: Path, pages: Mapping[str, Page]
) -> None:
    for name, page in pages.items():
        assert not {"script", "style", "iframe", "form", "object"} & set(page.tags), name
        for source in page.loaded:
            if source == "data:,":
                continue
            assert not re.match(r"[a-z]+:|//", source), (name, source)
            assert (page.path.parent / source).resolve().is_file(), (name, source)
        text = page.path.read_text(encoding="utf-8")
        assert "default-src 'none'" in text
        assert " style=" not in text
        assert "http" not in text.replace("http-equiv", ""), name
    for path in site.rglob("*.svg"):
        reported = path.read_text(encoding="utf-8").replace(
            'xmlns="http://www.w3.org/2000/svg"', ""
        )
        assert not re.search(r"http|<script|<image|href|url\(|style=", reported), path
    assert not re.search(r"url\(|@import", (site / "style.css").read_text(encoding="utf-8"))


def test_a_page_has_one_title_and_no_heading_skips_a_level(pages: Mapping[str, Page]) -> None:
    for name, page in pages.items():
        assert page.headings.count(1) == 1, name
        below = zip(page.headings, page.headings[1:], strict=False)
        assert all(after <= before + 1 for before, after in below), name
        assert len(page.ids) == len(set(page.ids)), name
        assert page.tags.count("main") == 1


def test_every_chart_is_told_in_words_and_has_its_table_behind_it(
    site: Path, pages: Mapping[str, Page]
) -> None:
    drawn = set()
    for name, page in pages.items():
        assert page.tags.count("figure") == len(page.images)
        assert page.tags.count("details") >= len(page.images), name
        for image in page.images:
            assert re.search(r"\d|‥", image["alt"] or ""), name
            drawn.add(Path(image["src"] or "").name)
    assert drawn == {path.name for path in (site / "charts").iterdir()}


def cells_of(page: Page, anchor: str) -> str:
    """The text of an indicator's part of a theme's page."""
    text = page.path.read_text(encoding="utf-8")
    found = re.search(rf'<article[^>]*aria-labelledby="{anchor}".*?</article>', text, re.DOTALL)
    assert found is not None
    return found[0]


def test_a_suppressed_value_is_a_sign_with_its_word_and_never_a_number(
    publication: Publication, pages: Mapping[str, Page]
) -> None:
    rows = publication.rows(
        """
        SELECT indicator, theme, area_type, area
        FROM "values" INNER JOIN catalogue USING (indicator)
        WHERE status = 'suppressed' AND period = '2019' AND breakdown = 'none'
            AND area_type <> 'municipality'
        """
    )
    assert rows
    for row in rows:
        anchor = re.sub(r"[._]", "-", row["indicator"])
        page = pages[f"en/{row['area_type']}-{row['area']}/{row['theme']}.html"]
        reported = re.search(r'<p class="big">.*?</p>', cells_of(page, anchor), re.DOTALL)
        assert reported is not None
        assert re.sub(r"<[^>]+>|\s", "", reported[0]) == "‥suppressed"
        assert "is not published, because" in cells_of(page, anchor)


def test_the_numbers_below_a_suppressed_value_are_nowhere(
    publication: Publication, site: Path, tmp_path: Path
) -> None:
    """Written with numbers under the suppressed values, the pages are the same to the byte."""
    hidden = "CASE WHEN status = 'suppressed' THEN 424.25 ELSE {0} END AS {0}"
    numbers = ", ".join(hidden.format(name) for name in ("numerator", "denominator"))
    given = changed(
        publication, tmp_path / "tables", "values", f"SELECT * REPLACE ({numbers}) FROM given"
    )
    write_pages(given, tmp_path / "pages", downloads=DOWNLOADS)
    assert content_of(tmp_path / "pages") == content_of(site)


def content_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_zero_suppressed_and_missing_are_three_different_things(
    narrow: Publication, tmp_path: Path
) -> None:
    """One value shown as 0, as suppressed and not at all gives three different pages."""
    is_it = (
        "indicator = 'outreach.visits' AND area = 'essote' AND breakdown = 'none' "
        "AND period = '2019'"
    )
    one = f"CASE WHEN {is_it} THEN {{}} ELSE {{}} END AS {{}}"
    zero = ", ".join(one.format(0, name, name) for name in ("value", "numerator"))
    none = ", ".join(one.format("NULL", name, name) for name in ("value", "numerator"))
    hidden = one.format("'suppressed'", "status", "status")
    queries = {
        "zero": f"SELECT * REPLACE ({zero}) FROM given",
        "suppressed": f"SELECT * REPLACE ({none}, {hidden}) FROM given",
        "missing": f"FROM given WHERE NOT ({is_it})",
    }
    reported = {}
    for name, query in queries.items():
        write_pages(changed(narrow, tmp_path / name, "values", query), tmp_path / f"{name}-pages")
        page = Page(tmp_path / f"{name}-pages" / "fi" / "organisation-essote" / "index.html")
        row = re.search(r"Jalkautumiset<.*?</tr>", page.path.read_text("utf-8"), re.DOTALL)
        assert row is not None
        cell = re.search(r'<td role="cell" data-name="2019">.*?</td>', row[0], re.DOTALL)
        assert cell is not None
        reported[name] = " ".join(re.sub(r"<[^>]+>", " ", cell[0]).split())
    assert reported["zero"] == "0 käyntiä"
    assert reported["suppressed"] == "‥ peitetty"
    assert reported["missing"] == "– ei tietoa"


def test_what_is_missing_says_why(pages: Mapping[str, Page]) -> None:
    structural = " ".join(
        "".join(pages["en/organisation-kainuun-sote/structural.html"].text).split()
    )
    assert "Figures without data" in structural
    assert "No data was submitted for the year (“proposed measures”)." in structural
    essote = " ".join("".join(pages["en/organisation-essote/index.html"].text).split())
    assert "Caseload (no data for 2019)" in essote


def test_a_wider_value_says_on_how_many_organisations_it_rests(pages: Mapping[str, Page]) -> None:
    caseload = cells_of(pages["en/country-FI/caseload.html"], "caseload-open-clients")
    assert "Data from one organisation" in caseload
    outreach = cells_of(pages["en/country-FI/outreach.html"], "outreach-visits")
    assert "Data from 4 organisations" in outreach
    front = pages["en/index.html"].path.read_text(encoding="utf-8")
    rows = re.findall(r"<tr role=\"row\">.*?</tr>", front, re.DOTALL)
    (open_clients,) = [row for row in rows if "#caseload-open-clients" in row]
    (visits,) = [row for row in rows if "#outreach-visits" in row]
    assert "Data from one organisation" in open_clients
    assert "Data from" not in visits


def test_a_rate_by_more_inhabitants_than_submitted_is_told_with_a_caution_and_not_compared(
    pages: Mapping[str, Page],
) -> None:
    of = "outreach-visits-per-10000"
    assert "lower than in reality" in cells_of(pages["en/country-FI/outreach.html"], of)
    shared = cells_of(pages["en/organisation-essote/outreach.html"], of)
    assert "several organisations" in shared
    assert "Finland" not in shared
    assert "<figure" not in shared
    assert "Rank" not in shared
    alone = cells_of(pages["en/organisation-kainuun-sote/outreach.html"], of)
    assert "inhabitants than" not in alone
    assert "lower than" not in alone
    assert "Kainuu wellbeing services county" in alone


def test_the_front_page_tells_what_the_release_is(pages: Mapping[str, Page]) -> None:
    front = " ".join("".join(pages["fi/index.html"].text).split())
    for said in (
        "Julkistus 2019.1",
        "3. helmikuuta 2020",
        "Vuoden ensimmäinen julkistus",
        "Three areas submitted outreach only; the report says so.",
        "Itä-Savon sairaanhoitopiirin kuntayhtymä (Sosteri) ei ole lähettänyt aineistoa "
        "”asiakaskontaktit” (2019).",
        "All that is missing is known.",
    ):
        assert said in front
    assert "submitted.contacts" not in front


def test_what_failed_is_told_in_plain_words(publication: Publication) -> None:
    missing = [
        {
            "expectation": f"submitted.{feed}",
            "organisation": "essote",
            "feed": feed,
            "period": "2019",
        }
        for feed in ("clients", "plans")
    ]
    unknown = {"expectation": "spirits.away", "organisation": "country:FI", "message": "Boo."}
    late = {
        "expectation": "readiness.late.plans",
        "organisation": "pieksamaki",
        "feed": "plans",
        "period": "2019",
    }
    assert Texts(publication, "en").failures([*missing, unknown, late]) == [
        (
            "South Savo joint authority (Essote) has not submitted these data (2019): client "
            "relationships, client plans. The figures computed from them are missing for this "
            "organisation.",
            None,
        ),
        ("Finland: the check “spirits.away” did not hold (–).", "Boo."),
        ("City of Pieksämäki submitted the data “client plans” after it was due (2019).", None),
    ]


def test_a_correction_tells_what_was_revised_and_why(narrow: Publication, tmp_path: Path) -> None:
    source = narrow.folder / "values.parquet"
    revised = f"""
        SELECT
            indicator, area_type, area, period_type, period, breakdown, breakdown_value,
            '2019.1' AS corrects, value - 7 AS old_value, 'published' AS old_status,
            value AS new_value, status AS new_status, 'replaced' AS why, 'a|b' AS submissions
        FROM read_parquet('{source}')
        WHERE indicator = 'outreach.visits' AND area = 'essote' AND period = '2019'
    """
    given = changed(narrow, tmp_path / "tables", "revisions", revised)
    info = replace(given.info, number=2, corrects="2019.1")
    reported: list[tuple[int, int, str]] = []
    written = write_pages(
        replace(given, info=info), tmp_path / "pages", progress=lambda *said: reported.append(said)
    )
    front = " ".join("".join(Page(tmp_path / "pages" / "sv" / "index.html").text).split())
    assert "Rättelse som ersätter publiceringen 2019.1" in front
    assert "Tidigare skickade uppgifter ersattes med nya." in front
    theme = Page(tmp_path / "pages" / "en" / "organisation-essote" / "outreach.html")
    assert "Revised: release 2019.1 said 50." in cells_of(theme, "outreach-visits")
    assert list(written) == sorted((tmp_path / "pages").rglob("*.html"))
    assert reported == [
        (1, 3, "country-FI"),
        (2, 3, "welfare_area-12"),
        (3, 3, "organisation-essote"),
    ]


def test_the_same_publication_makes_the_same_bytes_in_any_process(
    narrow: Publication, tmp_path: Path
) -> None:
    code = (
        "import pickle, sys; from pathlib import Path; from exports.pages import write_pages; "
        "given, out = (Path(name) for name in sys.argv[1:]); "
        "write_pages(pickle.loads(given.read_bytes()), out)"
    )
    (tmp_path / "publication").write_bytes(pickle.dumps(narrow))
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "publication"), str(tmp_path / "other")],
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "4"},  # no order may rest on the hashes of texts
    )
    write_pages(narrow, tmp_path / "here")
    assert content_of(tmp_path / "other") == content_of(tmp_path / "here")


def test_years_are_drawn_from_three_on(narrow: Publication, tmp_path: Path) -> None:
    query = """
        SELECT * FROM given
        UNION ALL
        SELECT * REPLACE ('2017' AS period) FROM given
        WHERE period = '2018' AND indicator = 'outreach.visits'
    """
    given = changed(narrow, tmp_path / "tables", "values", query)
    write_pages(replace(given, years=(2017, 2018, 2019)), tmp_path / "pages")
    page = Page(tmp_path / "pages" / "en" / "organisation-essote" / "outreach.html")
    reported = cells_of(page, "outreach-visits")
    assert "Outreach visits, by year. First 2017 38, last 2019 57. Highest 2019 57" in reported
    assert "by year" not in cells_of(page, "outreach-feeling")


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, str]]]:
    for name, below in node.items():
        if any(isinstance(one, str) for one in below.values()):
            yield f"{path}{name}", below
        else:
            yield from leaves(below, f"{path}{name}.")


def test_every_sentence_is_there_in_every_language_with_the_same_places() -> None:
    for name, texts in leaves(sentences()):
        assert set(texts) == set(formats.LANGUAGES), name
        assert all(isinstance(text, str) and text.strip() for text in texts.values()), name
        places = [
            {field for _, field, _, _ in Formatter().parse(text) if field}
            for text in texts.values()
        ]
        assert places[0] == places[1] == places[2], name


def test_every_source_and_every_feed_has_its_words(publication: Publication) -> None:
    for row in publication.rows("SELECT DISTINCT source, base_feed FROM catalogue"):
        assert row["base_feed"] in sentences()["feeds"]
        assert row["source"] is None or row["source"] in sentences()["sources"]


def test_every_indicator_has_one_place_and_every_theme_key_figures(
    publication: Publication,
) -> None:
    found = presentation(publication)
    named = [(code, theme) for theme, codes in found.indicators.items() for code in codes]
    rows = publication.rows("SELECT indicator, theme FROM catalogue")
    assert sorted(named) == sorted((row["indicator"], row["theme"]) for row in rows)
    assert all(found.key_figures["pages"][theme] for theme in found.indicators)


@pytest.mark.parametrize(
    ("target", "operator", "value", "verdict"),
    [
        (35.0, "<=", 35.0, "met"),
        (35.0, "<=", 35.2, "not_met"),
        (0.95, ">=", 0.95, "met"),
        (1.0, "=", 0.9999, "not_met"),
        (1.0, "=", 1.0, "met"),
        (1.0, "=", None, "no_data"),
        (None, None, 1.0, "no_target"),
    ],
)
def test_a_target_is_met_or_not(
    target: float | None, operator: str | None, value: float | None, verdict: str
) -> None:
    indicator = {"target": target, "target_operator": operator}
    cell = pages_content.Cell("published" if value is not None else "missing", value)
    assert verdicts.verdict(indicator, cell) == verdict
    hidden = pages_content.Cell("suppressed")
    assert verdicts.verdict(indicator, hidden) in ("suppressed", "no_target")


def test_a_chart_breaks_its_line_where_there_is_no_value(tmp_path: Path) -> None:
    points = [
        ("1", 10.0, "10"),
        ("2", 12.0, "12"),
        ("3", None, "‥"),
        ("4", 9.0, "9"),
        ("5", 8.0, "8"),
    ]
    spec = charts.trend(points, lambda number: f"{number:.0f}")
    lines = [layer for layer in spec["layer"] if layer["mark"]["type"] == "line"]
    assert [len(line["data"]["values"]) for line in lines] == [2, 2]
    drawing = charts.Charts(tmp_path)
    name, height = drawing.draw(spec)
    assert drawing.draw(spec) == (name, height)
    assert drawing.drawn == 1
    assert "‥" in (tmp_path / name).read_text(encoding="utf-8")


def test_a_bar_that_is_not_told_is_not_drawn(tmp_path: Path) -> None:
    rows = [charts.Bar("a", 3.0, "3"), charts.Bar("b", None, "‥"), charts.Bar("c", 0.0, "0")]
    spec = charts.bars(rows)
    (shapes,) = [layer for layer in spec["layer"] if layer["mark"]["type"] == "rect"]
    assert [shape["to"] for shape in shapes["data"]["values"]] == [3.0, 0.0]


@pytest.mark.parametrize(
    ("values", "share", "ticks"),
    [
        ([3, 7], False, [0, 2, 4, 6, 8]),
        ([0.2, 0.93], True, [0, 0.25, 0.5, 0.75, 1]),
        ([1.0], True, [0, 0.25, 0.5, 0.75, 1]),
        ([0.0, 0.0], False, [0, 1]),
        ([-7.8, 4.3], False, [-10, -5, 0, 5]),
    ],
)
def test_an_axis_begins_at_zero_and_has_round_numbers(
    values: list[float], share: bool, ticks: list[float]
) -> None:
    assert charts._ticks(values, share) == ticks
