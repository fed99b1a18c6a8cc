"""The declarations of the indicators: one YAML file each, and the seed that dbt reads.

``dbt_project/indicators/<theme>/<code>.yml`` holds all that is said of an indicator: its texts, how
it is computed, what is aimed at, and how it is presented. From the files come the seed
``indicator_declarations.csv`` and the reference pages; both are committed, and lint checks them:

    python -m vuosikello.warehouse.indicator_declarations [--check]

A wrong declaration is reported in a sentence with its file, the field, and what to write. This
module reads files of the repository only; it knows neither dbt nor a home folder.
"""

from __future__ import annotations

import argparse
import csv
import difflib
import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from common.files import write_text
from vuosikello.warehouse.grains import PEOPLE, IndicatorModel, read_models

REPOSITORY = Path(__file__).resolve().parents[2]
COMMAND = "python -m vuosikello.warehouse.indicator_declarations"
SEED = Path("dbt_project") / "seeds" / "indicators" / "indicator_declarations.csv"
DECLARATIONS = Path("dbt_project") / "indicators"

AreaType = Literal["country", "welfare_area", "organisation", "municipality"]
PeriodType = Literal["month", "year"]
Line = Annotated[str, Field(min_length=1, pattern=r"^\S(.*\S)?$")]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Texts(_Part):
    """A text in the three languages."""

    fi: Line = Field(description="the text in Finnish, on one line")
    sv: Line = Field(description="the text in Swedish, on one line")
    en: Line = Field(description="the text in English, on one line")


class Measures(_Part):
    """The measures that the value is made of: columns of the grains of one model."""

    numerator: Code = Field(description="the measure that makes the numerator")
    multiplier: int = Field(1, gt=0, description="what the numerator is multiplied by")
    divisor: int = Field(1, gt=0, description="what the numerator is divided by")
    denominator: Code | None = Field(
        None, description="the measure that makes the denominator; leave it out for a count"
    )
    complement: Code | None = Field(
        None, description="of a share: the measure of what the numerator leaves of the denominator"
    )
    persons: Code | None = Field(
        None, description="the measure whose distinct people are the persons of the value"
    )
    events: Code = Field(description="the measure that counts the rows of the source feed")


class Target(_Part):
    """What is aimed at."""

    value: int | float = Field(description="the value aimed at, a number")
    operator: Literal["<=", ">=", "="] = Field(
        description="how the value is compared with the target, in quotation marks"
    )


class Chart(_Part):
    """A chart of the workbook."""

    kind: Literal["areas", "parts", "months"] = Field(
        description="areas (compare areas), parts (of a breakdown) or months"
    )
    breakdown: Code | None = Field(None, description="the breakdown whose parts are shown")
    place: int = Field(
        ge=1,
        description="its place among the theme's charts; the first with numbers are drawn",
    )


class Presentation(_Part):
    """Where and how the indicator is shown."""

    position: int = Field(ge=1, description="the place among the indicators of the theme, from 1")
    is_key_figure: bool = Field(
        False, description="true if the indicator stands for its theme on an area's page"
    )
    charts: tuple[Chart, ...] = Field((), description="the charts of the workbook; [] for none")


class IndicatorDeclaration(_Part):
    """All that is said of one indicator. The descriptions of the fields say what to write."""

    code: str = Field(
        pattern=r"^[a-z]+\.[a-z][a-z0-9_]*$", description="<theme>.<name of the file>"
    )
    version: int = Field(ge=1, description="1, and one more with each change of the definition")
    valid_from: date = Field(description="the day from which this version holds, as 2026-01-01")
    label: Texts = Field(description="the name in three languages, below fi, sv and en")
    definition: Texts = Field(description="what is counted, below fi, sv and en")
    unit: Code = Field(description="a code of kind `unit` in indicator_labels.csv")
    formula: Line = Field(
        description="numerator / denominator in words; of a count, what it counts"
    )
    kind: Literal["count", "share", "ratio"] = Field(
        description="count; share (the numerator is a part of the denominator); ratio (any other)"
    )
    base_feed: Code = Field(description="the feed whose coverage decides whether there is a value")
    measures: Measures = Field(description="the measures, at least numerator and events")
    breakdowns: tuple[Code, ...] = Field(
        (), description="what the value can be divided by; [] for nothing"
    )
    breakdown_rule: Literal["within", "each", "only"] = Field(
        "within",
        description="within: numerator and denominator of the part, and an undivided row; each: "
        "the same without the undivided row; only: the part over the undivided denominator",
    )
    parts_disjoint: bool = Field(
        False, description="for `only`: true if no unit can be in two parts of the whole"
    )
    areas: tuple[AreaType, ...] = Field(
        min_length=1, description="country, welfare_area, organisation, municipality, or some"
    )
    period_types: tuple[PeriodType, ...] = Field(
        min_length=1, description="[month, year] or [year]"
    )
    direction: Literal["up", "down", "none"] = Field(description="which way is better")
    target: Target | None = Field(None, description="value and operator; leave it out for none")
    source: Line | None = Field(
        None, description="document and place that the indicator or its target is from"
    )
    personal: bool = Field(description="true if it is about people who could be recognized")
    persons_kind: Literal["clients", "workers", "respondents"] | None = Field(
        None, description="who they are; leave it out where personal is false"
    )
    presentation: Presentation = Field(description="position, is_key_figure and charts")

    @property
    def theme(self) -> str:
        """The theme: the first part of the code."""
        return self.code.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes that a declaration may name.

    Attributes:
        themes: in their order.
        units: of values.
        breakdowns: that have a label.
        feeds: that have a contract.
    """

    themes: tuple[str, ...]
    units: frozenset[str]
    breakdowns: frozenset[str]
    feeds: frozenset[str]


class WrongDeclaration(ValueError):
    """One or more declarations are wrong.

    Attributes:
        problems: a sentence or two each: file, field, what is wrong, what to write.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def read_codes(repository: Path) -> Codes:
    """Read the codes that a declaration may name from the seeds and the contracts."""
    labels = repository / SEED.with_name("indicator_labels.csv")
    codes: dict[str, list[str]] = {}
    with labels.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            codes.setdefault(row["kind"], []).append(row["code"])
    feeds = frozenset(path.stem for path in (repository / "ingest" / "contracts").glob("*.yaml"))
    return Codes(
        themes=tuple(codes["theme"]),
        units=frozenset(codes["unit"]),
        breakdowns=frozenset(codes["breakdown"]) - {"none"},
        feeds=feeds,
    )


def read_declarations(repository: Path = REPOSITORY) -> list[IndicatorDeclaration]:
    """Read and check every declaration, by theme and position.

    Args:
        repository: a checkout of the repository.

    Raises:
        WrongDeclaration: something is wrong; it names every problem found.
    """
    codes = read_codes(repository)
    problems: list[str] = []
    try:
        models = read_models(repository / "dbt_project")
    except ValueError as error:
        raise WrongDeclaration([_relative(str(error), repository)]) from error
    declarations: list[IndicatorDeclaration] = []
    for path in sorted((repository / DECLARATIONS).rglob("*.y*ml")):
        name = path.relative_to(repository).as_posix()
        try:
            declaration = parse(path.read_text(encoding="utf-8"), name)
        except WrongDeclaration as error:
            problems += error.problems
            continue
        problems += check(declaration, name, codes, models)
        declarations.append(declaration)
    problems += _check_positions(declarations)
    if problems:
        raise WrongDeclaration(problems)
    places = {theme: place for place, theme in enumerate(codes.themes)}
    return sorted(declarations, key=lambda one: (places[one.theme], one.presentation.position))


def _relative(message: str, repository: Path) -> str:
    return message.replace(f"{repository}/", "")


def file_of(code: str) -> Path:
    """The file of an indicator's declaration, in the repository."""
    theme, _, name = code.partition(".")
    return DECLARATIONS / theme / f"{name}.yml"


# --- one file -----------------------------------------------------------------------------------


def parse(text: str, name: str) -> IndicatorDeclaration:
    """Read one declaration.

    Args:
        text: content of the YAML file.
        name: the file, for messages.

    Raises:
        WrongDeclaration: it is not YAML, or a field is missing, unknown or of another type.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise WrongDeclaration(
            [f"{name}: this is not YAML ({reason}). Put texts with `: ` or `#` in quotation marks."]
        ) from error
    if not isinstance(document, dict):
        raise WrongDeclaration([f"{name}: the file is empty. Write the fields, one a line."])
    try:
        return IndicatorDeclaration.model_validate(document)
    except ValidationError as error:
        raise WrongDeclaration([_sentence(name, one) for one in error.errors()]) from error


def _sentence(name: str, error: Mapping[str, Any]) -> str:
    """Say one of pydantic's errors as a sentence that names the field and what to write."""
    field = ".".join(str(step) for step in error["loc"] if step not in {"int", "float"})
    part, described = _described(error["loc"])
    write = f"Write {described}." if described else ""
    match error["type"]:
        case "missing":
            return f"{name}: {field} is missing. {write}"
        case "extra_forbidden":
            near = difflib.get_close_matches(str(error["loc"][-1]), part.model_fields, 1)
            meant = f" Did you mean {near[0]}?" if near else ""
            known = ", ".join(part.model_fields)
            return f"{name}: {field} is not a field of a declaration.{meant} Write one of {known}."
        case "literal_error":
            return (
                f"{name}: {field} is {error['input']!r}. Write {error['ctx']['expected']}: "
                f"{described}."
            )
        case _:
            return f"{name}: {field} is {error['input']!r}: {error['msg'].lower()}. {write}"


def _described(location: Sequence[int | str]) -> tuple[type[BaseModel], str | None]:
    """Find the part of the declaration that a field belongs to, and what its description says."""
    part: type[BaseModel] = IndicatorDeclaration
    parts: Mapping[str, type[BaseModel]] = {
        "label": Texts,
        "definition": Texts,
        "measures": Measures,
        "target": Target,
        "presentation": Presentation,
        "charts": Chart,
    }
    described: str | None = None
    for place, step in enumerate(location):
        field = part.model_fields.get(str(step))
        if field is not None:
            described = field.description
        elif isinstance(step, str) and step not in {"int", "float"}:
            described = None
        is_last = all(isinstance(after, int) for after in location[place + 1 :])
        if not is_last and str(step) in parts:
            part = parts[str(step)]
    return part, described


def check(
    declaration: IndicatorDeclaration, name: str, codes: Codes, models: Iterable[IndicatorModel]
) -> list[str]:
    """Check what is said in one declaration against the rest of it and of the project.

    Args:
        declaration: what the file says.
        name: the file, for messages.
        codes: the codes that it may name.
        models: the models of indicators with their grains.

    Returns:
        What is wrong, a sentence or two each.
    """
    problems = [
        *_check_place(declaration, name, codes),
        *_check_codes(declaration, codes),
        *_check_kind(declaration),
        *_check_persons(declaration),
        *_check_charts(declaration),
        *_check_measures(declaration, list(models)),
    ]
    return [f"{name}: {problem}" for problem in problems]


def _check_place(one: IndicatorDeclaration, name: str, codes: Codes) -> Iterable[str]:
    if one.theme not in codes.themes:
        yield (
            f"code is {one.code}, and there is no theme {one.theme}. Begin the code with one of "
            f"{_listed(codes.themes)}, or add the theme to indicator_labels.csv."
        )
    expected = file_of(one.code).as_posix()
    if name != expected:
        yield f"code is {one.code}. Move the file to {expected}, or correct the code."


def _check_codes(one: IndicatorDeclaration, codes: Codes) -> Iterable[str]:
    if one.base_feed not in codes.feeds:
        yield (
            f"base_feed is {one.base_feed}, which no contract defines. "
            f"Write one of {_listed(sorted(codes.feeds))}.{_meant(one.base_feed, codes.feeds)}"
        )
    if one.unit not in codes.units:
        yield (
            f"unit is {one.unit}, which has no label. Write a code of kind `unit` of "
            f"indicator_labels.csv, or add it there.{_meant(one.unit, codes.units)}"
        )
    for breakdown in one.breakdowns:
        if breakdown not in codes.breakdowns:
            yield (
                f"breakdowns has {breakdown}, which has no label. Write a code of kind `breakdown` "
                "of indicator_labels.csv, or add it there."
                f"{_meant(breakdown, codes.breakdowns)}"
            )


def _check_kind(one: IndicatorDeclaration) -> Iterable[str]:
    measures = one.measures
    if one.kind == "count" and measures.denominator is not None:
        yield (
            f"measures.denominator is {measures.denominator}, and a count has none. Remove it, or "
            "write kind: share or kind: ratio."
        )
    if one.kind != "count" and measures.denominator is None:
        yield (
            f"measures.denominator is missing, and a {one.kind} needs one. Write the measure, or "
            "kind: count."
        )
    if one.kind != "share" and measures.complement is not None:
        yield (
            f"measures.complement is {measures.complement}, and only a share has one. Remove it, "
            "or write kind: share."
        )
    if one.breakdown_rule != "within" and not one.breakdowns:
        yield (
            f"breakdown_rule is {one.breakdown_rule}, which gives no undivided row, and breakdowns "
            "is empty: there would be no value. Name a breakdown, or write breakdown_rule: within."
        )
    if one.parts_disjoint and one.breakdown_rule != "only":
        yield (
            f"parts_disjoint is true, and breakdown_rule is {one.breakdown_rule}. Only the rule "
            "`only` has parts of a whole: remove parts_disjoint."
        )


def _check_persons(one: IndicatorDeclaration) -> Iterable[str]:
    if one.personal and one.persons_kind is None:
        yield (
            "persons_kind is missing, and personal is true. Write clients, workers or respondents."
        )
    if not one.personal and one.persons_kind is not None:
        yield (
            f"persons_kind is {one.persons_kind}, and personal is false. Remove persons_kind, or "
            "write personal: true."
        )


def _check_charts(one: IndicatorDeclaration) -> Iterable[str]:
    for chart in one.presentation.charts:
        if chart.kind == "parts":
            if chart.breakdown not in one.breakdowns:
                yield (
                    f"presentation.charts has parts of {chart.breakdown}, and the value is not "
                    f"divided by it. Write breakdown: {' or '.join(one.breakdowns) or 'nothing'}."
                )
            continue
        if chart.breakdown is not None:
            yield (
                f"presentation.charts has {chart.kind} with the breakdown {chart.breakdown}. A "
                f"chart of {chart.kind} shows the undivided value: remove breakdown, or write "
                "kind: parts."
            )
        if one.breakdown_rule != "within":
            yield (
                f"presentation.charts has {chart.kind}, and breakdown_rule {one.breakdown_rule} "
                "gives no undivided value to draw. Write kind: parts with a breakdown."
            )
        if chart.kind == "months" and "month" not in one.period_types:
            yield (
                "presentation.charts has months, and period_types has no month. Remove the chart, "
                "or add month."
            )


def _check_measures(one: IndicatorDeclaration, models: Sequence[IndicatorModel]) -> Iterable[str]:
    measures = one.measures
    found = [model for model in models if model.grains_with(measures.numerator)]
    if not found:
        every = {name for model in models for name in model.nameable}
        yield (
            f"measures.numerator is {measures.numerator}, which no grain has. Write a measure of "
            "a model int_indicators_*, or add it to the grain's rows and measures."
            f"{_meant(measures.numerator, every)}"
        )
        return
    if len(found) > 1:
        names = _listed([model.name for model in found])
        yield (
            f"measures.numerator is {measures.numerator}, which the models {names} have. Each "
            "measure belongs to one model: rename it in one of them."
        )
        return
    (model,) = found
    roles = (
        ("denominator", measures.denominator, model.nameable),
        ("complement", measures.complement, model.counted),
        ("persons", measures.persons, model.counted),
        ("events", measures.events, model.measures),
    )
    for role, measure, known in roles:
        if measure is None or measure in known:
            continue
        if measure in model.measures:
            yield (
                f"measures.{role} is {measure}, whose people the model {model.name} does not "
                "count. Give its grain `people`, or write a measure of a grain that has it: "
                f"{_listed(sorted(known)) or 'there is none'}."
            )
            continue
        if measure == "population":
            yield (
                f"measures.{role} is population, which the model {model.name} does not have. "
                "Write indicator_rows(grains, population=true) at the end of the model."
            )
            continue
        yield (
            f"measures.{role} is {measure}, which no grain of the model {model.name} has. Write "
            f"one of {_listed(sorted(known))}.{_meant(measure, known)}"
        )
    base = measures.numerator.removesuffix(PEOPLE)
    grains = [grain for grain in model.grains if base in grain.measures]
    dims = {dim for grain in grains for dim in grain.dims}
    for breakdown in one.breakdowns:
        if breakdown not in dims:
            yield (
                f"breakdowns has {breakdown}, which no grain with the measure {base} of the model "
                f"{model.name} can be divided by. Write {' or '.join(sorted(dims)) or 'nothing'}, "
                "or add it to the grain's dims."
            )


def _check_positions(declarations: Iterable[IndicatorDeclaration]) -> Iterable[str]:
    taken: dict[tuple[str, int], str] = {}
    for one in declarations:
        place = (one.theme, one.presentation.position)
        if place in taken:
            free = 1 + max(position for theme, position in taken if theme == one.theme)
            yield (
                f"{file_of(one.code).as_posix()}: presentation.position is {place[1]}, which "
                f"{taken[place]} has too. Write {free} to come last, or renumber the theme."
            )
        taken[place] = one.code


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def _meant(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), 1)
    return f" Did you mean {near[0]}?" if near else ""


# --- the seed -----------------------------------------------------------------------------------


def seed_row(one: IndicatorDeclaration) -> dict[str, str]:
    """The row of the seed ``indicator_declarations``: lists with ``|`` between their codes."""
    measures, target = one.measures, one.target
    return {
        "indicator": one.code,
        "theme": one.theme,
        "label_fi": one.label.fi,
        "label_sv": one.label.sv,
        "label_en": one.label.en,
        "definition_fi": one.definition.fi,
        "definition_sv": one.definition.sv,
        "definition_en": one.definition.en,
        "formula": one.formula,
        "unit": one.unit,
        "kind": one.kind,
        "base_feed": one.base_feed,
        "numerator": measures.numerator,
        "multiplier": str(measures.multiplier),
        "divisor": str(measures.divisor),
        "denominator": measures.denominator or "",
        "complement": measures.complement or "",
        "persons": measures.persons or "",
        "events": measures.events,
        "breakdowns": "|".join(one.breakdowns),
        "breakdown_rule": one.breakdown_rule,
        "parts_disjoint": _boolean(one.parts_disjoint),
        "areas": "|".join(one.areas),
        "period_types": "|".join(one.period_types),
        "direction": one.direction,
        "target": str(target.value) if target else "",
        "target_operator": target.operator if target else "",
        "personal": _boolean(one.personal),
        "persons_kind": one.persons_kind or "",
        "source": one.source or "",
        "version": str(one.version),
        "valid_from": one.valid_from.isoformat(),
        "position": str(one.presentation.position),
        "is_key_figure": _boolean(one.presentation.is_key_figure),
        "charts": "|".join(_chart(chart) for chart in one.presentation.charts),
    }


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _chart(chart: Chart) -> str:
    """One chart as ``kind@place`` or ``kind:breakdown@place``."""
    breakdown = f":{chart.breakdown}" if chart.breakdown else ""
    return f"{chart.kind}{breakdown}@{chart.place}"


def seed(declarations: Sequence[IndicatorDeclaration]) -> str:
    """The seed ``indicator_declarations.csv``: one row per declaration, in their order."""
    rows = [seed_row(one) for one in declarations]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


# --- what is generated --------------------------------------------------------------------------


def generated(repository: Path = REPOSITORY) -> dict[Path, str]:
    """Make every generated file, by its path in the repository.

    Raises:
        WrongDeclaration: a declaration is wrong.
    """
    return {SEED: seed(read_declarations(repository))}


def differences(files: Mapping[Path, str], repository: Path = REPOSITORY) -> list[str]:
    """Compare generated files with the repository's; return a sentence for each that differs."""
    found: list[str] = []
    for path, text in files.items():
        target = repository / path
        if not target.is_file() or target.read_bytes() != text.encode():
            found.append(f"{path.as_posix()} is not what the declarations say. Run: {COMMAND}")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Write what is generated, or compare it; return 0 if all is well."""
    parser = argparse.ArgumentParser(
        prog=COMMAND, description="Write the seed and the pages from the indicator declarations."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail if files differ")
    parser.add_argument("--repository", type=Path, default=REPOSITORY, help="another checkout")
    options = parser.parse_args(arguments)
    try:
        files = generated(options.repository)
    except WrongDeclaration as error:
        print(error, file=sys.stderr)
        return 1
    if options.check:
        problems = differences(files, options.repository)
        if problems:
            print("\n".join(problems), file=sys.stderr)
        return 1 if problems else 0
    for path, text in files.items():
        target = options.repository / path
        target.parent.mkdir(parents=True, exist_ok=True)
        write_text(target, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
