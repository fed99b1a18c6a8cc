"""How the values, areas and codes of a publication are written for people.

A value is written by the unit of its indicator; what a code means comes from the tables of the
publication. How a language writes numbers and days is in ``common.formats``; the sentences of
pages, workbook and report are kept by each of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.formats import Language, format_number, format_percent
from exports.publication import Publication

SUPPRESSED = "‥"  # two dots, as Statistics Finland marks a number that may not be published
MISSING = "–"

# Units whose values are whole numbers.
_WHOLE = frozenset(
    {
        "relationships",
        "visits",
        "persons",
        "assessments",
        "measurements",
        "forms",
        "sessions",
        "workers",
        "observations",
        "themes",
        "measures",
        "meetings",
        "municipalities",
        "places",
    }
)


def value(value: float | None, unit: str, language: Language, status: str = "published") -> str:
    """Write an indicator's value as a person reads it.

    Args:
        value: the value; None where it is suppressed or missing.
        unit: the indicator's unit, as the catalogue names it; a share is written in percent.
        language: whose rules and signs.
        status: published, suppressed or missing.

    Returns:
        The number without its unit (but with %); ``‥`` where it is suppressed, ``–`` where missing.
    """
    if status == "suppressed":
        return SUPPRESSED
    if value is None:
        return MISSING
    if unit == "share":
        is_plain = value in (0, 1) or 0.1 <= value <= 0.9
        return format_percent(value, language, 0 if is_plain else 1, trailing_zeros=True)
    if unit in _WHOLE:
        return format_number(value, language)
    return format_number(value, language, 1 if abs(value) >= 10 else 2)


def decimals(unit: str) -> int:
    """Return how many decimals a unit's values are written with; of a share, its percentage."""
    return 0 if unit in _WHOLE else 1 if unit in ("share", "fte") else 2


def set_value(given: float, unit: str, language: Language) -> str:
    """Write a value that a person has set (a target, a mark of an axis): 95 %, not 95,0 %."""
    if unit == "share":
        return format_percent(given, language, 1)
    return value(given, unit, language)


def change(before: float | None, now: float | None, unit: str, language: Language) -> str:
    """Write how much a value changed, with its sign; empty where either value is None."""
    if before is None or now is None:
        return ""
    difference = now - before
    sign = "+" if difference > 0 else "\N{MINUS SIGN}" if difference < 0 else "±"
    if unit == "share":
        points = {"fi": "%-yks.", "sv": "%-enh.", "en": "pp"}[language]
        written = f"{format_number(abs(difference) * 100, language, 1)}\N{NO-BREAK SPACE}{points}"
    else:
        written = value(abs(difference), unit, language)
    if not any(digit in written for digit in "123456789"):
        sign = "±"  # the change is smaller than the decimals that are written
    return sign + written


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of a publication in one language, by code.

    Attributes:
        language: the language.
        labels: by kind and code, as the table ``labels``.
        areas: names by area type and code, also of organisations without a value.
        breakdown_values: names by breakdown and value.
    """

    language: Language
    labels: Mapping[tuple[str, str], str]
    areas: Mapping[tuple[str, str], str]
    breakdown_values: Mapping[tuple[str, str], str]

    def label(self, kind: str, code: str) -> str:
        """Return the name of a code of a kind; the code itself where it has no name."""
        return self.labels.get((kind, code), code)

    def area(self, area_type: str, area: str) -> str:
        """Return the name of an area; its code where it has no name."""
        return self.areas.get((area_type, area), area)

    def part(self, breakdown: str, breakdown_value: str) -> str:
        """Return the name of a breakdown value; its code where it has no name."""
        return self.breakdown_values.get((breakdown, breakdown_value), breakdown_value)

    def target(self, indicator: Mapping[str, Any]) -> str:
        """Write an indicator's target with its sign (≤ 35); empty where it has none."""
        if indicator["target"] is None:
            return ""
        sign = {"<=": "≤", ">=": "≥", "=": "="}[indicator["target_operator"]]
        return f"{sign} {set_value(indicator['target'], indicator['unit'], self.language)}"


def words(publication: Publication, language: Language) -> Words:
    """Read the texts of a publication in one language."""

    def texts(table: str, first: str, second: str) -> dict[tuple[str, str], str]:
        query = f'SELECT {first}, {second}, label_{language} AS text FROM "{table}"'
        return {(row[first], row[second]): row["text"] for row in publication.rows(query)}

    return Words(
        language,
        texts("labels", "kind", "code"),
        texts("submitters", "area_type", "area") | texts("areas", "area_type", "area"),
        texts("breakdown_values", "breakdown", "breakdown_value"),
    )
