"""An indicator of an area, ready for a page: its value, what it is compared with, and its charts.

Puts values into words. Writes no file; knows nothing of pages and links between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from exports.pages.charts import Charts
from exports.pages.comparability import (
    are_organisations_comparable,
    has_too_many_inhabitants,
    is_partial,
)
from exports.pages.content import Area, Cell, Content, Values
from exports.pages.figure_charts import Chart, FigureCharts
from exports.pages.links import anchor
from exports.pages.texts import DisplayValue, Texts
from exports.pages.verdicts import direction, verdict


@dataclass(frozen=True, slots=True)
class Figure:
    """An indicator of an area, as a page shows it; texts are in one language, empty where none.

    Attributes:
        code: the indicator's code.
        name: its name.
        definition: its definition.
        unit: its unit; empty for a share.
        current: the value of the release's year.
        previous: the value of the year before.
        change: how much the value changed.
        direction: ``better``, ``worse`` or ``unchanged``.
        target: the target with its sign.
        verdict: whether the target is met; see :func:`exports.pages.verdicts.verdict`.
        counted: what a share or rate is computed from.
        source: where the indicator comes from.
        compared_with: the values of wider areas, by name.
        missing_reason: why there is no value.
        rank: the place of an organisation among organisations.
        submitters: on how many organisations the value of a wider area rests.
        is_partial: whether those are only some of the area's organisations.
        caution: why the value is to be read with care.
        revised: what an earlier release published instead.
        is_only_divided: whether the indicator has no undivided value.
        has_data: whether there is any value of the year.
        charts: its charts.
    """

    code: str
    name: str
    definition: str
    unit: str
    current: DisplayValue
    previous: DisplayValue
    change: str
    direction: str
    target: str
    verdict: str
    counted: str
    source: str
    compared_with: tuple[tuple[str, DisplayValue], ...]
    missing_reason: str
    rank: str
    submitters: str
    is_partial: bool
    caution: str
    revised: str
    is_only_divided: bool
    has_data: bool
    charts: tuple[Chart, ...] = field(default=())

    @property
    def anchor(self) -> str:
        """The id of its element on a page."""
        return anchor(self.code)


class Figures:
    """Makes the figures of areas in one language.

    Attributes:
        content: the publication's tables.
        texts: the language.
    """

    def __init__(self, content: Content, texts: Texts, charts: Charts) -> None:
        self.content = content
        self.texts = texts
        self._charts = FigureCharts(content, texts, charts)

    def figure(
        self,
        area: Area,
        indicator: Mapping[str, Any],
        values: Values,
        *,
        with_charts: bool = False,
    ) -> Figure:
        """Make the figure of an indicator.

        Args:
            area: the area.
            indicator: its row in the catalogue.
            values: the values of the area.
            with_charts: whether its charts are drawn too.
        """
        code, unit = indicator["indicator"], indicator["unit"]
        texts, content = self.texts, self.content
        cell = values.cell(code, content.year)
        before = values.cell(code, content.before)
        is_only_divided = indicator["breakdown_rule"] != "within"
        has_data = code in values.indicators
        wider_values = tuple(
            (
                texts.words.area(*wider.key),
                texts.display(content.kept_values(wider).cell(code, content.year), unit),
            )
            for wider in content.wider(area)
            if not has_too_many_inhabitants(self.content, wider, indicator)
        )
        return Figure(
            code=code,
            name=indicator[f"label_{texts.language}"],
            definition=indicator[f"definition_{texts.language}"],
            unit=texts.unit(unit),
            current=texts.display(cell, unit),
            previous=texts.display(before, unit),
            change=texts.change(before, cell, unit),
            direction=direction(indicator, before, cell),
            target=texts.words.target(indicator),
            verdict="no_target" if is_only_divided else verdict(indicator, cell),
            counted=texts.counted(cell, unit),
            source=texts.source(indicator["source"]),
            compared_with=() if is_only_divided else wider_values,
            missing_reason="" if has_data else self._why_missing(area, indicator, values),
            rank=self._rank(area, indicator),
            submitters=self._submitters(area, code),
            is_partial=is_partial(content, area, code),
            caution=self._caution(area, indicator) if has_data else "",
            revised=self._revised(area, code, unit),
            is_only_divided=is_only_divided,
            has_data=has_data,
            charts=tuple(self._charts.all(area, indicator, values)) if with_charts else (),
        )

    def months(self, indicator: Mapping[str, Any], values: Values) -> Chart | None:
        """Draw the months of an indicator; None where too few have a value."""
        return next(self._charts.months(indicator, values), None)

    def _why_missing(self, area: Area, indicator: Mapping[str, Any], values: Values) -> str:
        feed = indicator["base_feed"]
        if area.type == "municipality":
            return self.texts.say("status.no_rows", feed=self.texts.feed(feed))
        if feed in values.feeds and indicator["kind"] != "count":
            return self.texts.say("status.not_computed")
        return self.texts.say("status.not_submitted", feed=self.texts.feed(feed))

    def _rank(self, area: Area, indicator: Mapping[str, Any]) -> str:
        code = indicator["indicator"]
        rank = self.content.ranks.get((code, area.code)) if area.type == "organisation" else None
        if rank is None or not are_organisations_comparable(self.content, indicator):
            return ""
        name = "rank_lowest" if rank["ranked_by"] == "lowest" else "rank_highest"
        place, of = rank["organisation_rank"], rank["organisations_ranked"]
        return self.texts.say(f"figure.{name}", rank=place, of=of)

    def _submitters(self, area: Area, code: str) -> str:
        """Say on how many organisations the value of a wider area rests."""
        if area.type not in ("country", "welfare_area"):
            return ""
        found = self.content.submitters(code, area.welfare_area)
        if not found:
            return ""
        if len(found) == 1:
            return self.texts.say("figure.organisations_one")
        return self.texts.say("figure.organisations_many", count=len(found))

    def _caution(self, area: Area, indicator: Mapping[str, Any]) -> str:
        if not has_too_many_inhabitants(self.content, area, indicator):
            return ""
        of = "organisation" if area.type == "organisation" else "area"
        return self.texts.say(f"figure.population_of_{of}")

    def _revised(self, area: Area, code: str, unit: str) -> str:
        for row in self.content.revisions.get(area.key, ()):
            if row["indicator"] == code:
                old = self.texts.in_sentence(Cell(row["old_status"], row["old_value"]), unit)
                return self.texts.say("figure.revised", corrects=row["corrects"], old=old)
        return ""
