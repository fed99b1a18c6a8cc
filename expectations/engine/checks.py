"""A check, before it becomes an expectation: what must hold, in words and in SQL.

The suites of this room compile to these plain values, so that what is checked can be read and
tested without Great Expectations. Nothing here runs a query.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from common.sql import literal
from expectations.results import Severity

SUBMISSIONS = '"staging"."stg_submissions"'
CURRENT_SUBMISSIONS = '"staging"."stg_current_submissions"'


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation: the query that finds what breaks it returns none of its rows.

    Args:
        id: dotted and unique in its suite, ``contacts.channel.code``; severities and thresholds
            are configured by it.
        title: what must hold, as a sentence.
        meaning: why it matters and what a failure means.
        message: the sentence for one failure; its ``{names}`` are columns of the query.
        query: one row for each failure of this check, and perhaps of others that share the query:
            ``check``, ``organisation``, ``feed``, ``period``, ``observed`` and what else the
            messages name. Checks with the very same query cost one run.
        severity: how grave a failure is.
        column: the column that it is about, where it is about one.
        rows: a query with which a person can list the rows concerned.
    """

    id: str
    title: str
    meaning: str
    message: str
    query: str
    severity: Severity = Severity.CRITICAL
    column: str | None = None
    rows: str | None = None


@dataclass(frozen=True, slots=True)
class CheckedRelation:
    """The checks on one relation of the warehouse; one page of the Data Docs."""

    name: str
    schema: str
    relation: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class RowCondition:
    """A check that looks at one row at a time; many of them are counted in one scan.

    ``breaks`` is a DuckDB boolean over the relation's columns, NULL meaning that the row is fine;
    ``allowed`` is the share of a submission's rows that may break it; ``shown`` is the same
    condition in the form that a person is given to list the rows with, where it is another one.
    """

    id: str
    title: str
    meaning: str
    message: str
    breaks: str
    column: str | None = None
    allowed: float = 0.0
    shown: str | None = None


def text_list(values: Iterable[str]) -> str:
    """Write values as an SQL list of texts."""
    return "[" + ", ".join(literal(value) for value in values) + "]::VARCHAR[]"


def values_relation(columns: tuple[str, ...], rows: Iterable[tuple[str | None, ...]]) -> str:
    """Write rows of texts as an SQL relation in brackets; no row gives an empty relation."""
    written = ", ".join("(" + ", ".join(literal(value) for value in row) + ")" for row in rows)
    names = ", ".join(columns)
    if written:
        return f"(SELECT * FROM (VALUES {written}) AS listed({names}))"
    nothing = ", ".join(f"NULL::VARCHAR AS {column}" for column in columns)
    return f"(SELECT {nothing} WHERE false)"


def counted_by_submission(
    relation: str,
    feed: str,
    conditions: Iterable[RowCondition],
    severities: Mapping[str, Severity],
) -> tuple[Check, ...]:
    """Turn row conditions into checks that share one scan of the relation.

    Args:
        relation: quoted name of a relation with ``organisation`` and ``submission_id``.
        feed: the feed that the relation holds.
        conditions: what the rows must not break; none gives no check.
        severities: how grave each is, by id.

    Returns:
        One check for each condition. A failure is one submission: its organisation and period,
        how many of its rows break the condition (``observed``) and how many it has (``total``).
    """
    listed = tuple(conditions)
    if not listed:
        return ()
    counts = ",\n        ".join(
        f"count(*) FILTER (WHERE {condition.breaks}) AS broken_{number}"
        for number, condition in enumerate(listed)
    )
    checks = ",\n            ".join(
        f"{{'check': {literal(condition.id)}, 'observed': broken_{number}, "
        f"'allowed': {condition.allowed!r}}}"
        for number, condition in enumerate(listed)
    )
    query = f"""\
WITH scanned AS (
    SELECT
        organisation,
        submission_id,
        count(*) AS total,
        {counts}
    FROM {relation}
    GROUP BY organisation, submission_id
),
counted AS (
    SELECT
        organisation,
        submission_id,
        total,
        unnest([
            {checks}
        ], recursive := true)
    FROM scanned
)
SELECT
    counted."check",
    counted.organisation,
    {literal(feed)} AS feed,
    submissions.period,
    counted.observed,
    counted.total,
    counted.submission_id
FROM counted
LEFT JOIN {CURRENT_SUBMISSIONS} AS submissions
    ON counted.submission_id = submissions.submission_id
WHERE counted.observed > counted.allowed * counted.total"""
    return tuple(
        Check(
            id=condition.id,
            title=condition.title,
            meaning=condition.meaning,
            message=condition.message,
            query=query,
            severity=severities[condition.id],
            column=condition.column,
            rows=f"SELECT * FROM {relation} WHERE {condition.shown or condition.breaks}",
        )
        for condition in listed
    )
