"""Inboxes that were once received wrongly: what the warehouse says after one build of several.

They are of different organisations, feeds and years, so one home holds them all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from common.home import Home
from tests.support.built_homes import SOURCES, built_home, remember_project
from tests.support.house import House
from tests.support.reported_cases import receive_cases_with_figures
from tests.support.tiny_lake import Built, build_and_record

DECIDES = (*SOURCES, "tests/cases", "tests/support/house.py", "tests/support/reported_cases.py")


@pytest.fixture(scope="module")
def built(iso_sos: Path) -> Built:
    """Return a home into which several cases were received, built once."""

    def make(home: Path) -> Built:
        remember_project(iso_sos, home)
        receive_cases_with_figures(House(Home(home)))
        return build_and_record(home)

    return built_home("reported-cases", make, DECIDES)[1]


def rows(built: Built, sql: str) -> list[tuple[Any, ...]]:
    """Return what a query over the warehouse finds, sorted by all columns."""
    with built.connect() as connection:
        return connection.execute(f"{sql} ORDER BY ALL").fetchall()


def figures(built: Built, indicator: str, area: str, period: str) -> dict[str, float]:
    """Return the values of an indicator, undivided (``all``) and by part."""
    found = rows(
        built,
        "SELECT breakdown_value, value FROM indicators.indicator_values "
        f"WHERE indicator = '{indicator}' AND area = '{area}' AND period = '{period}'",
    )
    return dict(found)


def test_the_warehouse_is_built_of_them(built: Built) -> None:
    assert built.result.failures == []


def test_of_two_files_for_one_period_the_greater_number_counts_in_the_figures(
    built: Built,
) -> None:
    assert figures(built, "outreach.persons_contacted", "essote", "2019")["all"] == 4
    assert figures(built, "outreach.persons_contacted", "sosteri", "2019")["all"] == 10


def test_a_row_that_a_later_file_leaves_out_is_gone_from_the_figures(built: Built) -> None:
    contacts = rows(built, "SELECT contact_id FROM marts.fct_contact")
    assert sorted(name for (name,) in contacts) == sorted(f"K{n}" for n in range(1, 40))
    visits = rows(
        built, "SELECT visit_id FROM marts.fct_outreach_visit WHERE organisation = 'kainuun-sote'"
    )
    assert visits == [("V1",), ("V2",), ("V3",), ("V4",)]
    assert figures(built, "outreach.visits", "kainuun-sote", "2019")["all"] == 4


def test_a_withdrawal_takes_the_rows_out_and_nothing_to_report_counts_as_0(built: Built) -> None:
    assert rows(built, "SELECT * FROM marts.fct_outreach_visit WHERE organisation = 'soite'") == []
    months = rows(
        built,
        "SELECT period FROM marts.fct_coverage "
        "WHERE organisation = 'soite' AND feed = 'outreach' AND period_type = 'month'",
    )
    assert months == [("2019-07",)]
    assert figures(built, "outreach.visits", "soite", "2019-06") == {}
    assert figures(built, "outreach.visits", "soite", "2019-07") == {"all": 0}


def test_a_file_of_2019_changes_nothing_about_2018(built: Built) -> None:
    spells = rows(
        built,
        "SELECT valid_from::varchar, valid_to::varchar, municipality, intensity, count(*) "
        "FROM marts.dim_client_spell GROUP BY ALL",
    )
    assert spells == [
        ("0001-01-01", "2018-12-31", "205", "ordinary", 10),
        ("0001-01-01", "9999-12-31", "205", "ordinary", 20),
        ("2019-01-01", "9999-12-31", "765", "intensive", 10),
    ]
    for area in ("205", "kainuun-sote"):
        open_clients = figures(built, "caseload.open_clients", area, "2018")
        assert (open_clients["all"], open_clients["ordinary"]) == (30, 30)
        assert "intensive" not in open_clients
        assert figures(built, "caseload.intensive_share", area, "2018")["all"] == 0
    assert figures(built, "caseload.open_clients", "765", "2018") == {}


def test_from_the_first_day_of_2019_the_state_is_that_of_its_file(built: Built) -> None:
    assert figures(built, "caseload.open_clients", "205", "2019")["all"] == 20
    moved = figures(built, "caseload.open_clients", "765", "2019")
    assert (moved["all"], moved["intensive"]) == (10, 10)
    assert figures(built, "caseload.intensive_share", "765", "2019")["all"] == 1
    assert figures(built, "caseload.intensive_share", "205", "2019")["all"] == 0


def test_two_posts_from_one_day_are_one_full_time_equivalent(built: Built) -> None:
    spells = "FROM marts.dim_worker_spell WHERE organisation = 'hva-20'"
    assert figures(built, "staff.fte", "hva-20", "2026") == {
        "all": 5.5,
        "social_worker": 5,
        "social_counsellor": 0.5,
    }
    assert rows(
        built,
        f"SELECT profession, municipality, fte {spells} "
        "QUALIFY count(*) OVER (PARTITION BY worker_id) > 1",
    ) == [("social_counsellor", "765", 0.5), ("social_worker", "205", 0.5)]
