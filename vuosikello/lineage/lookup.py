"""Which value a person means, or a sentence about why there is none.

Codes are looked up in the warehouse: indicator, area, period and breakdown. Zero,
missing and unknown are three different things, and each has a sentence of its own here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb

from common.sql import literal
from vuosikello.lineage import compiled_sql
from vuosikello.lineage.compiled_sql import Declaration, Model, NotExplained, ValueKey
from vuosikello.warehouse.code_lists import closest, codes_of, unknown_code
from vuosikello.warehouse.indicator_models import POPULATION


class UnknownBreakdownValue(NotExplained):
    """The breakdown has no such value; the text names those that are spelled alike."""


AREA_TYPES = ("country", "welfare_area", "organisation", "municipality", "team")


def declaration_of(
    connection: duckdb.DuckDBPyConnection, indicator: str, language: str
) -> Declaration:
    """Find an indicator by its code.

    Raises:
        NotExplained: there is none; the text names those that are spelt alike.
    """
    declarations = compiled_sql.declarations_of(connection)
    if indicator in declarations:
        return declarations[indicator]
    labels = dict(
        connection.execute(
            f"select lower(label_{language}), indicator from indicators.indicator_catalogue"
        ).fetchall()
    )
    raise NotExplained(
        f"There is no indicator {indicator}."
        + closest(indicator, {code: code for code in declarations} | labels)
        + " indicators.indicator_catalogue lists them all."
    )


def model_of(connection: duckdb.DuckDBPyConnection, indicator: str) -> Model:
    """Find the model that computes an indicator.

    Raises:
        NotExplained: the warehouse does not hold it.
    """
    for model in compiled_sql.models_of(connection):
        if indicator in model.indicators:
            return model
    raise NotExplained(
        f"The warehouse does not hold the SQL of {indicator}. Build it again: vuosikello build"
    )


def value_key_of(
    connection: duckdb.DuckDBPyConnection,
    declaration: Declaration,
    *,
    area: str,
    period: str,
    area_type: str | None,
    breakdown: str | None,
    language: str,
    is_rolling_year: bool = False,
) -> ValueKey:
    """Find the value that the words of the command mean.

    Args:
        connection: the warehouse asked.
        declaration: the indicator's.
        area: a code, in capitals or not.
        period: YYYY, YYYY-MM or YYYY-Q1.
        area_type: which kind of area the code is of; None: the one that has it.
        breakdown: ``name=value``; None: undivided.
        language: of the labels named in a message.
        is_rolling_year: whether the month is the last of the twelve that are meant.

    Raises:
        NotExplained: the indicator has no such cells, or there is no such code.
    """
    period_type = _period_type(period, is_rolling_year)
    if period_type not in declaration.period_types:
        raise NotExplained(
            f"{declaration.indicator} is computed by "
            f"{_and([_words(kind) for kind in declaration.period_types])}, "
            f"not by {_words(period_type)}."
        )
    area_type, area = _area(connection, declaration, area, area_type, language)
    whole = ValueKey(area_type, area, period_type, period)
    is_undivided = declaration.breakdown_rule == "within"
    if is_undivided and breakdown in (None, "none=all"):
        return whole
    if breakdown is None:
        raise NotExplained(
            f"{declaration.indicator} has no undivided value; its values are by "
            f"{_or(declaration.breakdowns)}. Give --breakdown {declaration.breakdowns[0]}=VALUE."
            + _parts_with_a_value(connection, declaration, whole, declaration.breakdowns)
        )
    name, equals, value = breakdown.partition("=")
    if not (name and equals and value):
        raise NotExplained("Write the breakdown as name=value, such as nature=partner.")
    if name not in declaration.breakdowns:
        known = _or(declaration.breakdowns) or "nothing"
        raise NotExplained(f"{declaration.indicator} is broken down by {known}, not by {name}.")
    codes = codes_of(connection, name)
    if codes and value not in codes:
        raise UnknownBreakdownValue(
            unknown_code(name, value, codes)
            + _parts_with_a_value(connection, declaration, whole, [name])
        )
    return ValueKey(area_type, area, period_type, period, name, value)


def area_labels(connection: duckdb.DuckDBPyConnection, language: str) -> dict[tuple[str, str], str]:
    """The label of every area, by its type and code."""
    rows = connection.execute(
        f"""
        select 'welfare_area', welfare_area, label_{language} from marts.dim_welfare_area
        union all
        select 'organisation', organisation, label_{language} from marts.dim_organisation
        union all
        select 'municipality', municipality, label_{language} from marts.dim_municipality
        union all
        select 'team', area, label_{language} from indicators.indicator_area
        where area_type = 'team'
        """
    ).fetchall()
    country = {"fi": "Suomi", "sv": "Finland", "en": "Finland"}[language]
    return {("country", "FI"): country} | {(kind, code): label for kind, code, label in rows}


def why_missing(
    connection: duckdb.DuckDBPyConnection, declaration: Declaration, value_key: ValueKey
) -> str:
    """Say why there is no value: not covered, or covered and nothing to divide by."""
    period = (value_key.period_type, value_key.period)
    if not connection.execute(
        "select 1 from marts.dim_period where period_type = ? and period = ?", period
    ).fetchone():
        first, last = connection.execute(
            "select min(period), max(period) from marts.dim_period where period_type = ?",
            [value_key.period_type],
        ).fetchone() or (None, None)
        reach = f"from {first} to {last}" if first else "nothing yet"
        return f"There is no value: the warehouse covers {reach}, not {value_key.period}."
    where = f"{value_key.area} in {value_key.period}"
    covering = _covering(connection, declaration.base_feed, value_key)
    if value_key.period not in covering:
        known = f" It is covered in {_some(list(covering))}." if covering else ""
        return (
            f"There is no value: no organisation has submitted {declaration.base_feed} for "
            f"{where}, so it is missing, not zero.{known}"
        )
    covers = f"{declaration.base_feed} is covered there by {_some(covering[value_key.period], 3)}"
    if value_key.breakdown != "none":
        return (
            f"There is no value for {value_key.breakdown}={value_key.breakdown_value} in {where}: "
            f"{covers}, but no row counts there."
            + _parts_with_a_value(connection, declaration, value_key, [value_key.breakdown])
        )
    if declaration.denominator == POPULATION:
        return f"There is no value for {where}: {covers}, but no population is known."
    side = "denominator" if declaration.denominator else "numerator"
    return (
        f"There is no value for {where}: {covers}, but no row counts in its {side} "
        f"({declaration.measures()[side]})."
    )


def serving(value_key: ValueKey) -> str:
    """SQL over the columns of dim_organisation: whose submissions a value can rest on."""
    if value_key.area_type in ("organisation", "welfare_area"):
        return f"{value_key.area_type} = {literal(value_key.area)}"
    if value_key.area_type == "team":
        return f"organisation = {literal(value_key.area.partition(':')[0])}"
    return "true"


def _covering(
    connection: duckdb.DuckDBPyConnection, feed: str, value_key: ValueKey
) -> dict[str, list[str]]:
    """Which organisations that serve an area cover a feed, by period of its type."""
    rows = connection.execute(
        "select period, list(organisation order by organisation) from marts.fct_coverage "
        "where feed = ? and period_type = ? and organisation in "
        f"(select organisation from marts.dim_organisation where {serving(value_key)}) "
        "group by period order by period",
        [feed, value_key.period_type],
    ).fetchall()
    return dict(rows)


def _parts_with_a_value(
    connection: duckdb.DuckDBPyConnection,
    declaration: Declaration,
    value_key: ValueKey,
    breakdowns: Sequence[str],
) -> str:
    rows = connection.execute(
        "select breakdown || '=' || breakdown_value from indicators.indicator_values "
        "where indicator = ? and area_type = ? and area = ? and period_type = ? and period = ? "
        "and list_contains(?, breakdown) order by all",
        [
            declaration.indicator,
            value_key.area_type,
            value_key.area,
            value_key.period_type,
            value_key.period,
            list(breakdowns),
        ],
    ).fetchall()
    return f" There are values for {_some([part for (part,) in rows], 20)}." if rows else ""


def _area(
    connection: duckdb.DuckDBPyConnection,
    declaration: Declaration,
    area: str,
    area_type: str | None,
    language: str,
) -> tuple[str, str]:
    labels = {
        key: label
        for key, label in area_labels(connection, language).items()
        if area_type in (None, key[0])
    }
    fitting = [key for key in labels if key[1].lower() == area.lower()]
    if not fitting:
        codes = {code: code for _, code in labels}
        codes |= {label.lower(): code for (_, code), label in labels.items()}
        raise NotExplained(
            f"There is no {_words(area_type or 'area')} with the code {area}."
            + closest(area, codes, {code: label for (_, code), label in labels.items()})
        )
    given = [key for key in fitting if key[0] in declaration.areas]
    if not given:
        raise NotExplained(
            f"{declaration.indicator} is not computed for a {_words(fitting[0][0])}, only for "
            f"{_and([_words(kind) for kind in declaration.areas])}."
        )
    if len(given) > 1:
        raise NotExplained(
            f"{area} is the code of a {' and of a '.join(_words(kind) for kind, _ in given)}. "
            f"Say which is meant: --area-type {given[0][0]}"
        )
    return given[0]


def _period_type(period: str, is_rolling_year: bool) -> str:
    is_month = re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", period)
    if is_rolling_year and not is_month:
        raise NotExplained(
            f"{period} is no month. Write the last month of the rolling year, such as 2019-03."
        )
    if re.fullmatch(r"\d{4}", period):
        return "year"
    if is_month:
        return "rolling_year" if is_rolling_year else "month"
    if re.fullmatch(r"\d{4}-Q[1-4]", period):
        return "quarter"
    raise NotExplained(
        f"{period} is no period. Write a year or a month, such as 2019 or 2019-03, or a quarter: "
        "2019-Q1."
    )


def _words(code: str) -> str:
    return code.replace("_", " ")


def _and(names: Sequence[str]) -> str:
    return _joined(names, "and")


def _or(names: Sequence[str]) -> str:
    return _joined(names, "or")


def _joined(names: Sequence[str], word: str) -> str:
    return " ".join([", ".join(names[:-1]), word, names[-1]]) if len(names) > 1 else "".join(names)


def _some(names: Sequence[str], limit: int = 6) -> str:
    if len(names) > limit:
        return f"{', '.join(names[:limit])} and {len(names) - limit} more"
    return _and(names)
