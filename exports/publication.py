"""A publication: everything of a release that may be read outside, as a handful of tables.

Open data, workbooks, pages and report are written from these tables only, so that no number reaches
them without disclosure control. The tables are made from the files that disclosure control has
written and from the texts of the schema ``indicators``; of earlier years they have only what their
own releases published, never the warehouse's present value. The same input gives the same bytes.

This module must not know the time, nor what is written from the tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from common.indicator_key import KEY
from common.sql import literal
from exports.indicator_files import reader
from exports.publication_plan import publication_plan
from exports.rows import query_rows

TABLES: Mapping[str, str] = {
    "values": "One row per published or suppressed value: those of the release's year and its "
    "months, and the yearly values of earlier years as their own releases published them.",
    "catalogue": "One row per indicator: names, definitions, unit, target, source.",
    "areas": "One row per area, with its names and the welfare area that it is or lies in.",
    "submitters": "One row per organisation that may submit, whether or not it has a value, with "
    "its names and the welfare area that it lies in.",
    "labels": "One row per code of themes, units, areas, breakdowns and the like, with its names.",
    "breakdown_values": "One row per breakdown and value, with its names.",
    "comparison": "One row per yearly value of the release's year: beside its welfare area, the "
    "country, the year before and, of an organisation, its rank.",
    "aikumetod_scorecard": "One row per line of the AIKUMETOD recommendations and area.",
    "strategy_map": "One row per line of the Lapland strategy map and area.",
    "revisions": "One row per value that an earlier release of the year published otherwise.",
}


@dataclass(frozen=True, slots=True)
class SignedOff:
    """Who signed off the year's data.

    Attributes:
        by: who signed.
        at: when (UTC).
        reason: why, in their words.
        override_reason: why failed checks were overridden; None when none failed.
        checks: how many expectations were evaluated.
        failed: how many critical ones did not hold.
        warned: how many others did not hold.
        failures: what did not hold: expectation, organisation, feed, period, severity, message.
    """

    by: str
    at: datetime
    reason: str
    override_reason: str | None = None
    checks: int = 0
    failed: int = 0
    warned: int = 0
    failures: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """What a release is.

    Attributes:
        year: the reporting year.
        number: 1 for the year's first release, then 2 for its first correction …
        frozen_at: the moment whose knowledge it shows (UTC).
        released_on: the day it was released, in Finland.
        signed: who signed it off.
        corrects: the release that this one replaces; None for a year's first.
        protection: people below whom a personal value is suppressed.
    """

    year: int
    number: int
    frozen_at: datetime
    released_on: date
    signed: SignedOff
    corrects: str | None = None
    protection: int = 5

    @property
    def name(self) -> str:
        """The release's name: ``2019.1``."""
        return f"{self.year}.{self.number}"


@dataclass(frozen=True, slots=True)
class Publication:
    """The tables of a release, as Parquet files in one folder.

    Attributes:
        info: what release it is.
        folder: holds ``<table>.parquet`` for each of ``TABLES``.
        years: those that it holds values of, in order.
    """

    info: ReleaseInfo
    folder: Path
    years: tuple[int, ...] = ()

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Open the tables as views of an in-memory DuckDB; one thread, for one order of rows."""
        connection = duckdb.connect(config={"threads": 1})
        for table in TABLES:
            path = literal(self.folder / f"{table}.parquet")
            connection.execute(f'CREATE VIEW "{table}" AS FROM read_parquet({path})')
        return connection

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return the rows of a query over the tables; as :func:`exports.rows.query_rows`."""
        with self.connect() as connection:
            return query_rows(connection, query, parameters)


def compose(
    warehouse: Path,
    controlled: Path,
    info: ReleaseInfo,
    folder: Path,
    *,
    earlier: Sequence[tuple[str, Path]] = (),
    reasons: Path | None = None,
) -> Publication:
    """Make the tables of a publication.

    Args:
        warehouse: the warehouse of the release; of it only texts are read.
        controlled: ``indicators.parquet`` of the release's year as disclosure control wrote it.
        info: what release it is.
        folder: for the tables; created.
        earlier: name and ``indicators.parquet`` of earlier releases, oldest first. Of each earlier
            year the last counts; of this year revisions are listed against the last.
        reasons: a Parquet file of the reasons why values changed since the release before: the key
            of a value, ``why`` (a code) and ``submissions`` (text); None when none are known.

    Returns:
        The publication, whose tables lie in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    last: dict[int, tuple[str, Path]] = {}
    for name, path in earlier:
        last[int(name.partition(".")[0])] = (name, path)
    before = last.pop(info.year, None)
    history = {year: found for year, found in sorted(last.items()) if year < info.year}
    with reader(warehouse) as connection:
        connection.execute(
            f"CREATE TEMP TABLE released AS FROM read_parquet({literal(controlled)})"
        )
        parts = ["SELECT * FROM released"]
        for year, (_, path) in history.items():
            parts.append(
                f"SELECT * FROM read_parquet({literal(path)}) "
                f"WHERE period_type = 'year' AND period = '{year:04d}'"
            )
        connection.execute(
            'CREATE TEMP TABLE "values" AS SELECT * FROM ('
            + " UNION ALL BY NAME ".join(parts)
            + ") ORDER BY ALL"
        )
        for table, query in _TEXTS.items():
            connection.execute(f"CREATE TEMP TABLE {table} AS {query}")
        connection.execute(f"CREATE TEMP TABLE comparison AS {_COMPARISON}", {"year": info.year})
        plan = publication_plan()
        for table in ("aikumetod_scorecard", "strategy_map"):
            scorecard = _SCORECARD.format(
                table=table,
                status=_SCORECARD_STATUS,
                areas=plan.areas("given"),
                indicators=plan.indicators("given"),
            )
            connection.execute(
                f"CREATE TEMP TABLE {table} AS {scorecard}",
                {"year": str(info.year)},
            )
        connection.execute(f"CREATE TEMP TABLE revisions AS {_revisions(before, reasons)}")
        for table in TABLES:
            target = literal(folder / f"{table}.parquet")
            connection.execute(f'COPY "{table}" TO {target} (FORMAT parquet, COMPRESSION zstd)')
    return Publication(info, folder, (*history, info.year))


_TEXTS = {
    "catalogue": f"""
        SELECT one.* FROM warehouse.indicators.indicator_catalogue AS one
        WHERE {publication_plan().indicators("one")}
        ORDER BY indicator""",
    "areas": """
        SELECT areas.* FROM warehouse.indicators.indicator_area AS areas
        WHERE areas.area_type IN ('country', 'welfare_area')
            OR EXISTS (
                SELECT * FROM "values"
                WHERE "values".area_type = areas.area_type AND "values".area = areas.area
            )
        ORDER BY area_type, area""",
    "submitters": """
        FROM warehouse.indicators.indicator_area
        WHERE area_type = 'organisation'
        ORDER BY area""",
    "labels": "FROM warehouse.indicators.indicator_label ORDER BY kind, position",
    "breakdown_values": """
        FROM warehouse.indicators.indicator_breakdown_value
        ORDER BY breakdown, position, breakdown_value""",
}

# As indicators.indicator_comparison compares, over what is published alone: a suppressed value has
# neither a rank nor a place in one.
_COMPARISON = """
WITH yearly AS (
    SELECT *, CAST(period AS INTEGER) AS year FROM "values" WHERE period_type = 'year'
),
placed AS (
    SELECT
        yearly.*,
        areas.welfare_area,
        catalogue.kind,
        CASE catalogue.direction WHEN 'up' THEN 'highest' WHEN 'down' THEN 'lowest' ELSE 'size' END
            AS ranked_by
    FROM yearly
    INNER JOIN catalogue USING (indicator)
    LEFT JOIN areas USING (area_type, area)
),
compared AS (
    SELECT
        *,
        max(value) FILTER (area_type = 'welfare_area') OVER (
            PARTITION BY indicator, year, breakdown, breakdown_value, welfare_area
        ) AS welfare_area_value,
        max(value) FILTER (area_type = 'country') OVER (
            PARTITION BY indicator, year, breakdown, breakdown_value
        ) AS country_value,
        CASE
            WHEN lag(year) OVER years = year - 1 THEN lag(value) OVER years
        END AS previous_value,
        rank() OVER (
            PARTITION BY indicator, year, breakdown, breakdown_value, area_type, status
            ORDER BY CASE WHEN ranked_by = 'lowest' THEN value ELSE -value END
        ) AS area_rank,
        count(value) OVER (
            PARTITION BY indicator, year, breakdown, breakdown_value, area_type
        ) AS areas_ranked
    FROM placed
    WINDOW years AS (
        PARTITION BY indicator, area_type, area, breakdown, breakdown_value ORDER BY year
    )
)
SELECT
    indicator, area_type, area, year, breakdown, breakdown_value, numerator, denominator, value,
    status, welfare_area, welfare_area_value, country_value, previous_value,
    value - previous_value AS change,
    CASE WHEN area_type = 'organisation' AND value IS NOT NULL THEN area_rank END
        AS organisation_rank,
    CASE WHEN area_type = 'organisation' AND value IS NOT NULL THEN areas_ranked END
        AS organisations_ranked,
    CASE WHEN area_type = 'organisation' AND value IS NOT NULL THEN ranked_by END AS ranked_by
FROM compared
WHERE year = $year
ORDER BY indicator, area_type, area, breakdown, breakdown_value
"""

# Whether the target of a value that is not published was met is not told either.
_SCORECARD_STATUS = """
        CASE
            WHEN yearly.status = 'suppressed' THEN 'suppressed'
            WHEN given.indicator IS NOT NULL AND yearly.indicator IS NULL THEN 'no_data'
            ELSE given.status
        END
"""
_SCORECARD = """
SELECT
    given.* REPLACE (
        yearly.value AS value,
        {status} AS status,
        before.value AS previous_value,
        yearly.value - before.value AS change
    )
FROM warehouse.indicators.{table} AS given
LEFT JOIN "values" AS yearly
    ON yearly.indicator = given.indicator
    AND yearly.area_type = given.area_type AND yearly.area = given.area
    AND yearly.period_type = 'year' AND yearly.period = given.year
    AND yearly.breakdown = given.breakdown AND yearly.breakdown_value = given.breakdown_value
LEFT JOIN "values" AS before
    ON before.indicator = given.indicator
    AND before.area_type = given.area_type AND before.area = given.area
    AND before.period_type = 'year' AND before.period = CAST(CAST(given.year AS INTEGER) - 1 AS VARCHAR)
    AND before.breakdown = given.breakdown AND before.breakdown_value = given.breakdown_value
WHERE given.year = $year AND {areas} AND (given.indicator IS NULL OR {indicators})
ORDER BY ALL
"""  # noqa: E501

_KEY = ", ".join(KEY)


def _revisions(before: tuple[str, Path] | None, reasons: Path | None) -> str:
    """Return the query of the values that the year's previous release published differently."""
    name, path = before or ("", None)
    old = (
        f"SELECT * FROM read_parquet({literal(path)})"
        if path is not None
        else "SELECT * FROM released WHERE FALSE"
    )
    why = (
        f"SELECT * FROM read_parquet({literal(reasons)})"
        if reasons is not None
        else f"SELECT {_KEY}, NULL::VARCHAR AS why, NULL::VARCHAR AS submissions "
        "FROM released WHERE FALSE"
    )
    return f"""
WITH old AS ({old}),
reasons AS ({why})
SELECT
    {_KEY},
    {literal(name)} AS corrects,
    old.value AS old_value,
    coalesce(old.status, 'missing') AS old_status,
    new.value AS new_value,
    coalesce(new.status, 'missing') AS new_status,
    coalesce(reasons.why, 'disclosure_control') AS why,
    reasons.submissions
FROM old
FULL OUTER JOIN released AS new USING ({_KEY})
LEFT JOIN reasons USING ({_KEY})
WHERE {"TRUE" if path is not None else "FALSE"}
    AND (old.status IS DISTINCT FROM new.status OR old.value IS DISTINCT FROM new.value
        OR old.numerator IS DISTINCT FROM new.numerator
        OR old.denominator IS DISTINCT FROM new.denominator)
ORDER BY {_KEY}
"""
