"""The seed that dbt reads the declarations from."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from vuosikello.warehouse.indicator_declarations.model import Chart, IndicatorDeclaration, KeyFigure


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
        "key_figure_in": "|".join(_key_figure(key) for key in one.presentation.key_figure_in),
        "charts": "|".join(_chart(chart) for chart in one.presentation.charts),
    }


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _key_figure(key: KeyFigure) -> str:
    """Where it is a key figure, as ``surface`` or ``surface@place``."""
    return key.surface if key.place is None else f"{key.surface}@{key.place}"


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
