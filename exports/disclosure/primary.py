"""Primary suppression: which values may not be published by themselves.

A value of an indicator about people is suppressed when it could reveal something about few of them:

* it is based on at least one person, and on fewer than the threshold;
* its numerator counts at least one person, and fewer than the threshold: two clients of forty;
* the same on the other side of a share: all clients but two;
* it is a share of 0 or 1 over few people (:attr:`Protection.homogeneous`) of what the publication
  plan calls sensitive: that all seven have the same need tells of each of them.

Otherwise a side with no people reveals no one, so a count of 0 and shares of 0 and 1 are published:
zero, missing and suppressed are three different things. People are counted in
``indicators.indicator_basis``: as distinct people, or as heads where they are not identified (one
who is met twice is two). Where it has no row for a value about people, the value is suppressed:
what is not known is not safe. A value whose people are counted and are none is about nobody.

Only what the publication plan publishes is looked at. The rule looks at one value at a time. This
module must not know that a suppressed value may be calculated from others, by subtracting the
published parts from a published whole; that is the subject of
:mod:`exports.disclosure.complementary`.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from common.indicator_key import KEY
from common.sql import equal
from exports.publication_plan import publication_plan

NUMBERS = ("numerator", "denominator", "value", "persons", "events")
"""The columns of a value that are withheld with it."""

REASONS = (
    "is_unknown",
    "has_few_persons",
    "has_few_on_numerator",
    "has_few_on_other_side",
    "is_homogeneous",
)
"""The columns of ``disclosure_row`` that say why a value is suppressed."""

# What the catalogue says of a value's indicator; of one that it does not know, that it is personal
# and has measures of its own.
DECLARED = """
    coalesce(catalogue.personal, TRUE) AS is_personal,
    coalesce(catalogue.kind, 'count') AS kind,
    coalesce(catalogue.breakdown_rule, 'within') AS breakdown_rule,
    coalesce(catalogue.parts_disjoint, FALSE) AS parts_disjoint,
    coalesce(catalogue.base_feed, given.indicator) AS base_feed,
    coalesce(catalogue.numerator_measure, given.indicator || '/numerator') AS numerator_measure,
    coalesce(catalogue.multiplier / catalogue.divisor, 1.0) AS scale,
    coalesce(catalogue.denominator_measure, given.indicator || '/denominator')
        AS denominator_measure,
    coalesce(catalogue.persons_measure, given.indicator || '/persons') AS persons_measure,
    coalesce(catalogue.events_measure, given.indicator || '/events') AS events_measure
"""
_GIVEN_KEY = ", ".join(f"given.{column}" for column in KEY)
_ROWS = f"""
CREATE OR REPLACE TEMP TABLE disclosure_row AS
SELECT
    cast(row_number() OVER (ORDER BY {_GIVEN_KEY}) - 1 AS integer) AS row_id,
    {", ".join(f"given.{column}" for column in (*KEY, *NUMBERS))},
    {DECLARED},
    -- A count of 0 describes no person, nor does a rate of 0 per inhabitants.
    coalesce(catalogue.personal, TRUE) AND NOT (
        given.numerator = 0
        AND (
            given.denominator IS NULL
            OR coalesce(catalogue.denominator_measure = 'population', FALSE)
        )
    ) AS can_be_hidden,
    can_be_hidden AND (
        basis.numerator_persons IS NULL
        OR (catalogue.kind = 'share' AND basis.other_side_persons IS NULL)
    ) AS is_unknown,
    can_be_hidden AND coalesce(basis.persons BETWEEN 1 AND $threshold - 1, FALSE)
        AS has_few_persons,
    can_be_hidden AND coalesce(basis.numerator_persons BETWEEN 1 AND $threshold - 1, FALSE)
        AS has_few_on_numerator,
    can_be_hidden AND coalesce(basis.other_side_persons BETWEEN 1 AND $threshold - 1, FALSE)
        AS has_few_on_other_side,
    can_be_hidden AND kind = 'share' AND {{sensitive}}
    AND coalesce(basis.persons BETWEEN 1 AND $homogeneous - 1, FALSE)
    AND (basis.numerator_persons = 0 OR basis.other_side_persons = 0) AS is_homogeneous,
    {" OR ".join(REASONS)} AS is_primary,
    0 AS publication,
    FALSE AS was_withheld
FROM {{schema}}.indicator_values AS given
LEFT JOIN {{schema}}.indicator_catalogue AS catalogue ON given.indicator = catalogue.indicator
LEFT JOIN {{schema}}.indicator_basis AS basis
    ON {equal("given", "basis", KEY)}
WHERE ($years IS NULL OR list_contains($years, left(given.period, 4))) AND {{planned}}
ORDER BY row_id
"""


def find_primary(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    *,
    threshold: int,
    homogeneous: int,
    years: Sequence[int] | None,
) -> None:
    """Make the temp table ``disclosure_row``: every planned value, and whether it is suppressed.

    The table has one row per value, numbered from 0 in the order of the key: the value, the
    measures that it is made of, ``can_be_hidden`` (it is about people and not a count of 0),
    ``is_primary`` and why: ``is_unknown``, ``has_few_persons``, ``has_few_on_numerator``,
    ``has_few_on_other_side``. Its ``publication`` is 0;
    :mod:`exports.disclosure.prior_publications` adds the rows of others.

    Args:
        connection: reads the warehouse and takes the temp table.
        schema: the schema ``indicators`` as the connection knows it, with its database if need be.
        threshold: people; a value about fewer, and about any, is suppressed.
        homogeneous: people; a sensitive share of 0 or 1 over fewer is suppressed.
        years: the years whose rows, and those of their months, are in the table; None for all.

    Raises:
        duckdb.Error: the warehouse has no indicators.
    """
    plan = publication_plan()
    connection.execute(
        _ROWS.format(
            schema=schema, planned=plan.values("given"), sensitive=plan.sensitive("given")
        ),
        {
            "threshold": threshold,
            "homogeneous": homogeneous,
            "years": None if years is None else [f"{year:04d}" for year in years],
        },
    )
