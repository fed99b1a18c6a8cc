"""What a declaration holds, and reading one from YAML.

The descriptions of the fields say what to write; they are part of the messages.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from common.yaml_text import parsed

DECLARATIONS = Path("dbt_project") / "indicators"
"""Where the declarations are, in the repository."""

AreaType = Literal["country", "welfare_area", "organisation", "municipality", "team"]
PeriodType = Literal["month", "quarter", "year", "rolling_year"]
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
        None,
        description="the measure that makes the denominator; absent for a count or a quantile",
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


class KeyFigure(_Part):
    """Something published that shows the indicator among the key figures of its theme."""

    surface: Literal["pages", "report"] = Field(
        description="pages (of an area and the front page) or report (the social report)"
    )
    place: int | None = Field(
        None,
        ge=1,
        description="its place among the theme's key figures of the report, a number from 1; "
        "leave it out for pages, which follow position",
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
    key_figure_in: tuple[KeyFigure, ...] = Field(
        (), description="where the indicator stands for its theme; [] for nowhere"
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
    kind: Literal["count", "share", "ratio", "quantile"] = Field(
        description="count; share (the numerator is a part of the denominator); quantile (of a "
        "number of days); ratio (any other)"
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
        min_length=1, description="country, welfare_area, organisation, municipality, team, or some"
    )
    period_types: tuple[PeriodType, ...] = Field(
        min_length=1, description="[month, quarter, year, rolling_year], or some"
    )
    direction: Literal["up", "down", "none"] = Field(description="which way is better")
    target: Target | None = Field(None, description="value and operator; leave it out for none")
    source: Line | None = Field(
        None, description="document and place that the indicator or its target is from"
    )
    personal: bool = Field(description="true if it is about people who could be recognized")
    personal_reason: Line = Field(
        description="why it is or is not about people, by what its rows tell; one sentence"
    )
    persons_kind: Literal["clients", "workers", "respondents", "contacted"] | None = Field(
        None,
        description="who they are (contacted: met in outreach, counted and not identified); leave "
        "it out where personal is false",
    )
    presentation: Presentation = Field(description="position, key_figure_in and charts")

    @property
    def theme(self) -> str:
        """The theme: the first part of the code."""
        return self.code.partition(".")[0]


class WrongDeclaration(ValueError):
    """One or more declarations are wrong.

    Attributes:
        problems: a sentence or two each: file, field, what is wrong, what to write.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def file_of(code: str) -> Path:
    """The file of an indicator's declaration, in the repository."""
    theme, _, name = code.partition(".")
    return DECLARATIONS / theme / f"{name}.yml"


def parse(text: str, name: str) -> IndicatorDeclaration:
    """Read one declaration.

    Args:
        text: content of the YAML file.
        name: the file, for messages.

    Raises:
        WrongDeclaration: it is not YAML, or a field is missing, unknown or of another type.
    """
    try:
        document = parsed(text)
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
        "key_figure_in": KeyFigure,
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
