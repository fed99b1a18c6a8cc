"""Numbers, days and moments as people read them in Finnish, Swedish and English.

The rules of each language are Babel's: groups of digits, decimal mark, names of months. What a
value means, and how many decimals are worth writing, the caller decides.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from babel import numbers

from common import clock

# babel.dates takes longer to import than one small file takes to receive, and receiving writes
# numbers only. So the functions below that need it import it themselves.

Language = Literal["fi", "sv", "en"]
LANGUAGES: tuple[Language, ...] = ("fi", "sv", "en")
LOCALES: dict[Language, str] = {"fi": "fi_FI", "sv": "sv_FI", "en": "en_GB"}


def format_number(
    value: float, language: Language, decimals: int = 0, *, trailing_zeros: bool = False
) -> str:
    """Write a number: 1234.5 with one decimal is *1 234,5* in Finnish and *1,234.5* in English.

    Args:
        value: the number.
        language: whose rules.
        decimals: how many decimals at most; the number is rounded to them.
        trailing_zeros: whether zeros at the end of the decimals are written too.

    Returns:
        The number, with no-break spaces inside and a minus sign (U+2212) where it is negative.
    """
    pattern = "#,##0" + _decimals(decimals, trailing_zeros=trailing_zeros)
    written = numbers.format_decimal(value, format=pattern, locale=LOCALES[language])
    return _with_minus_sign(written)


def format_percent(
    share: float, language: Language, decimals: int = 0, *, trailing_zeros: bool = False
) -> str:
    """Write a share in percent: 0.25 is *25 %* in Finnish and Swedish and *25%* in English.

    Args:
        share: the share; 1 is 100 percent.
        language: whose rules.
        decimals: how many decimals of the percentage at most.
        trailing_zeros: whether zeros at the end of the decimals are written too.
    """
    space = "" if language == "en" else "\N{NO-BREAK SPACE}"
    pattern = f"#,##0{_decimals(decimals, trailing_zeros=trailing_zeros)}{space}%"
    written = numbers.format_percent(share, format=pattern, locale=LOCALES[language])
    return _with_minus_sign(written)


def format_date(day: date, language: Language, *, numeric: bool = False) -> str:
    """Write a day: *1. helmikuuta 2020*, *1 februari 2020*, *1 February 2020*.

    Args:
        day: the day.
        language: whose rules.
        numeric: *1.2.2020* in Finnish and Swedish. English names the month all the same, since
            readers disagree on whether the month or the day comes first.
    """
    from babel import dates

    form = "d.M.y" if numeric and language != "en" else "long"
    return dates.format_date(day, format=form, locale=LOCALES[language])


def format_moment(moment: datetime, language: Language, *, numeric: bool = False) -> str:
    """Write a moment in Finnish time, to the minute: *1. helmikuuta 2020 14.05*.

    Args:
        moment: the moment, with its time zone.
        language: whose rules.
        numeric: as in :func:`format_date`.
    """
    local = moment.astimezone(clock.FINLAND)
    time = f"{local:%H:%M}" if language == "en" else f"{local:%H.%M}"
    return f"{format_date(local.date(), language, numeric=numeric)} {time}"


def format_period(period: str, language: Language, *, short: bool = False) -> str:
    """Write a year as it is, and a month by its name.

    Args:
        period: an ISO year or month, ``2019`` or ``2019-03``.
        language: whose rules.
        short: *maalis* for ``2019-03``, where the year is clear from what stands around it.

    Returns:
        ``2019``, or *maaliskuu 2019*.
    """
    from babel import dates

    year, _, month = period.partition("-")
    if not month:
        return year
    width: Literal["abbreviated", "wide"] = "abbreviated" if short else "wide"
    names = dates.get_month_names(width, context="stand-alone", locale=LOCALES[language])
    name = names[int(month)]
    return name.removesuffix("kuu") if short else f"{name} {year}"


def _decimals(count: int, *, trailing_zeros: bool) -> str:
    return "." + ("0" if trailing_zeros else "#") * count if count else ""


def _with_minus_sign(written: str) -> str:
    return written.replace("-", "\N{MINUS SIGN}")
