"""The pages that explain the house: whole, in three languages, and calling nobody."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from functools import cache, cached_property
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from common.home import Home
from ingest import receiver
from ingest.contracts import LANGUAGES, Contract, load_contracts
from ingest.receipts import Status
from vuosikello.docs_site import example_file, site
from vuosikello.warehouse import build

CONTRACTS = load_contracts()
VOID = {"meta", "link", "br", "img", "hr", "input"}
# What makes a browser fetch something, wherever it points.
FETCHING = {"src", "srcset", "poster", "data", "action", "formaction", "ping", "background"}


class Page(HTMLParser):
    """A page as a reader has it: its words, its links, its headings, and whether it is whole."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.open: list[str] = []
        self.words: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.fetched: list[str] = []
        self.languages: list[str] = []
        self.feed(self.source)
        self.close()
        assert self.open == [], path

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a":
            self.links.append(str(given["href"]))
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(int(tag[1]))
        if tag == "html":
            self.languages.append(str(given["lang"]))
        if tag in {"script", "iframe", "object", "embed"}:
            self.fetched.append(tag)
        self.fetched += [f"{name}={value}" for name, value in attrs if name in FETCHING]
        if tag == "link" and given.get("href") != "data:,":
            self.fetched.append(f"link {given.get('href')}")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @cached_property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@cache
def read(path: Path) -> Page:
    return Page(path)


@pytest.fixture(scope="module")
def docs(iso_sos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own pages of the example; dbt's page has tests of its own."""
    folder = tmp_path_factory.mktemp("docs")
    site.write_feeds(folder)
    site.write_indicators(iso_sos / "warehouse.duckdb", folder)
    site.write_guides(folder)
    return folder


PAGES = [f"{name}.{language}.html" for name in ("feeds", "indicators") for language in LANGUAGES]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_needs_no_script_and_nothing_from_elsewhere(
    name: str, docs: Path
) -> None:
    page = read(docs / name)
    assert page.languages == [name.split(".")[1]]
    assert page.fetched == []
    assert "default-src 'none'" in page.source
    assert not re.search(r"url\(|@import|https?://", page.source)
    assert page.headings[0] == 1 and page.headings.count(1) == 1
    steps = zip(page.headings, page.headings[1:], strict=False)
    assert all(after <= before + 1 for before, after in steps)


@pytest.mark.parametrize("guide", site.GUIDES)
def test_a_guide_is_a_page_that_loads_nothing_and_leads_only_to_what_is_there(
    guide: str, docs: Path
) -> None:
    page = read(docs / f"guide.{guide}.html")
    assert page.fetched == []
    assert page.headings[0] == 1 and page.headings.count(1) == 1
    there = {path.name for path in docs.glob("*.html")} | {"index.html"}
    assert all(link in there or link.startswith("https://") for link in page.links)
    source = site.GUIDES[guide].read_text(encoding="utf-8")
    assert page.source.count("<table>") == len(re.findall(r"^\|-", source, re.MULTILINE))
    assert page.source.count("<pre") == len(
        re.findall(r"^```\w+$|\n\n    \S", source, re.MULTILINE)
    )


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str, docs: Path) -> None:
    page = read(docs / name)
    assert len(set(page.ids)) == len(page.ids)
    pages = {path.name: read(path) for path in docs.glob("*.html")}
    for link in page.links:
        file, _, fragment = link.partition("#")
        if file == "index.html":
            continue
        assert file == "" or file in pages, link
        assert not fragment or fragment in pages[file or name].ids, link


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("feed", CONTRACTS)
def test_the_dictionary_tells_all_that_the_contract_tells(
    feed: str, language: str, docs: Path
) -> None:
    text = read(docs / f"feeds.{language}.html").text
    contract = CONTRACTS[feed]
    reported = [contract.label, contract.grain, contract.purpose]
    for column in contract.columns:
        reported += [column.label, column.description]
        assert column.name in text
        if column.code_list:
            for code, label in site.labels_of(column.code_list).items():
                assert f"{code} {getattr(label, language)}" in text
    reported += [rule.message for rule in contract.rules]
    for texts in reported:
        assert " ".join(getattr(texts, language).split()) in text
    assert str(contract.retention_days) in text


@pytest.mark.parametrize("feed", CONTRACTS)
def test_the_example_of_a_feed_is_received_without_a_remark(feed: str, tmp_path: Path) -> None:
    contract: Contract = CONTRACTS[feed]
    shown = example_file.example(contract)
    organisation, shown_feed, name = shown.path.split("/")
    file = tmp_path / name
    file.write_text(f"{shown.header}\n{shown.row}\n", encoding="utf-8")
    receipt, _ = receiver.check(
        file,
        feed=shown_feed,
        organisation=organisation,
        period=example_file.EXAMPLE_PERIOD,
        home=Home(tmp_path / "home"),
    )
    assert (receipt.status, receipt.errors) == (Status.ACCEPTED, [])
    assert receipt.rows_loaded == 1
    filled = dict(zip(shown.header.split(";"), shown.row.split(";"), strict=True))
    assert all(filled[column.name] for column in contract.columns if column.required)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_the_indicators_tells_what_the_catalogue_tells(
    language: str, docs: Path, iso_sos: Path
) -> None:
    page = read(docs / f"indicators.{language}.html")
    with duckdb.connect(str(iso_sos / "warehouse.duckdb"), read_only=True) as connection:
        catalogue = connection.execute(
            f"SELECT indicator, label_{language}, definition_{language}, formula, "
            "coalesce(source, '') FROM indicators.indicator_catalogue"
        ).fetchall()
    for indicator, *reported in catalogue:
        assert indicator in page.ids
        for text in reported:
            assert " ".join(text.split()) in page.text


def test_every_code_of_the_catalogue_has_a_word_in_three_languages() -> None:
    environment = site._environment()
    module = environment.get_template("words.j2").make_module()
    words = module.words  # type: ignore[attr-defined]
    seeds = build.PROJECT / "seeds" / "indicators"
    with (seeds / "indicator_declarations.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (seeds / "indicator_labels.csv").open(encoding="utf-8", newline="") as file:
        labels = list(csv.DictReader(file))
    used = {
        "theme": {row["theme"] for row in rows},
        "unit": {row["unit"] for row in rows},
        "direction": {row["direction"] for row in rows},
        "area_type": {area for row in rows for area in row["areas"].split("|")},
        "period_type": {period for row in rows for period in row["period_types"].split("|")},
        "persons_kind": {row["persons_kind"] for row in rows} - {""},
        "breakdown": {code for row in rows for code in row["breakdowns"].split("|")} - {""},
    }
    for kind, codes in used.items():
        assert codes <= {label["code"] for label in labels if label["kind"] == kind}, kind
    for label in labels:
        assert all(label[f"label_{language}"] for language in LANGUAGES)
    for language in LANGUAGES:
        assert words[language].keys() == words["fi"].keys()
        assert {row["breakdown_rule"] for row in rows} - {"within"} <= set(words[language]["rules"])


def test_the_frame_of_the_pages_speaks_each_language_in_full() -> None:
    environment = site._environment()
    for template in ("feeds.html.j2", "index.html.j2"):
        source = Path(str(environment.get_template(template).filename)).read_text("utf-8")
        found = re.search(r"\{% set text = (\{.*?\n\}) %\}", source, re.DOTALL)
        assert found is not None
        texts = environment.compile_expression(found[1])(refused_above=10)
        assert set(texts) == set(LANGUAGES)
        assert all(texts[language].keys() == texts["en"].keys() for language in LANGUAGES)
        if "kinds" in texts["en"]:
            kinds = {column.kind.value for one in CONTRACTS.values() for column in one.columns}
            assert all(kinds <= set(texts[language]["kinds"]) for language in LANGUAGES)


@pytest.mark.parametrize("command", [["docs"], ["metrics", "outreach_visits"]])
def test_without_a_warehouse_the_command_says_how_to_get_one(
    command: list[str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vuosikello.cli.app", *command, "--home", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "Build it: vuosikello build" in done.stderr
    assert "Traceback" not in done.stderr
