"""Checks of a declaration against the rest of it and of the project.

Each check gives sentences: what is wrong, and what to write. What is checked here would otherwise
stop a build with an error in compiled SQL, or silently give an indicator no values.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vuosikello.warehouse.grains import PEOPLE, IndicatorModel
from vuosikello.warehouse.indicator_declarations.model import IndicatorDeclaration, file_of


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
        *_check_cells(declaration),
        *_check_persons(declaration),
        *_check_key_figures(declaration),
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
    if one.kind == "quantile" and measures.denominator is not None:
        yield (
            f"measures.denominator is {measures.denominator}, and a quantile has none: its value "
            "is a number of days. Remove it, or write another kind."
        )
    if one.kind == "quantile" and (one.breakdowns, one.breakdown_rule) != (("quantile",), "each"):
        yield (
            "kind is quantile, and its values are the quantiles and nothing else. Write "
            "breakdowns: [quantile] and breakdown_rule: each."
        )
    if one.kind != "quantile" and "quantile" in one.breakdowns:
        yield (
            f"breakdowns has quantile, and kind is {one.kind}. Write kind: quantile, or remove it."
        )
    if one.kind in ("share", "ratio") and measures.denominator is None:
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


def _check_cells(one: IndicatorDeclaration) -> Iterable[str]:
    """Areas and periods that go together."""
    if "team" in one.areas and "municipality" not in one.areas:
        yield (
            "areas has team and no municipality. What is known of the team is known of the "
            "municipality: add municipality, or remove team."
        )
    if ("month" in one.period_types) != ("quarter" in one.period_types):
        missing = "quarter" if "month" in one.period_types else "month"
        yield (
            f"period_types has no {missing}. What has months has quarters, and the other way "
            f"round: add {missing}."
        )
    if "rolling_year" not in one.period_types:
        return
    if "month" not in one.period_types:
        yield (
            "period_types has rolling_year and no month, of which a rolling year is made. Add "
            "month and quarter, or remove rolling_year."
        )
    if one.kind == "quantile":
        yield (
            "period_types has rolling_year, and kind is quantile: only sums and shares of events "
            "have rolling years. Remove rolling_year."
        )


def _check_persons(one: IndicatorDeclaration) -> Iterable[str]:
    if one.personal and one.persons_kind is None:
        yield (
            "persons_kind is missing, and personal is true. Write clients, workers, respondents or "
            "contacted."
        )
    if not one.personal and one.persons_kind is not None:
        yield (
            f"persons_kind is {one.persons_kind}, and personal is false. Remove persons_kind, or "
            "write personal: true."
        )


def _check_key_figures(one: IndicatorDeclaration) -> Iterable[str]:
    surfaces = [key_figure.surface for key_figure in one.presentation.key_figure_in]
    for surface in sorted({surface for surface in surfaces if surfaces.count(surface) > 1}):
        yield (
            f"presentation.key_figure_in has {surface} more than once. An indicator has one place "
            "there: remove the others."
        )
    for key_figure in one.presentation.key_figure_in:
        if key_figure.surface == "pages" and key_figure.place is not None:
            yield (
                f"presentation.key_figure_in has pages with the place {key_figure.place}. Pages "
                "show the key figures in the order of position: remove place."
            )
        if key_figure.surface == "report" and key_figure.place is None:
            yield (
                "presentation.key_figure_in has report without a place. Write place: its place "
                "among the theme's key figures of the report, a number from 1."
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
    if not model.is_listed:
        yield (
            f"measures.numerator is {measures.numerator}, a measure of {model.name}, which is not "
            "in macros/indicators/indicator_models.sql. Add the model there: otherwise it has no "
            "values otherwise."
        )
    is_quantile = measures.numerator in model.quantiles
    if is_quantile != (one.kind == "quantile"):
        yield (
            f"kind is {one.kind}, and measures.numerator is {measures.numerator}, which is "
            f"{'a number of days' if is_quantile else 'no number of days'} that quantiles are of. "
            + (
                "Write kind: quantile, or another numerator."
                if is_quantile
                else f"Write one of {_listed(sorted(model.quantiles)) or 'another kind'}: the "
                "quantile_of of a grain."
            )
        )
        return
    if "rolling_year" in one.period_types:
        yield from _check_rolling_year(one, model)
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
    if is_quantile:
        return
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


def _check_rolling_year(one: IndicatorDeclaration, model: IndicatorModel) -> Iterable[str]:
    """A rolling year is made of the sums of its months, so all of it must be such sums."""
    for role, measure in (
        ("numerator", one.measures.numerator),
        ("denominator", one.measures.denominator),
    ):
        grains = model.grains_with(measure)
        if measure and not (grains and all(grain.adds_up(measure) for grain in grains)):
            yield (
                f"period_types has rolling_year, and measures.{role} is {measure}, which is no sum "
                "over months (a state, distinct people or units, the population). Remove "
                "rolling_year."
            )


def check_positions(declarations: Iterable[IndicatorDeclaration]) -> Iterable[str]:
    """Find positions that two indicators of one theme have."""
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
