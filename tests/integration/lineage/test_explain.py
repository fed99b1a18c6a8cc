"""Why is this number so? Every value leads to its rows, and the rows to their submissions."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.places import EXAMPLE, ROOT
from vuosikello.lineage.compiled_sql import NotExplained
from vuosikello.lineage.explain import explain, explain_in
from vuosikello.lineage.explanation import Explanation
from vuosikello.lineage.working_tables import opened

DECLARATIONS = ROOT / "dbt_project" / "seeds" / "indicators" / "indicator_declarations.csv"
INDICATORS = [
    row["indicator"] for row in csv.DictReader(DECLARATIONS.open(encoding="utf-8", newline=""))
]


@pytest.fixture(scope="module")
def warehouse(iso_sos: Path) -> Path:
    return iso_sos / "warehouse.duckdb"


def ask(warehouse: Path, query: str, *values: object) -> list[tuple[object, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query, list(values)).fetchall()


def some_cells(connection: duckdb.DuckDBPyConnection, indicator: str) -> list[dict[str, Any]]:
    """Undivided values of every kind of area and period, and two of each breakdown."""
    rows = connection.execute(
        """
        select area_type, area, period_type, period, breakdown, breakdown_value
        from indicators.indicator_values
        where indicator = ?
        qualify
            row_number() over (
                partition by
                    period_type, breakdown, case when breakdown = 'none' then area_type end
                order by hash(area_type, area, period, breakdown_value)
            ) <= case when breakdown = 'none' then 1 else 2 end
        order by all
        """,
        [indicator],
    ).fetchall()
    return [
        {
            "area_type": area_type,
            "area": area,
            "period": period,
            "is_rolling_year": period_type == "rolling_year",
            **({} if breakdown == "none" else {"breakdown": f"{breakdown}={value}"}),
        }
        for area_type, area, period_type, period, breakdown, value in rows
    ]


# The example holds no client feedback: what it would be asked for is missing, and said to be.
A_PART_OF_NO_VALUE = {"area": "FI", "period": "2019"}


@pytest.fixture(scope="module")
def connection(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with opened(warehouse) as connection:
        yield connection


@pytest.mark.parametrize("indicator", INDICATORS)
def test_the_rows_named_add_up_to_the_value_everywhere(
    connection: duckdb.DuckDBPyConnection, indicator: str
) -> None:
    cells = some_cells(connection, indicator)
    if not cells:
        with pytest.raises(
            NotExplained, match=r"no organisation has submitted|by method_instrument"
        ):
            explain_in(connection, indicator, **A_PART_OF_NO_VALUE)
    for cell in cells:
        result = explain_in(connection, indicator, **cell)  # type: ignore[arg-type]
        assert result.is_exact, (cell, [check for check in result.checks if not check.agrees])
        for part in result.parts:
            assert part.rows_without_submission == 0, cell
            assert bool(part.submissions) == bool(not part.feed or part.rows_total), cell
            if part.how == "sum" and part.rows_total == len(part.rows):
                assert sum(row.amount for row in part.rows) == pytest.approx(part.total, abs=1e-6)
        assert_parts_make_the_numbers(result)


def assert_parts_make_the_numbers(result: Explanation) -> None:
    assert result.numbers is not None
    totals = {"numerator": 0.0, "denominator": 0.0}
    for part in result.parts:
        totals[part.side] += part.total
    numerator = totals["numerator"] * result.multiplier / result.divisor
    assert numerator == pytest.approx(result.numbers["numerator"])
    if result.numbers["denominator"] is not None:
        assert totals["denominator"] == pytest.approx(result.numbers["denominator"])


def test_the_rows_are_those_of_the_file(warehouse: Path) -> None:
    """Kainuu's visits of one month to one municipality, read once more from the file itself."""
    file = EXAMPLE / "inbox" / "kainuun-sote" / "outreach" / "2019.csv"
    visits = {
        row["visit_id"]: int(row["persons_contacted"])
        for row in csv.DictReader(file.open(encoding="utf-8-sig", newline=""))
        if row["occurred_on"].startswith("2019-05") and row["municipality"] == "205"
    }
    assert visits
    result = explain(warehouse, "outreach.contacts_per_visit", area="205", period="2019-05")
    persons, counted = result.parts
    assert {row.key["visit_id"] for row in counted.rows} == set(visits)
    assert {row.key["visit_id"]: row.amount for row in persons.rows} == {
        visit: count for visit, count in visits.items() if count
    }
    (source,) = counted.submissions
    assert (source.file, source.rows) == ("kainuun-sote/outreach/2019.csv", len(visits))
    assert ask(
        warehouse,
        "select sha256, received_at from staging.stg_submissions where submission_id = ?",
        source.submission_id,
    ) == [(source.sha256, source.received_at)]


def test_a_draft_that_was_replaced_is_not_among_the_submissions(warehouse: Path) -> None:
    result = explain(warehouse, "outreach.visits", area="essote", period="2019")
    assert [source.file for part in result.parts for source in part.submissions] == [
        "essote/outreach/2019.2-corrected.csv"
    ]


def test_a_worker_month_leads_to_the_entries_it_is_made_of(warehouse: Path) -> None:
    result = explain(warehouse, "time.community_hours", area="FI", period="2019-11")
    months = result.parts[1]
    assert months.key == ("worker_id", "month")
    assert [source.file for source in months.submissions] == [
        "kainuun-sote/time_entries/2019-11.csv"
    ]


def test_what_comes_in_no_file_leads_to_what_it_was_computed_from(warehouse: Path) -> None:
    """A municipality without a place has no row; whether it has one follows from these files."""
    result = explain(warehouse, "access.blind_spots", area="20", period="2019")
    examined = result.parts[1]
    assert (examined.feed, examined.key) == (None, ("examined_municipality",))
    assert {row.key["examined_municipality"] for row in examined.rows} == {
        code
        for (code,) in ask(
            warehouse,
            "select municipality from marts.dim_municipality "
            "where welfare_area = '20' and coalesce(valid_to >= date '2019-12-31', true)",
        )
    }
    assert {source.file for source in examined.submissions} == {
        "kainuun-sote/outreach/2019.csv",
        "kainuun-sote/places/2019.csv",
    }


def test_the_population_leads_to_its_file(warehouse: Path) -> None:
    result = explain(warehouse, "outreach.visits_per_10000", area="kainuun-sote", period="2019")
    population = result.parts[1]
    assert population.feed == "population"
    assert {source.organisation for source in population.submissions} == {"reference"}
    assert result.multiplier == 10000


@pytest.mark.parametrize(
    ("language", "word"), [("fi", "käynnit"), ("sv", "besök"), ("en", "visits")]
)
def test_the_definition_is_told_in_three_languages(
    warehouse: Path, language: str, word: str
) -> None:
    result = explain(warehouse, "outreach.visits", area="FI", period="2019", language=language)
    assert word in result.definition


def test_the_model_is_named_with_the_hash_of_the_sql_that_is_kept(warehouse: Path) -> None:
    result = explain(warehouse, "caseload.open_clients", area="205", period="2019")
    ((sql_hash, version),) = ask(
        warehouse,
        "select sha256(compiled_sql), code_version from indicators.indicator_model "
        "where list_contains(indicators, 'caseload.open_clients')",
    )
    assert (result.model.sha256, result.model.code_version) == (sql_hash, version)
    assert set(result.model.feeds) == {"assignments", "clients", "workers"}


def test_every_indicator_has_exactly_one_model_in_the_warehouse(warehouse: Path) -> None:
    kept = ask(warehouse, "select unnest(indicators) from indicators.indicator_model order by all")
    assert [indicator for (indicator,) in kept] == sorted(INDICATORS)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"indicator": "outreach.visit"}, "Did you mean outreach.visits"),
        ({"indicator": "open client relationships"}, "Did you mean caseload.open_clients"),
        ({"area": "kainun-sote"}, "kainuun-sote (Kainuu joint authority)"),
        ({"area": "206"}, "There is no area with the code 206"),
        ({"area": "20", "area_type": "municipality"}, "There is no municipality with the code 20"),
        ({"period": "2019-13"}, "Write a year or a month"),
        ({"period": "2035"}, "the warehouse covers from"),
        (
            {"indicator": "outreach.visits_per_10000", "period": "2019-03"},
            "computed by year, not by month",
        ),
        (
            {"indicator": "time.survey_allocation", "area": "205", "breakdown": "activity=x"},
            "not computed for a municipality",
        ),
        (
            {"indicator": "outreach.topic_share"},
            "has no undivided value; its values are by topic",
        ),
        ({"indicator": "outreach.topic_share"}, "topic=economy"),
        ({"breakdown": "channel=phone"}, "broken down by nature, not by channel"),
        ({"breakdown": "partner"}, "Write the breakdown as name=value"),
        ({"breakdown": "nature=nothing"}, "There are values for nature="),
        ({"breakdown": "nature=nothing"}, "nature has no value nothing."),
        ({"breakdown": "nature=home_visits"}, "Did you mean home_visit (Home visit)?"),
        ({"breakdown": "nature=Kotikäynnit"}, "Did you mean home_visit (Home visit)?"),
        ({"breakdown": "nature=hembesök"}, "Did you mean home_visit (Home visit)?"),
        (
            {"area": "091", "breakdown": "nature=home_visit"},
            "There is no value for nature=home_visit in 091 in 2019",
        ),
        (
            {"indicator": "caseload.open_clients", "area": "essote"},
            "no organisation has submitted clients for essote in 2019, so it is missing, not zero",
        ),
        ({"indicator": "outreach.visits", "area": "091"}, "no row counts in its numerator"),
    ],
)
def test_where_there_is_no_value_it_says_why(
    warehouse: Path, words: dict[str, str], said: str
) -> None:
    asked = {"indicator": "outreach.visits", "area": "FI", "period": "2019"} | words
    indicator = asked.pop("indicator")
    with pytest.raises(NotExplained) as refused:
        explain(warehouse, indicator, **asked)
    assert said in str(refused.value)


def test_all_rows_go_to_a_file(warehouse: Path, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    result = explain(
        warehouse, "outreach.outside_office_share", area="FI", period="2019", rows_to=file
    )
    rows = list(csv.DictReader(file.open(encoding="utf-8", newline="")))
    for part in result.parts:
        own = [row for row in rows if row["side"] == part.side]
        assert len(own) == part.rows_total
        assert sum(float(row["amount"]) for row in own) == part.total
        assert {row["submission_id"] for row in own} == {
            source.submission_id for source in part.submissions
        }
    as_parquet = tmp_path / "rows.parquet"
    explain(
        warehouse, "outreach.outside_office_share", area="FI", period="2019", rows_to=as_parquet
    )
    assert duckdb.read_parquet(str(as_parquet)).count("side").fetchone() == (len(rows),)


def test_a_file_that_cannot_be_written_is_named(warehouse: Path, tmp_path: Path) -> None:
    with pytest.raises(NotExplained, match=r"rows\.csv cannot be written"):
        explain(
            warehouse,
            "outreach.visits",
            area="FI",
            period="2019",
            rows_to=tmp_path / "no-such-folder" / "rows.csv",
        )


def test_what_is_no_warehouse_cannot_be_opened(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    file.write_text("no warehouse at all", encoding="utf-8")
    with pytest.raises(NotExplained, match="cannot be opened as a warehouse"):
        explain(file, "outreach.visits", area="FI", period="2019")


def test_a_lake_that_has_been_moved_is_told(iso_sos: Path, tmp_path: Path) -> None:
    """The value is in the warehouse; where its rows came from is not known without the lake."""
    shutil.copyfile(iso_sos / "warehouse.duckdb", tmp_path / "warehouse.duckdb")
    shutil.copytree(iso_sos / "lake", tmp_path / "lake")
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        (view,) = connection.execute(
            "select sql from duckdb_views() where view_name = 'stg_outreach'"
        ).fetchone() or ("",)
        own = view.replace(f"{iso_sos}/lake", f"{tmp_path}/lake")
        connection.execute(own.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))
    (tmp_path / "lake").rename(tmp_path / "lake of last year")
    with pytest.raises(NotExplained, match="The files of outreach are not in the lake"):
        explain(tmp_path / "warehouse.duckdb", "outreach.visits", area="FI", period="2019")


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vuosikello.cli.app", *words, "--home", str(home)],
        env=os.environ | {"COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_rows_that_do_not_add_up_are_told_and_end_with_1(warehouse: Path, tmp_path: Path) -> None:
    """Somebody has changed a fact by hand: the value in the warehouse is another than its rows."""
    shutil.copyfile(warehouse, tmp_path / "warehouse.duckdb")
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("delete from marts.fct_outreach_visit where visit_id = 'KAI-0053'")
    done = run(tmp_path, "explain", "outreach.visits", "--area", "20", "--period", "2019")
    assert done.returncode == 1
    assert "Not exact" in done.stdout
    assert "numerator: 76 by the rows, 77 in the warehouse" in done.stdout


def test_the_command_tells_value_rows_and_submissions_in_100_columns(iso_sos: Path) -> None:
    done = run(
        iso_sos, "explain", "caseload.clients_per_worker", "--area", "205", "--period", "2019"
    )
    assert done.returncode == 0, done.stderr
    for said in ("value 60", "840 rows of assignments", "14 rows of workers", "Exact"):
        assert said in done.stdout
    assert "kainuun-sote/assignments/2019.csv" in done.stdout
    assert "and 832 more" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_a_mistyped_breakdown_is_wrong_usage_of_the_command(iso_sos: Path) -> None:
    place = ("--area", "FI", "--period", "2019", "--breakdown", "nature=home_visits")
    done = run(iso_sos, "explain", "outreach.visits", *place)
    assert done.returncode == 2
    assert "Did you mean home_visit" in " ".join(done.stderr.replace("│", " ").split())


def test_json_holds_every_row_with_its_submissions(iso_sos: Path) -> None:
    done = run(
        iso_sos,
        "explain",
        "caseload.clients_per_worker",
        *("--area", "205", "--period", "2019", "--json"),
    )
    reported = json.loads(done.stdout)
    assert reported["is_exact"] is True
    assert reported["numbers"]["value"] == 60
    pairs = reported["parts"][0]
    assert len(pairs["rows"]) == pairs["rows_total"] == 840
    assert all(len(row["submissions"]) == 1 for row in pairs["rows"])


def test_a_code_of_two_kinds_of_area_is_asked_back(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No two share one today; a code list may change."""
    shutil.copyfile(warehouse, tmp_path / "warehouse.duckdb")
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute(
            "update marts.dim_organisation set organisation = '205' where organisation = 'sosteri'"
        )
    with pytest.raises(NotExplained, match="--area-type"):
        explain(tmp_path / "warehouse.duckdb", "outreach.visits", area="205", period="2019")
    chosen = explain(
        tmp_path / "warehouse.duckdb",
        "outreach.visits",
        area="205",
        period="2019",
        area_type="municipality",
    )
    assert chosen.is_exact


def test_a_warehouse_of_an_earlier_version_asks_to_be_built(
    warehouse: Path, tmp_path: Path
) -> None:
    shutil.copyfile(warehouse, tmp_path / "warehouse.duckdb")
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("drop table indicators.indicator_model")
    done = run(tmp_path, "explain", "outreach.visits", "--area", "FI", "--period", "2019")
    assert done.returncode == 1
    assert "Build it again: vuosikello build" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_an_explanation_holds_nothing_that_json_cannot(warehouse: Path) -> None:
    result = explain(warehouse, "caseload.clients_per_fte", area="FI", period="2019")
    json.dumps(dataclasses.asdict(result), default=str)


def test_a_number_of_days_says_what_still_waits(warehouse: Path) -> None:
    median = explain(
        warehouse,
        "process.days_to_completion",
        area="kainuun-sote",
        period="2018",
        breakdown="quantile=p50",
    )
    counted = ask(
        warehouse,
        "select count(*), max(date '2018-12-31' - started_on) from marts.fct_assessment "
        "where organisation = 'kainuun-sote' and started_on <= date '2018-12-31' "
        "and coalesce(completed_on > date '2018-12-31', true)",
    )
    assert median.open_waits is not None
    assert [(median.open_waits.waits, median.open_waits.longest_days)] == counted
    assert median.open_waits.waits > 0
    sum_of_visits = explain(warehouse, "outreach.visits", area="FI", period="2019")
    assert sum_of_visits.open_waits is None
