"""The values of an attached warehouse that differ from those of now, as a query.

It compares numbers only, and must not know why a value differs.
"""

from __future__ import annotations

from common.indicator_key import KEY
from common.sql import identifier, literal
from vuosikello.lineage.values import NUMBERS


def differing_values(past: str, indicator: str) -> str:
    """Return the query for the values that differ between an earlier warehouse and now.

    Args:
        past: the name by which the earlier warehouse is attached; the later one is ``now``.
        indicator: the beginning of the codes to compare.

    Returns:
        A query of one row per value: its key, ``change`` (appeared, disappeared or changed), and
        each number as ``<number>_before`` and ``<number>_now``.
    """
    key = ", ".join(KEY)
    differs = " or ".join(f"present.{n} is distinct from past.{n}" for n in NUMBERS)
    numbers = ", ".join(
        f"past.{name} as {name}_before, present.{name} as {name}_now" for name in NUMBERS
    )
    values = f"{identifier(past)}.indicators.indicator_values"
    return f"""
        select
            {key},
            case
                when past.is_there is null then 'appeared'
                when present.is_there is null then 'disappeared'
                else 'changed'
            end as change,
            {numbers}
        from (select *, true as is_there from now.indicators.indicator_values) as present
        full outer join (select *, true as is_there from {values}) as past using ({key})
        where ({differs}) and starts_with(indicator, {literal(indicator)})
        """
