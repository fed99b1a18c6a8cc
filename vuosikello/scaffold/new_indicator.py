"""Beginning an indicator: its declaration, a unit test to fill in, and its specification.

Where no model has rows of the feed yet, a fact and a model of indicators are begun too.
"""

from __future__ import annotations

import re
from pathlib import Path

from common.yaml_text import parsed
from vuosikello.scaffold.files import TODO, CannotBegin, Draft, Written, require_checkout
from vuosikello.warehouse.grains import LIST, MODELS, IndicatorModel, read_models
from vuosikello.warehouse.indicator_declarations.model import (
    IndicatorDeclaration,
    WrongDeclaration,
    file_of,
)
from vuosikello.warehouse.indicator_declarations.read import (
    REPOSITORY,
    read_codes,
    read_declarations,
)

_DBT = Path("dbt_project")
_SPECIFICATION = Path("tests") / "support" / "specification.md"
_OF_THE_LAKE = ("submission_id", "received_at", "warnings")
_GIVEN = ("indicator_declarations", "dim_organisation", "dim_period", "fct_coverage")


def new_indicator(
    code: str, feed: str, *, measure: str | None = None, repository: Path = REPOSITORY
) -> Written:
    """Begin an indicator: a count of a measure, until its declaration says otherwise.

    Args:
        code: ``<theme>.<name>``.
        feed: the feed whose rows are counted; it has a contract.
        measure: the measure that it counts; by default the first of the feed's first grain.
        repository: the checkout to write into.

    Raises:
        CannotBegin: the code or the feed is not one, or the indicator is there.
    """
    require_checkout(repository)
    codes = read_codes(repository)
    theme, _, name = code.partition(".")
    if not re.fullmatch(r"[a-z]+\.[a-z][a-z0-9_]*", code) or theme not in codes.themes:
        raise CannotBegin(
            f"{code} is not the code of an indicator. Write <theme>.<name> with one of the themes "
            f"{', '.join(codes.themes)}."
        )
    if feed not in codes.feeds:
        raise CannotBegin(
            f"There is no feed {feed}. Begin it first: vuosikello new-feed {feed}. There are "
            f"{', '.join(sorted(codes.feeds))}."
        )
    draft = Draft(repository)
    refs: tuple[str, ...]
    model = _model_of(feed, measure, read_models(repository / _DBT))
    if model is None and measure is not None:
        raise CannotBegin(
            f"No grain has the measure {measure}. Leave it out to count rows of {feed}, or add it "
            "to a grain."
        )
    if model is None:
        model_name, counted = _begin_model(draft, feed)
        refs = (*_GIVEN, f"fct_{feed}")
    else:
        model_name = model.name
        counted = measure or _measures_of(model, feed)[0]
        refs = _refs(model)
    draft.add(
        file_of(code),
        "declaration.yml.j2",
        code=code,
        feed=feed,
        measure=counted,
        position=_next_position(theme, repository),
        todo=TODO,
    )
    _begin_unit_test(draft, code, model_name, refs)
    draft.change(_SPECIFICATION, _with_line(draft.read(_SPECIFICATION), theme, code, feed))
    return draft.write(
        (
            f"Write {file_of(code).as_posix()} where it says {TODO}.",
            f"Compute the indicator by hand in the unit test {name}_is_computed_by_hand.",
            "Say in tests/support/specification.md how it is computed.",
            "Generate the seed and the pages: "
            "python -m vuosikello.warehouse.indicator_declarations",
        )
    )


def _model_of(
    feed: str, measure: str | None, models: list[IndicatorModel]
) -> IndicatorModel | None:
    """The model that has the measure, or rows of the feed."""
    for model in models:
        if measure in model.nameable if measure else _measures_of(model, feed):
            return model
    return None


def _measures_of(model: IndicatorModel, feed: str) -> list[str]:
    return [
        measure
        for grain in model.grains
        if grain.feed == feed and grain.undivided
        for measure in grain.measures
    ]


def _refs(model: IndicatorModel) -> tuple[str, ...]:
    """What a unit test of the model is given: all that it reads."""
    text = model.file.read_text(encoding="utf-8")
    read = re.findall(r"ref\('(\w+)'\)", text)
    if "workers_in_force(" in text:
        read.append("dim_worker_spell")
    if model.has_population:
        read.append("int_population_area")
    return tuple(dict.fromkeys((*_GIVEN, *read)))


def _next_position(theme: str, repository: Path) -> int:
    try:
        declarations: list[IndicatorDeclaration] = read_declarations(repository)
    except WrongDeclaration as error:
        raise CannotBegin(f"Correct the declarations that there are first:\n{error}") from error
    taken = [one.presentation.position for one in declarations if one.theme == theme]
    return max(taken, default=0) + 1


def _begin_model(draft: Draft, feed: str) -> tuple[str, str]:
    """Begin the fact and the model of a feed; return the name of the model and its measure."""
    staging = _DBT / "models" / "staging" / "feeds" / f"stg_{feed}.yml"
    if not (draft.repository / staging).is_file():
        raise CannotBegin(f"{staging.as_posix()} is missing: a fact is made of the staged feed.")
    described = parsed(draft.read(staging))["models"][0]["columns"]
    own = [
        one for one in described if one["name"] not in {"submission_id", "received_at", "warnings"}
    ]
    contract = parsed(draft.read(Path("ingest") / "contracts" / f"{feed}.yaml"))
    properties = contract["schema"][0]["properties"]
    key = [one["name"] for one in properties if one.get("primaryKey")]
    custom = {one["property"]: one["value"] for one in contract["customProperties"]}
    dated_by = custom.get("periodDate")
    if dated_by is None:
        raise CannotBegin(
            f"The contract of {feed} has no periodDate, so no day says when its rows count. Write "
            "the fact and the model by hand; docs/how_to/indicators.md says how."
        )
    names = {one["name"] for one in own}
    model = f"int_indicators_{feed}"
    values = {
        "feed": feed,
        "columns": own,
        "key": key,
        "dated_by": dated_by,
        "municipality": "municipality" if "municipality" in names else "cast(null as varchar)",
        "todo": TODO,
    }
    marts, models = _DBT / "models" / "marts", _DBT / MODELS
    draft.add(marts / f"fct_{feed}.sql", "fact.sql.j2", **values)
    draft.add(marts / f"fct_{feed}.yml", "fact.yml.j2", **values)
    draft.add(models / f"{model}.sql", "model.sql.j2", **values)
    example = draft.read(models / "int_indicators_meetings.yml")
    columns = example[example.index("    config:\n") :]
    draft.texts[models / f"{model}.yml"] = (
        f"models:\n  - name: {model}\n    description: >\n"
        "      One row per indicator, area, period and breakdown value, of the indicators whose\n"
        f"      numerator is counted from {feed}.\n{columns}"
    )
    listed = draft.read(_DBT / LIST)
    models_of = sorted({*re.findall(r"'(int_indicators_\w+)'", listed), model})
    lines = "".join(f"        '{name}',\n" for name in models_of)
    draft.change(
        _DBT / LIST, re.sub(r"(\(\[\n)(.*?)(    \]\))", rf"\1{lines}\3", listed, flags=re.DOTALL)
    )
    return model, f"rows_of_{feed}"


def _begin_unit_test(draft: Draft, code: str, model: str, refs: tuple[str, ...]) -> None:
    """Add a unit test that fails until it is filled in."""
    theme, _, name = code.partition(".")
    folder = _DBT / MODELS
    files = sorted((draft.repository / folder).glob(f"unit_tests_{theme}*.yml"))
    path = files[0].relative_to(draft.repository) if files else folder / f"unit_tests_{theme}.yml"
    before = draft.read(path).rstrip("\n") + "\n" if files else "unit_tests:"
    lines = [
        "",
        f"  - name: {name}_is_computed_by_hand",
        f"    description: {TODO} fill in the rows given and the values expected.",
        f"    model: {model}",
        f"    overrides: {{vars: {{indicators_like: {code}}}}}",
        "    given:",
    ]
    for ref in refs:
        lines.append(f"      - input: ref('{ref}')")
        is_seed = ref == "indicator_declarations"
        lines += (
            ["        format: sql", "        rows: select * from codes.indicator_declarations"]
            if is_seed
            else ["        rows: []"]
        )
    lines += [
        "    expect:",
        "      rows:",
        f"        - {{indicator: {TODO} fill in, numerator: 1}}",
    ]
    draft.change(path, before + "\n".join(lines) + "\n")


def _with_line(specification: str, theme: str, code: str, feed: str) -> str:
    """Add the indicator after the last one of its theme, with as many cells as the table has."""
    lines = specification.splitlines(keepends=True)
    places = [place for place, line in enumerate(lines) if line.startswith(f"| {theme}.")]
    if not places:
        raise CannotBegin(
            f"{_SPECIFICATION.as_posix()} has no table of the theme {theme}. Write it first."
        )
    has_periods = lines[places[-1]].count("|") > 5
    period = " month, year |" if has_periods else ""
    lines.insert(places[-1] + 1, f"| {code} (`{feed}`) | {TODO} formula | |{period} |\n")
    return "".join(lines)
