"""Running the suites: read-only, by push-down, with pages that people can read."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import create_engine, text

import expectations
from expectations.configuration import (
    ConfigurationError,
    load_expected_feeds,
    load_thresholds,
)
from expectations.engine import duckdb_dialect
from expectations.engine.checks import Check, CheckedRelation
from expectations.engine.no_failures import METRIC, MOST_FAILURES
from expectations.results import Severity, SuiteResult
from expectations.suite_runner import run_suite
from ingest.contracts import load_contracts
from tests.support.places import ROOT
from tests.support.small_warehouse import SmallWarehouse


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a warehouse with one bad row, in which sosteri has submitted nothing."""
    warehouse = SmallWarehouse(tmp_path_factory.mktemp("published") / "warehouse.duckdb")
    for code in ("essote", "sosteri"):
        warehouse.organisation(code)
    warehouse.submit("outreach", "2019", [{"persons_present": 1, "persons_contacted": 2}, {}])
    return warehouse.finish()


@pytest.fixture(scope="module")
def home(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home whose published warehouse has been validated."""
    root = tmp_path_factory.mktemp("home")
    shutil.copyfile(published, root / "warehouse.duckdb")
    expectations.validate(root, year=2019)
    return root


def results(home: Path, suite: str) -> SuiteResult:
    path = home / "docs" / "validation" / suite / "results.json"
    return SuiteResult.model_validate_json(path.read_text(encoding="utf-8"))


def test_a_failure_names_organisation_feed_and_period_and_says_what_to_do(home: Path) -> None:
    result = results(home, "feeds")
    assert (result.success, result.failed, result.warned) == (False, 1, 0)
    (failure,) = result.failures
    assert failure.suite == "feeds"
    assert failure.expectation == "outreach.rule.persons_contacted_not_above_persons_present"
    assert (failure.organisation, failure.feed, failure.period) == ("essote", "outreach", "2019")
    assert (failure.observed, failure.severity) == (1, Severity.CRITICAL)
    assert failure.message == (
        "1 of the 2 rows of outreach from essote for 2019 break this rule: More persons were "
        "contacted than were present. Correct one of the two numbers. Ask essote to correct and "
        "resubmit outreach for 2019; if the file was right, the receiver let it through and needs "
        "mending."
    )


def test_the_json_of_a_suite_is_the_result_itself(published: Path, tmp_path: Path) -> None:
    shutil.copyfile(published, tmp_path / "warehouse.duckdb")
    result = expectations.validate(tmp_path, "readiness", 2019)
    assert list(result.suites) == ["readiness"]
    assert result.suites["readiness"] == results(tmp_path, "readiness")
    assert result.suites["readiness"].year == 2019
    assert result.failures == result.suites["readiness"].failures
    assert not result.success


def test_without_a_year_readiness_is_about_the_year_being_collected(
    published: Path, tmp_path: Path
) -> None:
    result = expectations.validate(tmp_path, "readiness", warehouse=published)
    assert result.suites["readiness"].year == 2019
    moved = tmp_path / "moved.duckdb"
    shutil.copyfile(published, moved)
    with duckdb.connect(str(moved)) as connection:
        connection.execute("UPDATE marts.annual_clock SET begins = '01-15'")
    result = expectations.validate(tmp_path, "readiness", warehouse=moved)
    assert result.suites["readiness"].year == date(2020, 2, 1).year


def test_another_warehouse_may_be_validated(published: Path, tmp_path: Path) -> None:
    result = expectations.validate(tmp_path, "feeds", warehouse=published)
    assert result.warehouse == published
    assert result.suites["feeds"].evaluated > 0
    assert result.docs == tmp_path / "docs" / "validation" / "index.html"


def test_an_unknown_suite_is_refused_with_those_there_are(home: Path) -> None:
    with pytest.raises(expectations.UnknownSuiteError, match="feeds, warehouse, readiness"):
        expectations.validate(home, "everything")


def test_without_a_warehouse_it_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(expectations.NoWarehouseError, match="vuosikello build"):
        expectations.validate(tmp_path)
    duckdb.connect(str(tmp_path / "warehouse.duckdb")).close()
    with pytest.raises(expectations.NoWarehouseError, match="vuosikello build"):
        expectations.validate(tmp_path)


def test_a_warehouse_without_rows_is_validated_and_says_so(tmp_path: Path) -> None:
    SmallWarehouse(tmp_path / "warehouse.duckdb").finish()
    result = expectations.validate(tmp_path, "feeds")
    assert (result.success, result.suites["feeds"].evaluated) == (True, 0)
    page = (tmp_path / "docs" / "validation" / "feeds" / "index.html").read_text(encoding="utf-8")
    assert "There is nothing to check yet" in page


# Push-down ---------------------------------------------------------------------------------------


def test_no_table_is_loaded_into_pandas(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pandas as pd
    from great_expectations.execution_engine import PandasExecutionEngine

    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise AssertionError("a table was loaded")

    monkeypatch.setattr(PandasExecutionEngine, "__init__", refuse)
    monkeypatch.setattr(pd.DataFrame, "__init__", refuse)
    monkeypatch.setattr(pd, "read_sql", refuse)
    shutil.copyfile(published, tmp_path / "warehouse.duckdb")
    assert expectations.validate(tmp_path, year=2019).suites["feeds"].evaluated > 0


def test_the_expectation_can_run_on_sql_only() -> None:
    from great_expectations.exceptions import MetricProviderError
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.expectations.registry import get_metric_provider

    with pytest.raises(MetricProviderError):
        get_metric_provider(METRIC, PandasExecutionEngine())


def test_checks_that_share_a_query_cost_one_run(published: Path, tmp_path: Path) -> None:
    counted = """
        SELECT unnest(['a', 'b']) AS "check", NULL AS organisation, NULL AS feed, NULL AS period,
            nextval('memory.runs') AS observed
    """
    checks = tuple(Check(one, one, one, "{observed}", counted) for one in ("a", "b", "c"))
    relation = CheckedRelation("shared", "staging", "stg_outreach", checks)
    # A sequence counts how often the query ran: twice two rows would reach 4.
    engine_connect = duckdb_dialect.Dialect.connect
    try:

        def with_sequence(self: Any, *arguments: Any, **options: Any) -> Any:
            connection = engine_connect(self, *arguments, **options)
            connection.execute("CREATE SEQUENCE memory.runs")
            return connection

        duckdb_dialect.Dialect.connect = with_sequence  # type: ignore[method-assign]
        result = run_suite("shared", [relation], published, tmp_path)
    finally:
        duckdb_dialect.Dialect.connect = engine_connect  # type: ignore[method-assign]
    assert sorted(str(failure.observed) for failure in result.failures) == ["1", "2"]
    assert [one.success for one in result.expectations] == [False, False, True]


def test_a_query_that_cannot_run_fails_its_checks_and_no_others(
    published: Path, tmp_path: Path
) -> None:
    good = """SELECT 'good' AS "check", NULL AS organisation, NULL AS feed, NULL AS period,
        0 AS observed WHERE false"""
    bad = good.replace("'good'", "no_such_column")
    checks = (Check("good", "t", "m", "x", good), Check("bad", "t", "m", "x", bad))
    relation = CheckedRelation("mixed", "staging", "stg_outreach", checks)
    result = run_suite("mixed", [relation], published, tmp_path)
    (failure,) = result.failures
    assert failure.expectation == "bad"
    assert "could not be evaluated" in failure.message
    assert not result.success


def test_more_failures_than_a_page_can_hold_are_counted_and_cut(
    published: Path, tmp_path: Path
) -> None:
    query = """SELECT 'many' AS "check", range::varchar AS organisation, NULL AS feed,
        NULL AS period, 1 AS observed FROM range(5000)"""
    relation = CheckedRelation(
        "many", "staging", "stg_outreach", (Check("many", "t", "m", "{organisation}", query),)
    )
    result = run_suite("many", [relation], published, tmp_path)
    assert len(result.failures) == MOST_FAILURES
    assert "5,000 failing" in (tmp_path / "many" / "many.html").read_text(encoding="utf-8")


# The published file ------------------------------------------------------------------------------


def test_the_published_file_stays_readable_by_others_while_it_is_read(published: Path) -> None:
    duckdb_dialect.register()
    engine = create_engine(
        duckdb_dialect.URL, connect_args=duckdb_dialect.connect_arguments(published)
    )
    count = "SELECT count(*) FROM staging.stg_outreach"
    with engine.connect() as connection:
        assert connection.execute(text(count)).scalar() == 2
        with duckdb.connect(str(published), read_only=True, config={"threads": 1}) as other:
            assert other.execute(count).fetchall() == [(2,)]
        read = f"import duckdb; c = duckdb.connect({str(published)!r}, read_only=True); " + (
            f"print(c.execute({count!r}).fetchall())"
        )
        ran = subprocess.run([sys.executable, "-c", read], capture_output=True, text=True)
        assert ran.stdout.strip() == "[(2,)]", ran.stderr
        # And others' reading does not keep the validation out.
    engine.dispose()


def test_a_reader_with_settings_of_its_own_does_not_keep_the_validation_out(
    published: Path, tmp_path: Path
) -> None:
    with duckdb.connect(str(published), read_only=True, config={"threads": 1}):
        result = expectations.validate(tmp_path, "feeds", warehouse=published)
    assert result.suites["feeds"].evaluated > 0


def test_the_warehouse_cannot_be_written_through_the_dialect(published: Path) -> None:
    engine = create_engine(
        duckdb_dialect.URL, connect_args=duckdb_dialect.connect_arguments(published)
    )
    with engine.connect() as connection, pytest.raises(Exception, match="read-only"):
        connection.execute(text("CREATE TABLE staging.extra (i int)"))
    engine.dispose()


def test_rows_outlive_their_connection(published: Path) -> None:
    engine = create_engine(
        duckdb_dialect.URL, connect_args=duckdb_dialect.connect_arguments(published)
    )
    with engine.connect() as connection:
        found = connection.execute(text("SELECT * FROM range(3)"))
    engine.dispose()
    assert [row[0] for row in found.fetchmany(2)] == [0, 1]
    assert [row[0] for row in found.fetchall()] == [2]


@pytest.mark.parametrize("name", ["memory", "temp", "it's a #1 file? 100%", "warehouse"])
def test_any_file_name_can_be_opened(name: str, published: Path, tmp_path: Path) -> None:
    copy = tmp_path / f"{name}.duckdb"
    shutil.copyfile(published, copy)
    engine = create_engine(duckdb_dialect.URL, connect_args=duckdb_dialect.connect_arguments(copy))
    with engine.connect() as connection:
        found = connection.execute(text("SELECT count(*) FROM staging.stg_outreach")).scalar()
    engine.dispose()
    assert found == 2


def test_the_file_is_let_go_when_the_validation_is_done(published: Path, tmp_path: Path) -> None:
    expectations.validate(tmp_path, "feeds", warehouse=published)
    held = [
        str(handle.readlink()) for handle in Path("/proc/self/fd").iterdir() if _is_open(handle)
    ]
    assert str(published) not in held


def _is_open(handle: Path) -> bool:
    return handle.is_symlink()


# What people read --------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a page loads, links to and says."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.words = ""
        self.open: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        if "id" in values:
            self.ids.append(str(values["id"]))
        if tag == "a":
            self.links.append(str(values.get("href")))
        elif tag != "meta":
            self.loads += [str(values[name]) for name in ("src", "href") if name in values]

    def handle_data(self, data: str) -> None:
        self.words += data


def pages(home: Path) -> list[Path]:
    return sorted((home / "docs" / "validation").rglob("*.html"))


def test_every_page_loads_nothing_and_runs_no_script(home: Path) -> None:
    assert len(pages(home)) >= 6
    for path in pages(home):
        page = Page(path)
        assert page.loads == [], path
        assert "script" not in page.tags, path
        assert "@import" not in path.read_text(encoding="utf-8")
        assert "url(" not in path.read_text(encoding="utf-8")


def test_every_link_of_every_page_leads_to_a_file_or_a_section(home: Path) -> None:
    for path in pages(home):
        page = Page(path)
        assert len(page.ids) == len(set(page.ids)), path
        for link in page.links:
            file, _, section = link.partition("#")
            target = (path.parent / file).resolve() if file else path
            assert target.is_file(), f"{path.name}: {link}"
            assert not section or section in Page(target).ids, f"{path.name}: {link}"


def test_the_index_lists_suites_and_what_is_wrong_by_organisation(home: Path) -> None:
    words = " ".join(Page(home / "docs" / "validation" / "index.html").words.split())
    assert "Readiness: may the year be reported (2019)" in words
    assert "not run yet" not in words
    assert re.search(r"essote · \d+ critical", words)
    assert "1 of the 2 rows of outreach from essote for 2019 break this rule" in words
    assert "sosteri has submitted no contacts for 2019" in words


def test_the_index_tells_a_suite_that_was_never_run(published: Path, tmp_path: Path) -> None:
    expectations.validate(tmp_path, "feeds", warehouse=published)
    index = tmp_path / "docs" / "validation" / "index.html"
    assert index.read_text(encoding="utf-8").count("not run yet") == 2
    expectations.validate(tmp_path, "warehouse", warehouse=published)
    assert index.read_text(encoding="utf-8").count("not run yet") == 1


def test_data_docs_say_what_each_expectation_means(home: Path) -> None:
    path = home / "docs" / "validation" / "feeds" / "outreach.html"
    words = " ".join(Page(path).words.split())
    assert "persons_present is at least 0" in words
    assert "How many people were present." in words
    assert "More persons were contacted than were present." in words
    assert re.search(r"holds", words)
    assert re.search(r"fails", words)
    assert 'SELECT * FROM "staging"."stg_outreach" WHERE NOT (persons_contacted' in words


def test_a_page_is_headed_in_order(home: Path) -> None:
    for path in pages(home):
        levels = [int(tag[1]) for tag in Page(path).tags if re.fullmatch(r"h[1-6]", tag)]
        assert levels[0] == 1, path
        assert all(after <= before + 1 for before, after in pairwise(levels)), (path, levels)


def test_a_new_run_replaces_the_last_one_and_leaves_nothing_behind(home: Path) -> None:
    docs = home / "docs" / "validation"
    before = sorted(path.name for path in docs.iterdir())
    expectations.validate(home, "feeds")
    assert sorted(path.name for path in docs.iterdir()) == before
    assert before == [".lock", "feeds", "index.html", "readiness", "warehouse"]


def test_a_run_prints_nothing(published: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; import expectations; "
        "expectations.validate(Path(sys.argv[1]), 'feeds', warehouse=Path(sys.argv[2]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), str(published)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_importing_the_room_is_quick_because_great_expectations_waits() -> None:
    code = "import sys, expectations; print('great_expectations' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert ran.stdout.strip() == "False"


# Configuration -----------------------------------------------------------------------------------


def test_the_first_pattern_that_fits_decides_the_severity() -> None:
    limits = load_thresholds()
    assert limits.severity_of("feeds.contacts.key") is Severity.CRITICAL
    assert limits.severity_of("feeds.worker_survey.warns.alloc_shares_sum_to_100") is Severity.INFO
    assert limits.severity_of("readiness.volume.contacts") is Severity.WARNING


def test_what_is_expected_names_only_feeds_there_are() -> None:
    contracts = load_contracts()
    expected = load_expected_feeds(feeds=contracts)
    assert expected.feeds_of("reference") == ("population",)
    assert set(expected.feeds_of("essote")) == set(contracts) - {"population"}
    with pytest.raises(ConfigurationError, match="there is no feed population"):
        load_expected_feeds(feeds=set(contracts) - {"population"})


@pytest.mark.parametrize(
    "content", ["severity: [", "severity: [{expectation: x, severity: loud}]", "unheard_of: 1", ""]
)
def test_a_configuration_that_cannot_be_used_is_named(content: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"mine\.yaml"):
        load_thresholds(path)
    with pytest.raises(ConfigurationError, match=r"gone\.yaml"):
        load_thresholds(tmp_path / "gone.yaml")


def test_a_caller_may_bring_thresholds_of_its_own(published: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    own = Path(expectations.__file__).with_name("thresholds.yaml").read_text(encoding="utf-8")
    pattern = '{expectation: "feeds.outreach.rule.*", severity: info}'
    mine.write_text(own.replace("severity:\n", f"severity:\n  - {pattern}\n", 1), encoding="utf-8")
    result = expectations.validate(tmp_path, "feeds", warehouse=published, thresholds=mine)
    assert (result.success, result.suites["feeds"].warned) == (True, 1)
    reported = json.loads(result.suites["feeds"].results.read_text(encoding="utf-8"))
    assert reported["failures"][0]["severity"] == "info"
