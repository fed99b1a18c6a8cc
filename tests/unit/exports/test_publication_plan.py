"""The publication plan: what leaves the house, and what a mistake in it says."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from exports.publication_plan import PLAN, PlanError, publication_plan

VALUES = """
    SELECT * FROM (VALUES
        ('outreach.visits', 'municipality', 'month', 'none'),
        ('outreach.visits', 'municipality', 'year', 'nature'),
        ('outreach.visits', 'country', 'month', 'none'),
        ('outreach.visits', 'country', 'month', 'nature'),
        ('staff.workers', 'organisation', 'year', 'profession'),
        ('staff.workers', 'municipality', 'year', 'none'),
        ('process.support_need_share', 'organisation', 'year', 'support_need'),
        ('process.support_need_share', 'municipality', 'year', 'support_need'),
        ('outreach.visits', 'team', 'year', 'none'),
        ('outreach.visits', 'country', 'quarter', 'none'),
        ('outreach.visits', 'country', 'rolling_year', 'none'),
        ('caseload.open_clients', 'country', 'year', 'age_group'),
        ('caseload.open_clients', 'country', 'year', 'sex'),
        ('caseload.open_clients', 'country', 'year', 'intensity'),
        ('process.assessments', 'country', 'month', 'none'),
        ('process.assessments', 'country', 'year', 'none'),
        ('process.days_to_start', 'country', 'year', 'quantile'),
        ('process.goal_attainment', 'country', 'year', 'none'),
        ('process.goal_attainment', 'country', 'year', 'method'),
        ('outcome.group_sessions', 'country', 'year', 'method'),
        ('process.workers_per_client', 'country', 'year', 'none')
    ) AS given (indicator, area_type, period_type, breakdown)
"""


def test_teams_quarters_rolling_years_and_fine_parts_stay_in_the_house() -> None:
    condition = publication_plan().values("given")
    published = duckdb.execute(f"SELECT given.* FROM ({VALUES}) AS given WHERE {condition}")
    assert set(published.fetchall()) == {
        ("outreach.visits", "municipality", "year", "nature"),
        ("outreach.visits", "country", "month", "none"),
        ("staff.workers", "organisation", "year", "profession"),
        ("process.support_need_share", "organisation", "year", "support_need"),
        ("caseload.open_clients", "country", "year", "intensity"),
        ("process.assessments", "country", "year", "none"),
        ("process.goal_attainment", "country", "year", "none"),
        ("outcome.group_sessions", "country", "year", "method"),
    }


def test_an_indicator_of_which_nothing_is_published_is_not_in_the_published_catalogue() -> None:
    condition = publication_plan().indicators("given")
    found = duckdb.execute(f"SELECT DISTINCT indicator FROM ({VALUES}) AS given WHERE {condition}")
    assert ("process.workers_per_client",) not in set(found.fetchall())
    assert publication_plan().not_published[0].reason


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("area_types: [country", "no YAML"),
        ("area_types: [country]\nperiod_types: []\n", "period_types"),
        ("area_types: [country]\nperiod_types: [year]\nmonths: yes\n", "months"),
        (
            "area_types: [country]\nperiod_types: [year]\n"
            "not_published: [{breakdowns: [sex], reason: ''}]\n",
            "reason",
        ),
    ],
)
def test_a_mistake_in_the_plan_says_where(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / PLAN.name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError, match=said) as error:
        publication_plan(path)
    assert PLAN.name in str(error.value)
