"""The grains of the indicator models, read from the models' files without running dbt.

A model ``int_indicators_<fact>.sql`` begins with its grains as Jinja dictionaries and
``{% set grains = [...] %}``; its SQL follows after ``with``. Only that head is evaluated here, so
that a declaration can be checked in a second. This module knows nothing of declarations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

MODELS = Path("models") / "indicators"
"""Where the models are, in the dbt project."""

LIST = Path("macros") / "indicators" / "indicator_models.sql"
"""The macro that names every model."""

_TIMES = ("month", "year", "last_day")

PEOPLE = "_people"
"""``<measure>_people`` is the number of distinct people for whom the measure is not 0."""


@dataclass(frozen=True, slots=True)
class Grain:
    """The rows of one fact as a model lays them out.

    Attributes:
        name: the CTE ``<name>_rows`` of the model.
        feed: the feed that the rows come in; None where they are computed.
        measures: columns that are summed.
        dims: breakdowns that the rows can be divided by.
        counts_people: whether each measure has a ``<measure>_people``.
        undivided: whether the rows have an undivided cell too.
        time: when a row counts: ``month``, ``year`` or ``last_day``.
        unit_count: the measure that is the number of distinct units; None: it has none.
        quantile_of: the number of days that quantiles are of; None: it has none.
    """

    name: str
    feed: str | None
    measures: tuple[str, ...]
    dims: tuple[str, ...]
    counts_people: bool
    undivided: bool
    time: str
    unit_count: str | None
    quantile_of: str | None

    @property
    def nameable(self) -> tuple[str, ...]:
        """What a declaration may name as its numerator."""
        people = [f"{measure}{PEOPLE}" for measure in self.measures] if self.counts_people else []
        days = [self.quantile_of] if self.quantile_of else []
        return (*self.measures, *people, *days)

    def adds_up(self, measure: str) -> bool:
        """Whether the measure of a period is the sum of those of its months."""
        return self.time == "month" and measure in self.measures and measure != self.unit_count


@dataclass(frozen=True, slots=True)
class IndicatorModel:
    """A model of indicators.

    Attributes:
        name: name of the model.
        file: its file.
        grains: its grains, in the order of the file.
        has_population: whether ``population`` is a measure of the model too.
        is_listed: whether the macro ``indicator_models`` names it, so that its values are read.
    """

    name: str
    file: Path
    grains: tuple[Grain, ...]
    has_population: bool
    is_listed: bool

    def grains_with(self, measure: str | None) -> tuple[Grain, ...]:
        """The grains that have a measure, or the ``<measure>_people`` of one."""
        return tuple(grain for grain in self.grains if measure in grain.nameable)

    @property
    def nameable(self) -> frozenset[str]:
        """What a declaration may name as its numerator or denominator."""
        names = {name for grain in self.grains for name in grain.nameable}
        return frozenset(names | ({"population"} if self.has_population else set()))

    @property
    def measures(self) -> frozenset[str]:
        """The measures of all grains."""
        return frozenset(measure for grain in self.grains for measure in grain.measures)

    @property
    def counted(self) -> frozenset[str]:
        """The measures whose people can be counted."""
        return frozenset(
            measure for grain in self.grains if grain.counts_people for measure in grain.measures
        )

    @property
    def dims(self) -> frozenset[str]:
        """What values of the model can be divided by."""
        return frozenset(dim for grain in self.grains for dim in grain.dims)

    @property
    def quantiles(self) -> frozenset[str]:
        """The numbers of days that quantiles of the model are of."""
        return frozenset(grain.quantile_of for grain in self.grains if grain.quantile_of)


def read_models(project: Path) -> list[IndicatorModel]:
    """Read the grains of every model of indicators, by name of the model.

    Args:
        project: folder of the dbt project.

    Raises:
        ValueError: the head of a model cannot be read; the message names the file.
    """
    listed = (project / LIST).read_text(encoding="utf-8")
    return [
        _model(file, f"'{file.stem}'" in listed)
        for file in sorted((project / MODELS).glob("int_indicators_*.sql"))
    ]


def _model(file: Path, is_listed: bool) -> IndicatorModel:
    text = file.read_text(encoding="utf-8")
    head = text.partition("\nwith\n")[0]
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701
    try:
        module = environment.from_string(head, globals={"var": lambda name: name}).module
        grains = [_grain(one) for one in _grains(module)]
    except (jinja2.TemplateError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{file}: the grains cannot be read ({error}). Begin the model with its grains as "
            "dictionaries and `{% set grains = [...] %}`, then the line `with`; "
            "roll_up/driver.sql says what a grain holds."
        ) from error
    return IndicatorModel(file.stem, file, tuple(grains), "population=true" in text, is_listed)


def _grains(module: object) -> Sequence[Mapping[str, Any]]:
    grains: Sequence[Mapping[str, Any]] = module.grains  # type: ignore[attr-defined]
    return grains


def _grain(given: Mapping[str, Any]) -> Grain:
    time = given.get("time")
    if time not in _TIMES:
        has = f"has the time '{time}'" if time else "has no time"
        raise LookupError(
            f"the grain {given.get('name', '(without name)')} {has}; write 'time': 'month', 'year' "
            "or 'last_day'"
        )
    unit_count = given.get("unit_count")
    return Grain(
        name=given["name"],
        feed=given.get("feed"),
        measures=(*([unit_count] if unit_count else []), *given["measures"]),
        dims=tuple(given.get("dims", ())),
        counts_people=bool(given.get("people")),
        undivided=given.get("undivided", True),
        time=time,
        unit_count=unit_count,
        quantile_of=given.get("quantile_of"),
    )
