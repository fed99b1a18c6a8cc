"""Beginning a feed and an indicator writes all files that the tests ask for, and nothing wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from ingest.contracts import load_contract
from tests.support.places import ROOT
from vuosikello.scaffold import CannotBegin, new_feed, new_indicator
from vuosikello.scaffold.files import TODO
from vuosikello.warehouse.grains import read_models
from vuosikello.warehouse.indicator_declarations import generated, read_declarations
from vuosikello.warehouse.indicator_declarations.pages import page_of, read_unit_tests

FEED = "made_up_calls"
CODE = "access.made_up_calls"
FOLDERS = (
    "ingest/contracts",
    "dbt_project/indicators",
    "dbt_project/macros/indicators",
    "dbt_project/models",
    "dbt_project/seeds/indicators",
)
FILES = ("docs/reference/feeds.md", "tests/support/specification.md")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of what is read and written."""
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for file in FILES:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def test_a_feed_is_a_contract_a_staging_model_and_a_line_of_the_page(repository: Path) -> None:
    written = new_feed(FEED, key="call_id", dated_by="called_on", repository=repository)
    assert [path.as_posix() for path in written.added] == [
        f"ingest/contracts/{FEED}.yaml",
        f"dbt_project/models/staging/feeds/stg_{FEED}.sql",
        f"dbt_project/models/staging/feeds/stg_{FEED}.yml",
    ]
    assert [path.as_posix() for path in written.changed] == ["docs/reference/feeds.md"]
    contract = load_contract(repository / written.added[0])
    assert contract.feed == FEED
    model = (repository / written.added[1]).read_text(encoding="utf-8")
    assert model == "{{ current_rows(key=['call_id']) }}\n"
    page = (repository / "docs" / "reference" / "feeds.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if "` | one " in line]
    assert f"| `{FEED}` | one {TODO} | call_id | called_on |" in lines
    assert lines == sorted(lines)


def test_an_indicator_on_a_new_feed_begins_a_fact_and_a_model(repository: Path) -> None:
    new_feed(FEED, key="call_id", dated_by="called_on", repository=repository)
    written = new_indicator(CODE, FEED, repository=repository)
    assert {path.as_posix() for path in written.added} == {
        f"dbt_project/models/marts/fct_{FEED}.sql",
        f"dbt_project/models/marts/fct_{FEED}.yml",
        f"dbt_project/models/indicators/int_indicators_{FEED}.sql",
        f"dbt_project/models/indicators/int_indicators_{FEED}.yml",
        "dbt_project/indicators/access/made_up_calls.yml",
    }
    assert {path.as_posix() for path in written.changed} == {
        "dbt_project/macros/indicators/indicator_models.sql",
        "dbt_project/models/indicators/unit_tests_access.yml",
        "tests/support/specification.md",
    }
    (model,) = (one for one in read_models(repository / "dbt_project") if FEED in one.name)
    assert (model.is_listed, model.measures) == (True, {f"rows_of_{FEED}"})
    for path in written.added:
        if path.suffix == ".yml":
            assert yaml.safe_load((repository / path).read_text(encoding="utf-8"))


def test_an_indicator_on_a_known_feed_is_a_declaration_a_unit_test_and_a_line(
    repository: Path,
) -> None:
    written = new_indicator("outreach.made_up", "outreach", repository=repository)
    assert [path.as_posix() for path in written.added] == [
        "dbt_project/indicators/outreach/made_up.yml"
    ]
    (one,) = (one for one in read_declarations(repository) if one.code == "outreach.made_up")
    assert one.measures.numerator == "visits"
    others = [other for other in read_declarations(repository) if other.theme == "outreach"]
    assert one.presentation.position == len(others)


def test_what_is_begun_is_declared_rightly_and_gets_its_page_with_its_unit_test(
    repository: Path,
) -> None:
    new_feed(FEED, repository=repository)
    new_indicator(CODE, FEED, repository=repository)
    files = generated(repository)
    assert "`made_up_calls_is_computed_by_hand`" in files[page_of(CODE)]
    (test,) = (test for test in read_unit_tests(repository) if test.pattern == CODE)
    assert TODO in test.expected


def test_every_place_to_fill_in_is_marked(repository: Path) -> None:
    new_feed(FEED, repository=repository)
    written = new_indicator(CODE, FEED, repository=repository)
    for path in (
        f"ingest/contracts/{FEED}.yaml",
        "dbt_project/indicators/access/made_up_calls.yml",
    ):
        assert TODO in (repository / path).read_text(encoding="utf-8")
    assert any(TODO in step for step in written.next_steps)


def test_nothing_is_begun_where_there_is_no_repository(tmp_path: Path) -> None:
    with pytest.raises(CannotBegin, match="is no checkout of the repository"):
        new_feed(FEED, repository=tmp_path)
    with pytest.raises(CannotBegin, match="is no checkout of the repository"):
        new_indicator(CODE, "contacts", repository=tmp_path)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("outreach", "ingest/contracts/outreach.yaml is there already. Choose another name."),
        ("Guidance calls", "Guidance calls is not a name. Write lower-case letters"),
    ],
)
def test_a_feed_that_cannot_be_begun_changes_nothing(
    name: str, said: str, repository: Path
) -> None:
    before = (repository / "docs" / "reference" / "feeds.md").read_bytes()
    with pytest.raises(CannotBegin, match=said):
        new_feed(name, repository=repository)
    assert (repository / "docs" / "reference" / "feeds.md").read_bytes() == before


@pytest.mark.parametrize(
    ("code", "feed", "said"),
    [
        ("leisure.walks", "outreach", "leisure.walks is not the code of an indicator"),
        ("outreach.walks", "walks", "There is no feed walks. Begin it first: vuosikello new-feed"),
        ("outreach.visits", "outreach", "outreach/visits.yml is there already"),
        ("access.rounds", "survey_rounds", "has no periodDate|is there already"),
    ],
)
def test_an_indicator_that_cannot_be_begun_says_why(
    code: str, feed: str, said: str, repository: Path
) -> None:
    if code == "access.rounds":
        new_feed("walks", repository=repository)
        contract = repository / "ingest" / "contracts" / "walks.yaml"
        text = contract.read_text(encoding="utf-8")
        line = "  - {property: periodDate, value: occurred_on}\n"
        contract.write_text(text.replace(line, ""), encoding="utf-8")
        feed = "walks"
    with pytest.raises(CannotBegin, match=said):
        new_indicator(code, feed, repository=repository)


def test_nothing_that_was_begun_is_left_to_fill_in() -> None:
    left = [
        path.relative_to(ROOT).as_posix()
        for folder in ("ingest/contracts", "dbt_project", "docs")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".yml", ".yaml", ".sql", ".csv", ".md"}
        and "target" not in path.parts
        and path.name not in {"add_a_feed.md", "indicators.md"}
        and TODO in path.read_text(encoding="utf-8")
    ]
    assert left == [], "Write what stands for TODO in these files."
