"""The semantic layer answers the numbers of the indicators that its metrics say they are."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from common.home import Home
from tests.support.places import ROOT
from vuosikello.cli.app import app
from vuosikello.warehouse import build, dbt_docs
from vuosikello.warehouse.semantic_layer import QuestionProblem, SemanticLayer, UnknownValue

AREAS = {
    "country": None,
    "welfare_area": "welfare_area",
    "organisation": "organisation",
    "municipality": "municipality",
}
FOLDER = build.PROJECT / "models" / "semantic"
MODELS: dict[str, list[dict[str, Any]]] = {
    model["name"]: model["metrics"]
    for path in sorted(FOLDER.glob("*.yml"))
    for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
}
DECLARED: dict[str, dict[str, str]] = {
    metric["name"]: metric.get("config", {}).get("meta", {})
    for metrics in MODELS.values()
    for metric in metrics
}
PAGE = (ROOT / "docs" / "how_to" / "metrics.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^    vuosikello metrics (.+)\n\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
COMPARED = {
    model: [metric["name"] for metric in metrics if DECLARED[metric["name"]]]
    for model, metrics in MODELS.items()
}


@pytest.fixture(scope="module")
def home(iso_sos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's warehouse in a home of its own: asking makes dbt write into it."""
    folder = tmp_path_factory.mktemp("asked")
    shutil.copy(iso_sos / "warehouse.duckdb", folder)
    shutil.copytree(iso_sos / "build" / "dbt", folder / "build" / "dbt")
    return folder


@pytest.fixture(scope="module")
def layer(home: Path) -> SemanticLayer:
    return SemanticLayer(dbt_docs.semantic_manifest(Home(home)))


def indicator_numbers(
    published: Path, meta: dict[str, str], area_type: str, period_type: str, breakdown: str
) -> dict[tuple[str, ...], float]:
    side = meta.get("side", "value")
    with duckdb.connect(str(published), read_only=True) as connection:
        rows = connection.execute(
            f"SELECT area, period, breakdown_value, coalesce({side}, 0) "
            "FROM indicators.indicator_values WHERE indicator = ? AND area_type = ? "
            "AND period_type = ? AND breakdown = ?",
            [meta["indicator"], area_type, period_type, breakdown],
        ).fetchall()
    return {row[:3]: float(row[3]) for row in rows}


def metric_numbers(
    layer: SemanticLayer,
    published: Path,
    metrics: list[str],
    area_type: str,
    period_type: str,
    breakdown: str,
) -> dict[str, dict[tuple[str, ...], float]]:
    """Ask for metrics as indicators are laid out; parts without data have no row there."""
    area = AREAS[area_type]
    by = [*([area] if area else []), period_type, *([breakdown] if breakdown != "none" else [])]
    numbers: dict[str, dict[tuple[str, ...], float]] = {metric: {} for metric in metrics}
    for row in layer.ask(published, metrics, by).rows:
        reported: list[Any] = list(row[: len(by)])
        place = reported.pop(0) if area else "FI"
        part = reported[1] if breakdown != "none" else "all"
        if place is None or part is None:
            continue
        key = (place, reported[0], {True: "yes", False: "no"}.get(part, part))
        for metric, value in zip(metrics, row[len(by) :], strict=True):
            if value:
                numbers[metric][key] = float(value)
    return numbers


@pytest.mark.parametrize("model", sorted(COMPARED))
def test_a_metric_is_the_number_of_its_indicator_by_area_period_and_breakdown(
    model: str, layer: SemanticLayer, home: Path
) -> None:
    """A period that is covered and has no row is 0 in the indicator, and has no row here."""
    published = home / "warehouse.duckdb"
    compared: Counter[str] = Counter()
    breakdowns = {"none"} | {DECLARED[one].get("breakdown", "none") for one in COMPARED[model]}
    for breakdown, area_type, period_type in product(breakdowns, AREAS, ("year", "month")):
        expected = {
            metric: indicator_numbers(
                published, DECLARED[metric], area_type, period_type, breakdown
            )
            for metric in COMPARED[model]
            if breakdown in ("none", DECLARED[metric].get("breakdown"))
        }
        # An indicator may be of years only, have no municipality, or no undivided row.
        asked = [metric for metric, numbers in expected.items() if numbers]
        if not asked:
            continue
        found = metric_numbers(layer, published, asked, area_type, period_type, breakdown)
        for metric in asked:
            counted = {place: number for place, number in expected[metric].items() if number}
            assert found[metric] == pytest.approx(counted), (metric, area_type, period_type)
            compared[metric] += len(counted)
    assert all(compared[metric] for metric in COMPARED[model])


@pytest.mark.parametrize("metric", sorted(DECLARED))
def test_every_metric_says_what_it_is(metric: str, layer: SemanticLayer) -> None:
    known = layer.metrics[metric]
    assert known.label != metric
    assert known.description.endswith(".")
    assert {"organisation", "organisation__welfare_area"} <= set(layer.dimensions([metric]))


def test_a_question_takes_short_names_and_conditions(layer: SemanticLayer, home: Path) -> None:
    published = home / "warehouse.duckdb"
    answer = layer.ask(
        published,
        ["outreach_visits", "persons_contacted"],
        ["organisation", "year"],
        ["nature=home_visit", "year=2019"],
    )
    assert answer.columns == ["organisation", "year", "outreach_visits", "persons_contacted"]
    with duckdb.connect(str(published), read_only=True) as connection:
        assert (
            answer.rows
            == connection.execute(
                "SELECT organisation, year, count(*), sum(persons_contacted) "
                "FROM marts.fct_outreach_visit WHERE nature = 'home_visit' AND year = '2019' "
                "GROUP BY ALL ORDER BY ALL"
            ).fetchall()
        )


@pytest.mark.parametrize(
    ("metrics", "by", "where", "said"),
    [
        (["visits"], [], [], "There is no metric visits. There are: assessments,"),
        (["outreach_visits"], ["channel"], [], "channel divides none of these metrics"),
        (["outreach_visits"], ["label_fi"], [], "label_fi is not the name of one"),
        (["outreach_visits"], [], ["nature"], "dimension=value, not nature"),
        (["outreach_visits"], [], ["nature={{ 1 }}"], "dimension=value"),
        (["outreach_visits"], [], ["year=last"], "as 2019 or 2019-03, not last"),
        (["outreach_visits"], [], ["year=2019-03"], "as 2019 or 2019-03, not 2019-03"),
        (["outreach_visits"], [], ["quarter=2019-Q5"], "a quarter as 2019-Q1, not 2019-Q5"),
        (["outreach_visits"], [], ["week=2019-W54"], "a week as 2019-W05, not 2019-W54"),
        (["outreach_visits", "open_clients"], ["nature"], [], "nature divides none of these"),
    ],
)
def test_a_question_that_cannot_be_asked_is_told_what_can(
    metrics: list[str],
    by: list[str],
    where: list[str],
    said: str,
    layer: SemanticLayer,
    home: Path,
) -> None:
    with pytest.raises(QuestionProblem) as problem:
        layer.ask(home / "warehouse.duckdb", metrics, by, where)
    assert said in str(problem.value)


def test_a_value_cannot_become_sql(layer: SemanticLayer, home: Path) -> None:
    question = (["outreach_visits"], ["year"], ["nature=x' or 'a' = 'a"])
    with pytest.raises(UnknownValue, match="nature has no value x' or 'a' = 'a"):
        layer.ask(home / "warehouse.duckdb", *question)
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        assert connection.execute(layer.sql(*question)).fetchall() == []


@pytest.mark.parametrize(
    ("metric", "condition", "suggestion"),
    [
        ("outreach_visits", "nature=home_visits", "Did you mean home_visit (Home visit)"),
        ("outreach_visits", "nature=kotikäynti", "Did you mean home_visit (Home visit)"),
        ("outreach_visits", "nature=hembesök", "Did you mean home_visit (Home visit)"),
        ("outreach_visits", "organisation=kainun-sote", "kainuun-sote (Kainuu joint authority)"),
        ("outreach_visits", "municipality=Kajani", "Did you mean 205 (Kajaani)"),
        (
            "outreach_visits",
            "organisation__label_en=Kainuu joint autority",
            "Kainuu joint authority",
        ),
        ("outreach_visits", "has_topic=maybe", "Its values are no, yes"),
        ("plans", "special_support=maybe", "Its values are no, yes"),
    ],
)
def test_a_mistyped_value_is_answered_with_what_was_probably_meant(
    metric: str, condition: str, suggestion: str, layer: SemanticLayer, home: Path
) -> None:
    with pytest.raises(UnknownValue) as problem:
        layer.ask(home / "warehouse.duckdb", [metric], ["year"], [condition])
    assert suggestion in str(problem.value)


def test_a_mistyped_value_is_wrong_usage_of_the_command(home: Path) -> None:
    said = CliRunner().invoke(
        app, ["metrics", "outreach_visits", "--where", "nature=home_visits", "--home", str(home)]
    )
    assert said.exit_code == 2
    assert "Did you mean home_visit" in " ".join(said.output.replace("│", " ").split())


@pytest.mark.parametrize("by", [[], ["year"]])
def test_a_known_value_without_a_row_is_not_called_unknown(
    by: list[str], layer: SemanticLayer, home: Path
) -> None:
    answer = layer.ask(home / "warehouse.duckdb", ["outreach_visits"], by, ["municipality=091"])
    assert answer.missing is not None
    assert "no row that was submitted is counted there" in answer.missing
    assert "municipality=091 is correctly spelled" in answer.missing


@pytest.mark.parametrize(
    ("by", "first", "where"),
    [
        ("year", "2018", "year=2018"),
        ("quarter", "2018-Q3", "quarter=2018-Q3"),
        ("month", "2018-09", "month=2018-09"),
        ("week", "2018-W35", "week=2018-W35"),
        ("day", "2018-09-01", "day=2018-09-01"),
    ],
)
def test_a_period_is_named_as_its_type_is_and_asked_for_by_that_name(
    by: str, first: str, where: str, layer: SemanticLayer, home: Path
) -> None:
    published = home / "warehouse.duckdb"
    rows = layer.ask(published, ["outreach_visits"], [by]).rows
    assert rows[0][0] == first
    assert layer.ask(published, ["outreach_visits"], [by], [where]).rows == rows[:1]


def test_the_views_repeat_no_row(home: Path) -> None:
    """Each joins its fact to at most one covered period, so the fact's key stays a key."""
    keys = {
        "sem_assessment": "organisation, assessment_id",
        "sem_client_state": "organisation, client_id, state_on",
        "sem_contact": "organisation, contact_id",
        "sem_outreach_topic": "organisation, visit_id, topic",
        "sem_outreach_visit": "organisation, visit_id",
        "sem_plan": "organisation, plan_id",
        "sem_time_entry": "organisation, entry_id",
        "sem_worker_month": "organisation, worker_id, month_begins_on",
    }
    assert set(keys) == {path.stem for path in FOLDER.glob("*.sql")}
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        for view, key in keys.items():
            repeated = connection.execute(
                f"SELECT count(*), count(DISTINCT ({key})) FROM semantic.{view}"
            ).fetchone()
            assert repeated is not None and repeated[0] == repeated[1] > 0, view


@pytest.mark.parametrize(("question", "table"), SHOWN)
def test_a_question_shown_in_the_documentation_is_answered_as_it_says(
    question: str, table: str, home: Path
) -> None:
    options = ["--home", str(home), "--json"]
    said = CliRunner().invoke(app, ["metrics", *shlex.split(question), *options])
    assert said.exit_code == 0, said.output
    answer = json.loads(said.stdout)
    head, _, *lines = (
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()
    )
    assert answer["columns"] == head
    assert [
        [str(round(value, 3) if isinstance(value, float) else value) for value in row]
        for row in answer["rows"]
    ] == lines


def test_the_documentation_shows_three_questions() -> None:
    assert len(SHOWN) == 3


def test_every_metric_is_listed_by_the_command(home: Path) -> None:
    said = CliRunner().invoke(app, ["metrics", "--home", str(home), "--json"])
    assert {metric["name"] for metric in json.loads(said.stdout)} == set(DECLARED)
