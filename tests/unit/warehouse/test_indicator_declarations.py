"""What is generated from the declarations, and the sentences about a wrong one."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from vuosikello.warehouse.grains import IndicatorModel, read_models
from vuosikello.warehouse.indicator_declarations import (
    IndicatorDeclaration,
    WrongDeclaration,
    differences,
    file_of,
    generated,
    parse,
    read_declarations,
)
from vuosikello.warehouse.indicator_declarations.checks import check
from vuosikello.warehouse.indicator_declarations.generate import SEED, main
from vuosikello.warehouse.indicator_declarations.pages import page_of, read_unit_tests
from vuosikello.warehouse.indicator_declarations.read import REPOSITORY, read_codes, read_labels

NAME = "dbt_project/indicators/time/community_hours.yml"
"""A declaration with everything: divisor, target, people, charts."""


@pytest.fixture(scope="module")
def declarations() -> list[IndicatorDeclaration]:
    return read_declarations()


@pytest.fixture(scope="module")
def models() -> list[IndicatorModel]:
    return read_models(REPOSITORY / "dbt_project")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of what the generator reads and writes."""
    for folder in ("dbt_project/indicators", "dbt_project/seeds/indicators", "docs/reference"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    shutil.copytree(REPOSITORY / "ingest" / "contracts", tmp_path / "ingest" / "contracts")
    for layer in ("models", "macros"):
        folder = Path("dbt_project") / layer / "indicators"
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    return tmp_path


def declared(**changes: Any) -> str:
    """The declaration with fields set (``a__b`` is b below a) or, where None, removed."""
    document: dict[str, Any] = yaml.safe_load((REPOSITORY / NAME).read_text(encoding="utf-8"))
    for field, value in changes.items():
        part = document
        *path, last = field.split("__")
        for step in path:
            part = part[step]
        if value is None:
            del part[last]
        else:
            part[last] = value
    return yaml.safe_dump(document, allow_unicode=True)


def problems(models: list[IndicatorModel], **changes: Any) -> list[str]:
    """What is said of the declaration with these changes."""
    try:
        one = parse(declared(**changes), NAME)
    except WrongDeclaration as error:
        return list(error.problems)
    return check(one, NAME, read_codes(REPOSITORY), models)


# --- what is generated --------------------------------------------------------------------------


def test_what_is_committed_is_what_the_declarations_say() -> None:
    assert differences(generated()) == []


def test_every_declaration_is_a_row_of_the_seed_with_its_texts_and_measures(
    declarations: list[IndicatorDeclaration],
) -> None:
    rows = {
        row["indicator"]: row
        for row in csv.DictReader(io.StringIO((REPOSITORY / SEED).read_text(encoding="utf-8")))
    }
    assert rows.keys() == {one.code for one in declarations}
    for one in declarations:
        row = rows[one.code]
        assert (row["label_fi"], row["definition_en"]) == (one.label.fi, one.definition.en)
        assert row["numerator"] == one.measures.numerator
        assert row["breakdowns"] == "|".join(one.breakdowns)
        assert row["key_figure_in"] == "|".join(
            "pages" if key.surface == "pages" else f"report@{key.place}"
            for key in one.presentation.key_figure_in
        )
        assert row["target"] == (str(one.target.value) if one.target else "")


def test_the_charts_of_a_theme_have_different_places(
    declarations: list[IndicatorDeclaration],
) -> None:
    places = [(one.theme, chart.place) for one in declarations for chart in one.presentation.charts]
    assert sorted(places) == sorted(set(places))


def test_every_theme_has_a_key_figure(declarations: list[IndicatorDeclaration]) -> None:
    key = {
        one.theme
        for one in declarations
        if any(key.surface == "pages" for key in one.presentation.key_figure_in)
    }
    assert key == set(read_labels(REPOSITORY)["theme"])


def test_the_key_figures_of_a_theme_have_different_places_in_the_report(
    declarations: list[IndicatorDeclaration],
) -> None:
    places = [
        (one.theme, key.place)
        for one in declarations
        for key in one.presentation.key_figure_in
        if key.surface == "report"
    ]
    assert len(places) == len(set(places)) > 0


def test_every_indicator_has_a_unit_test_that_its_page_names(
    declarations: list[IndicatorDeclaration], models: list[IndicatorModel]
) -> None:
    tests = read_unit_tests(REPOSITORY)
    for one in declarations:
        (model,) = (model for model in models if model.grains_with(one.measures.numerator))
        covering = [test.name for test in tests if test.covers(one.code, model.name)]
        assert covering, one.code
        page = (REPOSITORY / page_of(one.code)).read_text(encoding="utf-8")
        assert all(f"`{name}`" in page for name in covering), one.code


def test_a_page_names_declaration_model_texts_and_sql(
    declarations: list[IndicatorDeclaration],
) -> None:
    for one in declarations:
        page = REPOSITORY / page_of(one.code)
        text = page.read_text(encoding="utf-8")
        for language in ("fi", "sv", "en"):
            assert getattr(one.label, language).replace("|", r"\|") in text, one.code
        assert "indicators.indicator_model" in text
        links = [part.split(")")[0] for part in text.split("](")[1:]]
        assert str(file_of(one.code).name) in text
        assert all((page.parent / link).resolve().is_file() for link in links), one.code


def test_a_changed_declaration_is_reported_until_the_seed_is_generated_anew(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository / NAME
    path.write_text(declared(label__en="Hours in the community"), encoding="utf-8")
    assert main(["--check", "--repository", str(repository)]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 3
    assert said[0] == (
        "dbt_project/seeds/indicators/indicator_declarations.csv is not what the declarations say. "
        "Run: python -m vuosikello.warehouse.indicator_declarations"
    )
    assert main(["--repository", str(repository)]) == 0
    assert main(["--check", "--repository", str(repository)]) == 0
    assert "Hours in the community" in (repository / SEED).read_text(encoding="utf-8")


def test_a_page_without_a_declaration_is_reported_and_removed(repository: Path) -> None:
    page = repository / page_of("time.lunch_hours")
    page.write_text("No such indicator.\n", encoding="utf-8")
    assert main(["--check", "--repository", str(repository)]) == 1
    assert main(["--repository", str(repository)]) == 0
    assert not page.exists()


def test_a_wrong_declaration_stops_the_generator_and_writes_nothing(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (repository / SEED).read_bytes()
    (repository / NAME).write_text(declared(unit="hour"), encoding="utf-8")
    assert main(["--repository", str(repository)]) == 1
    assert "unit is hour, which has no label" in capsys.readouterr().err
    assert (repository / SEED).read_bytes() == before


def test_the_generator_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "vuosikello.warehouse.indicator_declarations", "--check"]
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


# --- what is said of a wrong one ----------------------------------------------------------------

WRONG: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "a missing text": (
        {"label__sv": None},
        "label.sv is missing. Write the text in Swedish, on one line.",
    ),
    "a missing measure": (
        {"measures__events": None},
        "measures.events is missing. Write the measure that counts the rows of the source feed.",
    ),
    "a misspelt field": (
        {"measures__numeratr": "community_minutes"},
        "measures.numeratr is not a field of a declaration. Did you mean numerator?",
    ),
    "an unknown kind": (
        {"kind": "rate"},
        "kind is 'rate'. Write 'count', 'share', 'ratio' or 'quantile': count; share (the numerator",
    ),
    "a team without a municipality": (
        {"areas": ["organisation", "team"]},
        "areas has team and no municipality.",
    ),
    "months without quarters": (
        {"period_types": ["month", "year"]},
        "period_types has no quarter. What has months has quarters",
    ),
    "quarters without months": (
        {"period_types": ["quarter", "year"]},
        "period_types has no month. What has months has quarters",
    ),
    "a rolling year without months": (
        {"period_types": ["year", "rolling_year"]},
        "period_types has rolling_year and no month, of which a rolling year is made.",
    ),
    "a rolling year of distinct people": (
        {
            "measures__denominator": "worker_months_people",
            "period_types": ["month", "quarter", "year", "rolling_year"],
        },
        "period_types has rolling_year, and measures.denominator is worker_months_people, which is "
        "no sum over months",
    ),
    "a rolling year of quantiles": (
        {
            "kind": "quantile",
            "measures__denominator": None,
            "breakdowns": ["quantile"],
            "breakdown_rule": "each",
            "period_types": ["month", "quarter", "year", "rolling_year"],
        },
        "period_types has rolling_year, and kind is quantile: only sums and shares of events",
    ),
    "a quantile with a denominator": (
        {"kind": "quantile", "breakdowns": ["quantile"], "breakdown_rule": "each"},
        "measures.denominator is worker_months, and a quantile has none",
    ),
    "a quantile with an undivided value": (
        {"kind": "quantile", "measures__denominator": None},
        "kind is quantile, and its values are the quantiles and nothing else.",
    ),
    "a quantile of a measure": (
        {
            "kind": "quantile",
            "measures__denominator": None,
            "breakdowns": ["quantile"],
            "breakdown_rule": "each",
        },
        "kind is quantile, and measures.numerator is community_minutes, which is no number of days "
        "that quantiles are of.",
    ),
    "quantiles of a ratio": (
        {"breakdowns": ["quantile"]},
        "breakdowns has quantile, and kind is ratio. Write kind: quantile, or remove it.",
    ),
    "a sum of days": (
        {"measures__numerator": "days_to_start"},
        "kind is ratio, and measures.numerator is days_to_start, which is a number of days that "
        "quantiles are of. Write kind: quantile, or another numerator.",
    ),
    "a target without operator": (
        {"target": {"value": 8}},
        "target.operator is missing. Write how the value is compared with the target, in quotation",
    ),
    "a target that is no number": (
        {"target": {"value": "eight", "operator": ">="}},
        "target.value is 'eight': input should be a valid integer",
    ),
    "a theme that does not exist": (
        {"code": "leisure.community_hours"},
        "code is leisure.community_hours, and there is no theme leisure. Begin the code with one "
        "of caseload, time, outreach",
    ),
    "a code that is not the file's": (
        {"code": "time.community_minutes"},
        "code is time.community_minutes. Move the file to "
        "dbt_project/indicators/time/community_minutes.yml, or correct the code.",
    ),
    "an unknown base feed": (
        {"base_feed": "time_entry"},
        "base_feed is time_entry, which no contract defines. Write one of assessments,",
    ),
    "a unit without label": (
        {"unit": "hours_per_month"},
        "unit is hours_per_month, which has no label. Write a code of kind `unit`",
    ),
    "a breakdown without label": (
        {"breakdowns": ["professions"]},
        "breakdowns has professions, which has no label. Write a code of kind `breakdown` of "
        "indicator_labels.csv, or add it there. Did you mean profession?",
    ),
    "a breakdown that the grain does not have": (
        {"breakdowns": ["topic"]},
        "breakdowns has topic, which no grain with the measure community_minutes of the model "
        "int_indicators_time_entries can be divided by. Write profession, or add it to the "
        "grain's dims.",
    ),
    "a numerator that no grain has": (
        {"measures__numerator": "comunity_minutes"},
        "measures.numerator is comunity_minutes, which no grain has. Write a measure of a model "
        "int_indicators_*, or add it to the grain's rows and measures. Did you mean "
        "community_minutes?",
    ),
    "a denominator of another model": (
        {"measures__denominator": "visits"},
        "measures.denominator is visits, which no grain of the model int_indicators_time_entries "
        "has. Write one of ",
    ),
    "a population that the model does not have": (
        {"measures__denominator": "population"},
        "measures.denominator is population, which the model int_indicators_time_entries does not "
        "have. Write indicator_rows(grains, population=true) at the end of the model.",
    ),
    "a count with a denominator": (
        {"kind": "count"},
        "measures.denominator is worker_months, and a count has none. Remove it, or write kind: "
        "share or kind: ratio.",
    ),
    "a ratio without a denominator": (
        {"measures__denominator": None},
        "measures.denominator is missing, and a ratio needs one. Write the measure, or kind: count",
    ),
    "a complement of a ratio": (
        {"measures__complement": "worker_months"},
        "measures.complement is worker_months, and only a share has one.",
    ),
    "no undivided row and no breakdown": (
        {"breakdowns": [], "breakdown_rule": "each", "presentation__charts": []},
        "breakdown_rule is each, which gives no undivided row, and breakdowns is empty",
    ),
    "disjoint parts of no whole": (
        {"parts_disjoint": True},
        "parts_disjoint is true, and breakdown_rule is within.",
    ),
    "people of no kind": (
        {"persons_kind": None},
        "persons_kind is missing, and personal is true. Write clients, workers, respondents or contacted.",
    ),
    "no reason why it is or is not about people": (
        {"personal_reason": None},
        "personal_reason is missing. Write why it is or is not about people, by what its rows tell",
    ),
    "a kind of people of an indicator about nobody": (
        {"personal": False},
        "persons_kind is workers, and personal is false. Remove persons_kind, or write personal",
    ),
    "a key figure of something that is not published": (
        {"presentation__key_figure_in": [{"surface": "workbook"}]},
        "presentation.key_figure_in.0.surface is 'workbook'. Write 'pages' or 'report': pages (of",
    ),
    "a key figure as it was declared before": (
        {"presentation__is_key_figure": True},
        "presentation.is_key_figure is not a field of a declaration. Did you mean key_figure_in?",
    ),
    "a key figure twice in one place": (
        {"presentation__key_figure_in": [{"surface": "pages"}, {"surface": "pages"}]},
        "presentation.key_figure_in has pages more than once. An indicator has one place there: "
        "remove the others.",
    ),
    "a place among the key figures of the pages": (
        {"presentation__key_figure_in": [{"surface": "pages", "place": 2}]},
        "presentation.key_figure_in has pages with the place 2. Pages show the key figures in the "
        "order of position: remove place.",
    ),
    "a key figure of the report without a place": (
        {"presentation__key_figure_in": [{"surface": "report"}]},
        "presentation.key_figure_in has report without a place. Write place: its place among the "
        "theme's key figures of the report, a number from 1.",
    ),
    "a chart of parts that there are not": (
        {"presentation__charts": [{"kind": "parts", "breakdown": "topic", "place": 1}]},
        "presentation.charts has parts of topic, and the value is not divided by it. Write "
        "breakdown: profession.",
    ),
    "a chart of areas with a breakdown": (
        {"presentation__charts": [{"kind": "areas", "breakdown": "profession", "place": 1}]},
        "presentation.charts has areas with the breakdown profession. A chart of areas shows the "
        "undivided value: remove breakdown, or write kind: parts.",
    ),
    "a chart of months without months": (
        {"period_types": ["year"]},
        "presentation.charts has months, and period_types has no month.",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_declaration_is_described_with_file_field_and_what_to_write(
    wrong: str, models: list[IndicatorModel]
) -> None:
    changes, sentence = WRONG[wrong]
    found = problems(models, **changes)
    assert any(problem.startswith(f"{NAME}: {sentence}") for problem in found), found


def test_a_declaration_as_it_is_has_no_problem(models: list[IndicatorModel]) -> None:
    assert problems(models) == []


def test_text_that_is_not_yaml_is_described() -> None:
    with pytest.raises(WrongDeclaration) as raised:
        parse("label: {fi: a: b}", NAME)
    assert str(raised.value).startswith(f"{NAME}: this is not YAML (")


def test_an_empty_file_is_described() -> None:
    with pytest.raises(WrongDeclaration, match=r"the file is empty\. Write the fields"):
        parse("", NAME)


def test_all_problems_of_all_files_are_named_at_once(repository: Path) -> None:
    (repository / NAME).write_text(declared(unit="hour", base_feed="hours"), encoding="utf-8")
    other = repository / "dbt_project" / "indicators" / "access" / "places.yml"
    other.write_text("code: access.places\n", encoding="utf-8")
    with pytest.raises(WrongDeclaration) as raised:
        read_declarations(repository)
    named = [problem.partition(": ")[0] for problem in raised.value.problems]
    assert named.count(NAME) == 2
    assert named.count("dbt_project/indicators/access/places.yml") > 5


def test_two_indicators_in_one_place_are_described(repository: Path) -> None:
    (repository / NAME).write_text(declared(presentation__position=1), encoding="utf-8")
    with pytest.raises(WrongDeclaration) as raised:
        read_declarations(repository)
    (problem,) = raised.value.problems
    assert "presentation.position is 1, which" in problem
    assert "to come last, or renumber the theme." in problem


def test_grains_that_cannot_be_read_are_described(repository: Path) -> None:
    model = repository / "dbt_project" / "models" / "indicators" / "int_indicators_meetings.sql"
    model.write_text("select 1\n", encoding="utf-8")
    with pytest.raises(WrongDeclaration) as raised:
        read_declarations(repository)
    assert str(raised.value).startswith(
        "dbt_project/models/indicators/int_indicators_meetings.sql: the grains cannot be read"
    )


def test_a_grain_without_time_is_described(repository: Path) -> None:
    model = repository / "dbt_project" / "models" / "indicators" / "int_indicators_meetings.sql"
    text = model.read_text(encoding="utf-8")
    model.write_text(text.replace("    'time': 'year',\n", "", 1), encoding="utf-8")
    with pytest.raises(WrongDeclaration) as raised:
        read_declarations(repository)
    assert "the grain meeting has no time; write 'time': 'month', 'year' or" in str(raised.value)


def test_a_model_that_nothing_reads_is_described(repository: Path) -> None:
    macro = repository / "dbt_project" / "macros" / "indicators" / "indicator_models.sql"
    text = macro.read_text(encoding="utf-8")
    macro.write_text(text.replace("        'int_indicators_meetings',\n", ""), encoding="utf-8")
    with pytest.raises(WrongDeclaration) as raised:
        read_declarations(repository)
    assert (
        "measures.numerator is decision_maker_meetings, a measure of int_indicators_meetings, which "
        "is not in macros/indicators/indicator_models.sql. Add the model there"
    ) in str(raised.value)
