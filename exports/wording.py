"""How numbers, areas and codes are written for people, in Finnish, Swedish and English.

Numbers by Babel's rules of each language; texts from the tables of the publication, which have
them from the catalogue. Sentences of pages, workbook and report stand with these themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from babel.dates import format_date, get_month_names
from babel.numbers import format_decimal, format_percent

from exports.publication import Publication

Language = Literal["fi", "sv", "en"]
LANGUAGES: tuple[Language, ...] = ("fi", "sv", "en")
_LOCALES = {"fi": "fi_FI", "sv": "sv_FI", "en": "en_GB"}

SUPPRESSED = "‥"  # two dots: the sign that Statistics Finland uses for what may not be told
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


def number(value: float, language: Language, decimals: int = 1) -> str:
    """Write a number by the language's rules, with at most so many decimals."""
    pattern = "#,##0" + ("." + "#" * decimals if decimals else "")
    written = format_decimal(value, format=pattern, locale=_LOCALES[language])
    return written.replace("-", "\N{MINUS SIGN}")


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
        return _percent(value, language, "" if value in (0, 1) or 0.1 <= value <= 0.9 else ".0")
    if unit in _WHOLE:
        return number(value, language, 0)
    return number(value, language, 1 if abs(value) >= 10 else 2)


def decimals(unit: str) -> int:
    """Return how many decimals of a unit's values are worth telling; of a share, of its percent."""
    return 0 if unit in _WHOLE else 1 if unit in ("share", "fte") else 2


def as_set(given: float, unit: str, language: Language) -> str:
    """Write a value that a person has set (a target, a mark of an axis): 95 %, not 95,0 %."""
    if unit == "share":
        return _percent(given, language, ".#")
    return value(given, unit, language)


def _percent(share: float, language: Language, decimals: str) -> str:
    """Write a share in per cent; ``decimals`` as Babel's patterns have them."""
    space = "" if language == "en" else "\N{NO-BREAK SPACE}"
    pattern = f"#,##0{decimals}{space}%"
    return format_percent(
        share, format=pattern, locale=_LOCALES[language], decimal_quantization=True
    )


def change(before: float | None, now: float | None, unit: str, language: Language) -> str:
    """Write how much a value changed, with its sign; empty where either is not told."""
    if before is None or now is None:
        return ""
    difference = now - before
    sign = "+" if difference > 0 else "\N{MINUS SIGN}" if difference < 0 else "±"
    if unit == "share":
        points = {"fi": "%-yks.", "sv": "%-enh.", "en": "pp"}[language]
        written = f"{number(abs(difference) * 100, language)}\N{NO-BREAK SPACE}{points}"
    else:
        written = value(abs(difference), unit, language)
    if not any(digit in written for digit in "123456789"):
        sign = "±"  # too little to be seen in what is written
    return sign + written


def day(when: date, language: Language) -> str:
    """Write a day in full: 1. helmikuuta 2020."""
    return format_date(when, format="long", locale=_LOCALES[language])


def period(code: str, language: Language, *, short: bool = False) -> str:
    """Write a period: ``2019`` as it is, ``2019-03`` as *maaliskuu 2019* (short: *maalis*)."""
    year, _, month = code.partition("-")
    if not month:
        return year
    names = get_month_names(
        "abbreviated" if short else "wide", context="stand-alone", locale=_LOCALES[language]
    )
    name = names[int(month)].removesuffix("kuu") if short else names[int(month)]
    return name if short else f"{name} {year}"


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
        """Return what a code of a kind is called; the code itself where nothing names it."""
        return self.labels.get((kind, code), code)

    def area(self, area_type: str, area: str) -> str:
        """Return an area's name."""
        return self.areas.get((area_type, area), area)

    def part(self, breakdown: str, breakdown_value: str) -> str:
        """Return what a breakdown value is called."""
        return self.breakdown_values.get((breakdown, breakdown_value), breakdown_value)

    def target(self, indicator: Mapping[str, Any]) -> str:
        """Write an indicator's target with its sign (≤ 35); empty where it has none."""
        if indicator["target"] is None:
            return ""
        sign = {"<=": "≤", ">=": "≥", "=": "="}[indicator["target_operator"]]
        return f"{sign} {as_set(indicator['target'], indicator['unit'], self.language)}"


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
