"""The social report of the ISO SOS example: what it tells, in which order, and to whom."""

from __future__ import annotations

import csv
import pickle
import re
import shutil
import string
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from babel.dates import get_month_names
from playwright.sync_api import Browser, sync_playwright

from common.formats import LANGUAGES, Language
from exports import wording
from exports.presentation import presentation
from exports.publication import TABLES, Publication
from exports.social_report import pages, write_social_report
from exports.social_report.context import ReportContext
from exports.social_report.facts import Area, values_of
from exports.social_report.problems import stated_rules
from tests.support.places import ROOT

COUNTRY, SOUTH_SAVO, KAINUU = (
    Area("country", "FI"),
    Area("welfare_area", "12"),
    Area("welfare_area", "20"),
)
WORDS = yaml.safe_load(
    (ROOT / "exports" / "social_report" / "words.yaml").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def html(publication: Publication) -> dict[tuple[Area, Language], str]:
    """Every area's report in every language."""
    return {
        (area, language): page
        for language in LANGUAGES
        for area, page in pages(publication, language)
    }


def row(page: str, header: str) -> list[str]:
    """Return the cells of the first row with a heading."""
    (found,) = re.findall(
        rf'<th scope="row">{re.escape(header)}(?: <span.*?</span>)?</th>(.*?)</tr>', page, re.S
    )[:1]
    return [
        cell.replace("\N{NO-BREAK SPACE}", " ") for cell in re.findall(r"<td.*?>(.*?)</td>", found)
    ]


def text_of(page: str) -> str:
    body = page[page.index("<main>") :]
    return " ".join(re.sub(r"<[^>]+>", " ", body).replace("\N{NO-BREAK SPACE}", " ").split())


def test_there_is_a_report_of_the_country_and_of_each_area_with_values(
    html: Mapping[tuple[Area, Language], str],
) -> None:
    assert list(html) == [
        (area, language) for language in LANGUAGES for area in (COUNTRY, SOUTH_SAVO, KAINUU)
    ]
    assert "Kainuun hyvinvointialue" in html[KAINUU, "fi"]
    assert "Kajanalands välfärdsområde" in html[KAINUU, "sv"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_follows_the_annual_clock(
    html: Mapping[tuple[Area, Language], str], language: Language
) -> None:
    found = re.findall(r'<h2 id="(\w+)">', html[KAINUU, language])
    assert found == [
        "brief",
        "contents",
        "collect",
        "process",
        "deliberate",
        "decide",
        "implement",
        "evaluate",
        "quality",
        "appendix_rules",
        "appendix_definitions",
        "appendix_sources",
    ]


def test_the_months_are_those_of_the_annual_clock() -> None:
    with (ROOT / "dbt_project" / "seeds" / "annual_clock.csv").open(encoding="utf-8") as seed:
        stages = {one["stage"]: one for one in csv.DictReader(seed)}
    months = get_month_names("wide", locale="en_GB")
    sections = {
        "collect": ("collect", "collect"),
        "process": ("process", "process"),
        "deliberate": ("deliberate", "propose"),
        "implement": ("communicate", "implement"),
        "evaluate": ("evaluate", "evaluate"),
    }
    for section, (first, last) in sections.items():
        begins, ends = (
            months[int(stages[stage][day][:2])]
            for stage, day in ((first, "begins"), (last, "ends"))
        )
        assert WORDS[f"{section}_months"]["en"] == f"{begins}–{ends}"
    assert stages["decide"]["ends"] == "05-31"


def test_the_problems_of_kainuu_are_those_that_the_rules_choose(
    html: Mapping[tuple[Area, Language], str],
) -> None:
    page = html[KAINUU, "fi"]
    assert re.findall(r"<h3>(\d\. .*?)</h3>", page) == [
        # 7 of 30 observations (2), before 7 of 60 (2), topic 26 % (1), need 38 % (1), sources (1)
        "1. Yksinäisyys",
        # 136 of 378: 64 percentage points below (4), a duty of law (2)
        "2. Erityisen tuen asiakkaalla on sosiaalityöntekijä: 36\N{NO-BREAK SPACE}%",
        # 4 of 30 observations (1), need 36 % (1), reason 29 % (2), sources (1)
        "3. Köyhyys ja velkaantuminen",
    ]
    assert row(page, "Yksinäisyys")[-1] == "7"
    assert row(page, "Paljon havaintoja") == [
        "Rakenteellisen sosiaalityön 30 havainnosta 7 eli 23 % koskee teemaa.",
        "2",
    ]
    assert "Asuminen (5 pistettä)" in page  # tied, and left out by the order of the rules


def test_where_nothing_stands_out_the_report_says_so_and_what_is_missing(
    html: Mapping[tuple[Area, Language], str],
) -> None:
    text = text_of(html[SOUTH_SAVO, "fi"])
    assert "Mikään ongelma ei nouse esiin: yksikään ehdokas ei saanut vähintään 3 pistettä." in text
    assert "Se ei tarkoita, ettei ongelmia ole" in text
    assert "Rakenteellisen sosiaalityön havaintoja ei ole toimitettu" in text


def test_zero_suppressed_and_missing_stay_three_things(
    html: Mapping[tuple[Area, Language], str],
) -> None:
    page = html[KAINUU, "fi"]
    assert row(page, "Katvealueet")[0] == "0 %"
    assert row(page, "Enintään 35 paneutuvaa asiakkuutta")[:3] == ["‥", "‥", "100 %"]
    assert row(page, "Työntekijöiden vaihtuvuus") == ["‥", "‥", "ei tavoitetta", "‥"]
    assert row(page, "Ajallaan raportoidut toimenpiteet") == [
        "–",
        "67 % (2/3 toimenpiteestä)",
        "100 %",
    ]
    # Clients raised nothing in 2019: counted, and nothing there.
    assert row(page, "Asiakas") == ["0", "15"]
    # Nothing to compare with is shown as missing, too.
    assert row(page, "Avoimet asiakkuudet")[:2] == ["1 740", "–"]


def test_a_suppressed_value_has_its_target_and_no_verdict(publication: Publication) -> None:
    code = "caseload.workers_within_limit"
    values = values_of(publication, [KAINUU])
    report = ReportContext(
        publication,
        stated_rules(),
        KAINUU,
        values,
        wording.words(publication, "fi"),
        presentation(publication),
    )
    reading = values[KAINUU].read(2019, code)
    assert reading.status == "suppressed"
    cells = (
        report.value(code, reading),
        report.change(code, values[KAINUU].read(2018, code), reading),
        report.target(code, reading).replace("\N{NO-BREAK SPACE}", " "),
    )
    assert cells == ("‥", "‥", "100 %")


def test_every_candidate_stands_in_the_appendix_with_its_points(
    html: Mapping[tuple[Area, Language], str], publication: Publication
) -> None:
    rules = stated_rules()
    page = html[KAINUU, "en"]
    appendix = page[page.index('id="appendix_rules"') : page.index('id="appendix_definitions"')]
    for rule in rules.rules.values():
        assert rule["explanation"]["en"].replace("'", "&#39;") in appendix
    for theme in publication.rows(
        "SELECT * FROM breakdown_values WHERE breakdown = 'theme' AND breakdown_value <> 'other'"
    ):
        assert f'<th scope="row">{theme["label_en"]}</th>' in appendix
    directed = publication.rows(
        "SELECT * FROM catalogue WHERE direction <> 'none' ORDER BY indicator"
    )
    assert len(directed) > 40
    for entry in directed:
        assert entry["label_en"].replace("'", "&#39;") in appendix


def test_the_rules_name_only_codes_that_there_are(publication: Publication) -> None:
    rules = stated_rules()
    parts = {
        (one["breakdown"], one["breakdown_value"])
        for one in publication.rows("SELECT breakdown, breakdown_value FROM breakdown_values")
    }
    indicators = {one["indicator"] for one in publication.rows("SELECT indicator FROM catalogue")}
    assert {part for breakdown, part in parts if breakdown == "theme"} == {*rules.themes, "other"}
    for shows in rules.themes.values():
        for rule, codes in shows.items():
            assert {(rules.rules[rule]["breakdown"], code) for code in codes} <= parts
    named = {rule["indicator"] for rule in rules.rules.values() if "indicator" in rule}
    named |= {*rules.rules["duty_of_law"]["indicators"], *rules.not_candidates}
    key_figures = presentation(publication).key_figures["report"]
    for codes in (*key_figures.values(), *WORDS["stage_figures"].values()):
        named |= {*codes}
    assert named | {*WORDS["part_figures"]} <= indicators


def test_who_vouches_for_the_data_and_what_did_not_hold_is_told(
    html: Mapping[tuple[Area, Language], str],
) -> None:
    text = text_of(html[SOUTH_SAVO, "fi"])
    assert "Tiedot hyväksyi julkaistaviksi knowledge manager, 3. helmikuuta 2020." in text
    assert "”All that is missing is known.”" in text
    assert "”Three areas submitted outreach only; the report says so.”" in text
    assert (
        "Itä-Savon sairaanhoitopiirin kuntayhtymä (Sosteri) Asiakaskontaktit "
        "Aineistoa ei ole toimitettu. vakava"
    ) in text
    # The failure is South Savo's, not Kainuu's.
    assert "Sosteri" not in html[KAINUU, "fi"]
    assert "Sosteri" in html[COUNTRY, "fi"]


def test_the_day_of_the_sign_off_is_the_finnish_one(publication: Publication) -> None:
    # Half past midnight in Finland, where it is two hours later in winter.
    signed = replace(publication.info.signed, at=datetime(2020, 2, 3, 22, 30, tzinfo=UTC))
    later = replace(publication, info=replace(publication.info, signed=signed))
    _, page = next(pages(later, "fi"))
    assert "knowledge manager, 4. helmikuuta 2020." in text_of(page)


def with_failure(publication: Publication, organisation: str) -> Publication:
    """The release with one failed check, of this organisation."""
    failure = {
        "expectation": "rejects.clients",
        "organisation": organisation,
        "feed": "clients",
        "period": "2019",
        "severity": "critical",
        "message": "Too many rows were rejected.",
    }
    signed = replace(publication.info.signed, failures=(failure,))
    return replace(publication, info=replace(publication.info, signed=signed))


TOO_MANY_REJECTED = "share of rejected rows was larger than allowed: 1."


def test_a_failure_of_an_organisation_without_any_value_is_in_its_areas_report(
    publication: Publication,
) -> None:
    # It submitted nothing: the publication has no area of that code.
    assert not publication.rows("FROM areas WHERE area_type = 'organisation' AND area = 'hva-20'")
    found = dict(pages(with_failure(publication, "hva-20"), "en"))
    for area in (COUNTRY, KAINUU):
        assert TOO_MANY_REJECTED in found[area]
        assert "Kainuu wellbeing services county" in found[area]
        assert "hva-20" not in found[area]
        assert "not in the code list" not in found[area]
    assert TOO_MANY_REJECTED not in found[SOUTH_SAVO]


def test_a_failure_of_whom_no_code_list_knows_is_in_the_countrys_report(
    publication: Publication,
) -> None:
    found = dict(pages(with_failure(publication, "nobody-knows"), "en"))
    assert "nobody-knows" in found[COUNTRY]
    assert TOO_MANY_REJECTED in found[COUNTRY]
    assert "nobody-knows" not in found[KAINUU]
    assert "findings about organisations that are not in the code list" in found[KAINUU]


def test_a_correction_says_what_it_replaces(publication: Publication) -> None:
    corrected = replace(publication, info=replace(publication.info, number=2, corrects="2019.1"))
    _, page = next(pages(corrected, "sv"))
    assert "Publikation 2019.2" in page
    assert "ersätter publikationen 2019.1" in page


def restricted(publication: Publication, folder: Path, areas: str) -> Publication:
    """Keep the values of some areas only; ``areas`` is a condition in SQL."""
    for table in TABLES:
        kept = areas if table in ("values", "comparison") else "TRUE"
        duckdb.sql(
            f"COPY (FROM read_parquet('{publication.folder}/{table}.parquet') WHERE {kept}) "
            f"TO '{folder}/{table}.parquet' (FORMAT parquet)"
        )
    return replace(publication, folder=folder)


def test_a_release_without_any_value_still_has_a_countrys_report(
    publication: Publication, tmp_path: Path
) -> None:
    ((area, page),) = pages(restricted(publication, tmp_path, "FALSE"), "fi")
    assert area == COUNTRY
    assert "Ongelmia ei voi arvioida" in page
    assert "Millään organisaatiolla ei ole arvoja." in page


def texts(node: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, str]]]:
    if isinstance(node, dict) and "fi" in node:
        yield path, {language: text for language, text in node.items() if language != "note"}
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from texts(value, f"{path}.{key}")
    elif isinstance(node, list):
        for value in node:
            yield from texts(value, path)


def test_every_text_is_in_every_language_with_the_same_numbers() -> None:
    rules = yaml.safe_load(
        (ROOT / "exports" / "social_report" / "rules.yaml").read_text(encoding="utf-8")
    )
    found = [*texts(WORDS), *texts(rules)]
    assert len(found) > 150
    for path, text in found:
        assert set(text) == set(LANGUAGES), path
        numbers = {
            language: {name for _, name, _, _ in string.Formatter().parse(written) if name}
            for language, written in text.items()
        }
        assert numbers["fi"] == numbers["sv"] == numbers["en"], path


def test_the_feeds_are_called_as_their_contracts_call_them() -> None:
    for path in (ROOT / "ingest" / "contracts").glob("*.yaml"):
        contract = yaml.safe_load(path.read_text(encoding="utf-8"))
        named = {one["property"]: one["value"] for one in contract["customProperties"]}
        assert WORDS["feeds"][path.stem] == {
            "fi": named["labelFi"],
            "sv": named["labelSv"],
            "en": named["labelEn"],
        }


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_file_holds_it_all(
    html: Mapping[tuple[Area, Language], str], language: Language
) -> None:
    for area in (COUNTRY, SOUTH_SAVO, KAINUU):
        page = html[area, language]
        assert f'<html lang="{language}">' in page
        assert "<script" not in page
        # Links lead within the page; pictures are in it.
        assert all(link.startswith("#") for link in re.findall(r'<a href="(.*?)"', page))
        assert all(link.startswith("data:") for link in re.findall(r'src="(.*?)"', page))
        assert "url(" not in page
        for table in re.findall(r"<table.*?</table>", page, re.S):
            assert "<caption>" in table
            assert all('scope="' in heading for heading in re.findall(r"<th\b.*?>", table))


def test_another_process_writes_the_same_bytes(publication: Publication, tmp_path: Path) -> None:
    # Two of the three reports: each takes seconds, twice.
    some = restricted(publication, tmp_path, "area IN ('FI', '12')")
    written = write_social_report(some, tmp_path / "here", "sv")
    assert [path.name for path in written] == [
        "social-report.sv.html",
        "social-report.sv.pdf",
        "social-report.12.sv.html",
        "social-report.12.sv.pdf",
    ]
    (tmp_path / "publication").write_bytes(pickle.dumps(some))
    script = (
        "import pickle, sys; from pathlib import Path; "
        "from exports.social_report import write_social_report; "
        "publication = pickle.loads(Path(sys.argv[1]).read_bytes()); "
        "write_social_report(publication, Path(sys.argv[2]), 'sv')"
    )
    subprocess.run(
        [sys.executable, "-c", script, tmp_path / "publication", tmp_path / "there"],
        check=True,
        cwd=tmp_path,
        env={
            "PYTHONPATH": str(ROOT),
            "PYTHONHASHSEED": "7",
            "TZ": "Pacific/Auckland",
            "LC_ALL": "C",
            "HOME": str(tmp_path),
        },
    )
    for path in written:
        assert path.read_bytes() == (tmp_path / "there" / path.name).read_bytes(), path.name


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield launched
        launched.close()


@pytest.mark.parametrize(
    ("area", "language"), [(KAINUU, "fi"), (SOUTH_SAVO, "sv"), (COUNTRY, "en")]
)
def test_the_page_is_accessible(
    html: Mapping[tuple[Area, Language], str],
    browser: Browser,
    tmp_path: Path,
    area: Area,
    language: Language,
) -> None:
    (tmp_path / "report.html").write_text(html[area, language], encoding="utf-8")
    page = browser.new_page(viewport={"width": 320, "height": 800})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "report.html").as_uri())
    found = Axe().run(
        page,
        options={
            "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        },
    )
    assert found.violations_count == 0, found.generate_report()
    # Nothing is wider than a phone, and nothing comes from outside.
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    page.close()
