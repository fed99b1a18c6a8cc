"""Primary suppression: which values may not leave the house by themselves.

A value of an indicator that is about people is suppressed when it could tell of few of them:

* it rests on fewer people than the threshold (and on any);
* fewer people than the threshold (and any) stand on its numerator's side: two clients of forty;
* the same on the other side of a share: all clients but two.

Nobody on a side is no one to recognise, so a count of 0 and shares of 0 and 1 are published: zero,
missing and suppressed are three different things. People are counted as distinct people, on which
``indicators.indicator_basis`` keeps the account. Where it has none for a value about people, the
value is suppressed: what is not known is not safe.

The rule looks at one value at a time. That a suppressed value may be found from others, by
subtracting the published parts from a published whole, is not its matter.
"""

from __future__ import annotations

KEY = (
    "indicator",
    "area_type",
    "area",
    "period_type",
    "period",
    "breakdown",
    "breakdown_value",
)
NUMBERS = ("numerator", "denominator", "value", "persons", "events")

_DISCLOSED = f"""
SELECT
    {", ".join(f"given.{column}" for column in (*KEY, *NUMBERS))},
    CASE
        WHEN NOT coalesce(catalogue.personal, TRUE) THEN FALSE
        WHEN given.numerator = 0 AND given.denominator IS NULL THEN FALSE
        WHEN given.persons IS NULL OR basis.numerator_persons IS NULL THEN TRUE
        WHEN catalogue.kind = 'share' AND basis.other_side_persons IS NULL THEN TRUE
        ELSE
            given.persons BETWEEN 1 AND $threshold - 1
            OR basis.numerator_persons BETWEEN 1 AND $threshold - 1
            OR coalesce(basis.other_side_persons BETWEEN 1 AND $threshold - 1, FALSE)
    END AS is_suppressed
FROM {{schema}}.indicator_values AS given
LEFT JOIN {{schema}}.indicator_catalogue AS catalogue ON given.indicator = catalogue.indicator
LEFT JOIN {{schema}}.indicator_basis AS basis
    ON {" AND ".join(f"given.{column} = basis.{column}" for column in KEY)}
WHERE $year IS NULL OR left(given.period, 4) = $year
"""


def disclosed(schema: str) -> str:
    """Write the query that gives every value with its status, in the order of its key.

    Args:
        schema: the schema ``indicators`` as the connection knows it, with its database if need be.

    Returns:
        SQL with the parameters ``threshold`` (people, at least 1) and ``year`` (text, or null for
        all years). Its columns are those of ``indicator_values`` and ``status``: ``published`` or
        ``suppressed``. A suppressed row has none of its numbers.
    """
    numbers = (f"CASE WHEN NOT is_suppressed THEN {name} END AS {name}" for name in NUMBERS)
    return f"""
SELECT
    {", ".join(KEY)},
    {", ".join(numbers)},
    CASE WHEN is_suppressed THEN 'suppressed' ELSE 'published' END AS status
FROM ({_DISCLOSED.format(schema=schema)})
ORDER BY {", ".join(KEY)}
"""
