"""Missing values: values that a publication could have, and does not.

The tables of a publication have a row for each published and each suppressed value. What was never
submitted has no row, and no row is easily mistaken for 0. Files that list values therefore list the
missing ones too. This module must not know the files.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from exports.publication import Publication
from exports.publication_plan import publication_plan
from exports.rows import query_rows

MISSING = f"""
SELECT given.* FROM (
SELECT
    catalogue.indicator, places.area_type, places.area, places.period_type, places.period,
    'none' AS breakdown, 'all' AS breakdown_value, 'missing' AS status
FROM (
    SELECT DISTINCT area_type, area, period_type, period
    FROM "values"
    WHERE area_type <> 'municipality'
) AS places
INNER JOIN catalogue
    ON catalogue.breakdown_rule = 'within'
    AND list_contains(string_split(catalogue.areas, '|'), places.area_type)
    AND list_contains(string_split(catalogue.period_types, '|'), places.period_type)
ANTI JOIN "values" AS known
    ON known.indicator = catalogue.indicator
    AND known.area_type = places.area_type AND known.area = places.area
    AND known.period_type = places.period_type AND known.period = places.period
    AND known.breakdown = 'none'
) AS given
WHERE {publication_plan().values("given")}
"""
"""The query of the missing values of a publication.

A value is missing where the country, a welfare area or an organisation has a value of some
indicator for the period, and none of this one: its data was not submitted, or there was nothing to
divide by. What the publication plan leaves out is not missing. Undivided values only: a breakdown
value without a row may be 0. No municipality, for the same reason: it has a row only where
something was counted.
"""


@dataclass(frozen=True, slots=True)
class OpenPublication:
    """A publication that is open, with one more table, ``complete``.

    ``complete`` has the columns of ``values`` and every value, published, suppressed and missing.

    Attributes:
        connection: where the tables are.
    """

    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return the rows of a query over the tables; as :func:`exports.rows.query_rows`."""
        return query_rows(self.connection, query, parameters)


@contextlib.contextmanager
def open_publication(publication: Publication) -> Iterator[OpenPublication]:
    """Open a publication for several queries.

    Args:
        publication: what to open.
    """
    with publication.connect() as connection:
        connection.execute(
            f"""
            CREATE TEMP TABLE complete AS
            SELECT * FROM "values" UNION ALL BY NAME ({MISSING})
            ORDER BY
                indicator, area_type, area, period_type DESC, period, breakdown, breakdown_value
            """
        )
        yield OpenPublication(connection)
