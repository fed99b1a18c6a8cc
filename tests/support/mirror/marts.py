"""What the mirror counts over, and the marts of a warehouse as such."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import duckdb

from tests.support.mirror.counting import Row, Tables
from tests.support.mirror.days import days

MARTS = (
    "dim_worker_spell",
    "dim_client",
    "dim_client_spell",
    "fct_assignment",
    "fct_contact",
    "fct_time_entry",
    "fct_outreach_visit",
    "fct_population",
    "fct_worker_survey_response",
    "fct_worker_survey_allocation",
    "fct_assessment",
    "fct_plan",
    "fct_measurement",
    "fct_measurement_score",
    "fct_client_feedback",
    "dim_group",
    "fct_group_answer",
    "fct_worker_survey_answer",
    "fct_survey_round",
    "fct_observation",
    "fct_measure",
    "fct_meeting",
    "dim_place_spell",
)


@dataclass(frozen=True)
class Source:
    """What is counted over.

    Attributes:
        tables: facts and spells, under the names of the marts.
        stated: every day of which an organisation has submitted a feed.
    """

    tables: Tables
    stated: dict[tuple[str, str], set[date]]


def read(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    """List the rows of a query, each by the names of its columns."""
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def source_of(connection: duckdb.DuckDBPyConnection) -> Source:
    """Read the marts of a warehouse, and the days that its submissions cover."""
    stated: dict[tuple[str, str], set[date]] = defaultdict(set)
    for row in read(connection, "SELECT * FROM staging.stg_current_submissions"):
        stated[row["organisation"], row["feed"]] |= set(
            days(row["period_start"], row["period_end"])
        )
    return Source({name: read(connection, f"SELECT * FROM marts.{name}") for name in MARTS}, stated)
