"""What is missing of a publication: values that could be there, and are not.

The tables of a publication have a row for what is published and for what is suppressed. What was
never submitted has none, and no row is easily read as nought. So that the three are told apart by
whoever reads a file, exports that list values list the missing ones too.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from exports.publication import Publication

MISSING = """
SELECT
    catalogue.indicator, told.area_type, told.area, told.period_type, told.period,
    'none' AS breakdown, 'all' AS breakdown_value, 'missing' AS status
FROM (
    SELECT DISTINCT area_type, area, period_type, period
    FROM "values"
    WHERE area_type <> 'municipality'
) AS told
INNER JOIN catalogue
    ON catalogue.breakdown_rule = 'within'
    AND list_contains(string_split(catalogue.areas, '|'), told.area_type)
    AND list_contains(string_split(catalogue.period_types, '|'), told.period_type)
ANTI JOIN "values" AS known
    ON known.indicator = catalogue.indicator
    AND known.area_type = told.area_type AND known.area = told.area
    AND known.period_type = told.period_type AND known.period = told.period
    AND known.breakdown = 'none'
"""
"""The query of the missing values of a publication.

A value is missing where the country, a welfare area or an organisation has a value of some
indicator for the period, and none of this one: its data was not submitted, or there was nothing to
divide by. Undivided values only: a breakdown value without a row may as well be nought. No
municipality either, for the same reason: it has a row only where something was counted.
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """A publication that is open, with one table more: ``complete``.

    ``complete`` has the columns of ``values`` and every value, published, suppressed and missing.

    Attributes:
        connection: where the tables are.
    """

    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Ask the tables; return the answer's rows by column name, in the query's order."""
        answer = self.connection.execute(query, dict(parameters or {}))
        names = [column[0] for column in answer.description or []]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


@contextlib.contextmanager
def reading(publication: Publication) -> Iterator[Reading]:
    """Open a publication to ask it more than once."""
    with publication.connect() as connection:
        connection.execute(
            f"""
            CREATE TEMP TABLE complete AS
            SELECT * FROM "values" UNION ALL BY NAME ({MISSING})
            ORDER BY
                indicator, area_type, area, period_type DESC, period, breakdown, breakdown_value
            """
        )
        yield Reading(connection)
