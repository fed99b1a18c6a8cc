"""The ISO SOS example, from the inbox to the marts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.support.places import ROOT

WORKED = re.findall(
    r"```sql\n(select[^`]*)```\n\n(\|.*?\|)\n(?:\n|$)",
    (ROOT / "docs" / "reference" / "warehouse.md").read_text(encoding="utf-8"),
    flags=re.DOTALL,
)


@pytest.fixture(scope="module")
def published(iso_sos: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(iso_sos / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


def ask(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return connection.execute(query).fetchall()


def test_the_marts_hold_the_visits_and_persons_of_the_final_report(
    published: duckdb.DuckDBPyConnection,
) -> None:
    assert ask(
        published,
        "select count(*), sum(persons_contacted)::int from marts.fct_outreach_visit "
        "where year in ('2018', '2019')",
    ) == [(404, 1386)]


def test_the_corrected_file_has_replaced_the_draft(
    published: duckdb.DuckDBPyConnection,
) -> None:
    assert ask(
        published,
        "select file from staging.stg_current_submissions "
        "where organisation = 'essote' and feed = 'outreach' and period = '2019'",
    ) == [("essote/outreach/2019.2-corrected.csv",)]
    assert ask(
        published,
        "select count(*) from staging.stg_submissions where organisation = 'essote' "
        "and feed = 'outreach' and period = '2019'",
    ) == [(2,)]


def test_every_contact_and_time_entry_of_the_example_finds_its_client_and_worker(
    published: duckdb.DuckDBPyConnection,
) -> None:
    assert ask(
        published,
        "select count(*), count(*) filter (is_client_known and is_worker_known) "
        "from marts.fct_contact",
    ) == [(1767, 1767)]
    assert ask(
        published,
        "select count(*), count(*) filter (is_worker_known and municipality is not null) "
        "from marts.fct_time_entry",
    ) == [(5220, 5220)]


def test_no_row_is_lost_or_doubled_between_the_ledger_and_the_marts(
    published: duckdb.DuckDBPyConnection,
) -> None:
    loaded = dict(
        ask(
            published,
            "select feed, sum(rows_loaded)::int from staging.stg_current_submissions group by all",
        )
    )
    marts = {
        "assessments": "fct_assessment",
        "assignments": "fct_assignment",
        "clients": "dim_client",
        "contacts": "fct_contact",
        "groups": "dim_group",
        "measurement_scores": "fct_measurement_score",
        "measurements": "fct_measurement",
        "measures": "fct_measure",
        "meetings": "fct_meeting",
        "observations": "fct_observation",
        "outreach": "fct_outreach_visit",
        "places": "dim_place",
        "plans": "fct_plan",
        "population": "fct_population",
        "survey_rounds": "fct_survey_round",
        "time_entries": "fct_time_entry",
        "worker_survey": "fct_worker_survey_response",
        "workers": "dim_worker_spell",
    }
    for feed, mart in marts.items():
        assert ask(published, f"select count(*) from marts.{mart}") == [(loaded[feed],)], feed


def test_months_quarters_and_years_are_covered_as_the_files_state(
    published: duckdb.DuckDBPyConnection,
) -> None:
    assert ask(
        published,
        "select period from marts.fct_coverage where organisation = 'kainuun-sote' "
        "and feed = 'contacts' order by all",
    ) == [("2019",), ("2019-10",), ("2019-11",), ("2019-12",), ("2019-Q4",)]
    assert ask(
        published,
        "select period_type, count(*) from marts.fct_coverage "
        "where organisation = 'pieksamaki' group by all order by all",
    ) == [("month", 24), ("quarter", 8), ("rolling_year", 13), ("year", 2)]


@pytest.mark.parametrize(("query", "table"), WORKED)
def test_a_question_worked_in_the_documentation_is_answered_as_it_says(
    query: str, table: str, published: duckdb.DuckDBPyConnection
) -> None:
    head, _, *lines = table.splitlines()
    answer = published.execute(query)
    assert [column[0] for column in answer.description or []] == _cells(head)
    assert [[str(value) for value in row] for row in answer.fetchall()] == [
        _cells(line) for line in lines
    ]


def test_the_documentation_works_three_questions() -> None:
    assert len(WORKED) == 3


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]
