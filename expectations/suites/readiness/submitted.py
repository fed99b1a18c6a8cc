"""Who has submitted what of a reporting year: missing, partial, rejected, refused, late, misplaced.

Whether an organisation is expected to submit a feed is configured (``expected_feeds.yaml``); the
months in which it is in force come from the warehouse. Knows nothing of the rows' content.
"""

from __future__ import annotations

from common import clock
from common.sql import literal
from expectations.configuration import ExpectedFeeds, Thresholds
from expectations.engine.checks import (
    CURRENT_SUBMISSIONS,
    SUBMISSIONS,
    Check,
    values_relation,
)
from expectations.reporting_calendar import Window, end_of
from expectations.suites.readiness.check import readiness_check
from ingest.ledger import ACCEPTED


def expected_months(year: int, expected: ExpectedFeeds) -> str:
    """Return CTEs: ``expected`` (organisation, feed) and ``due`` (organisation, month).

    A month is due when it is over on the day that the warehouse was built on and the organisation
    is in force in it.
    """
    listed = values_relation(("feed",), ((feed,) for feed in expected.default))
    others = values_relation(
        ("organisation", "feed"),
        (
            (organisation, feed)
            for organisation, own in sorted(expected.organisations.items())
            for feed in own
        ),
    )
    named = values_relation(
        ("organisation",), ((organisation,) for organisation in sorted(expected.organisations))
    )
    return f"""\
built AS (
    SELECT max(last_day) AS built_on FROM marts.dim_period
),
in_force AS (
    SELECT
        organisation,
        greatest(coalesce(valid_from, DATE '{year}-01-01'), DATE '{year}-01-01') AS first_day,
        least(coalesce(valid_to, DATE '{year}-12-31'), DATE '{year}-12-31', built_on) AS last_day
    FROM marts.dim_organisation
    CROSS JOIN built
),
months AS (
    SELECT
        CAST(first_day AS DATE) AS first_day,
        CAST(first_day + INTERVAL 1 MONTH - INTERVAL 1 DAY AS DATE) AS last_day,
        strftime(first_day, '%Y-%m') AS month
    FROM (
        SELECT unnest(generate_series(
            TIMESTAMP '{year}-01-01', TIMESTAMP '{year}-12-01', INTERVAL 1 MONTH
        )) AS first_day
    )
),
due AS (
    SELECT in_force.organisation, months.month
    FROM in_force
    INNER JOIN months
        ON months.first_day <= in_force.last_day AND months.last_day >= in_force.first_day
    INNER JOIN built ON months.last_day <= built.built_on
),
expected AS (
    SELECT organisation, feed
    FROM marts.dim_organisation
    CROSS JOIN {listed}
    WHERE organisation NOT IN (SELECT organisation FROM {named})
    UNION ALL
    SELECT organisation, feed FROM {others}
)"""


def submitted(feed: str, year: int, expected: str, thresholds: Thresholds) -> Check:
    """Check that everybody of whom a feed is expected has submitted it."""
    query = f"""\
WITH {expected},
submitted AS (
    SELECT DISTINCT organisation, feed
    FROM marts.fct_coverage
    WHERE period_type = 'year' AND period = '{year}'
)
SELECT
    'submitted.' || expected.feed AS "check",
    expected.organisation,
    expected.feed,
    '{year}' AS period,
    count(*) AS observed
FROM expected
INNER JOIN due USING (organisation)
ANTI JOIN submitted
    ON expected.organisation = submitted.organisation AND expected.feed = submitted.feed
GROUP BY expected.organisation, expected.feed"""
    return readiness_check(
        f"submitted.{feed}",
        f"Every organisation has submitted {feed}",
        f"Of whom {feed} is expected is set in expected_feeds.yaml; an organisation counts in the "
        "months in which it is in force.",
        f"{{organisation}} has submitted no {feed} for {year} (months due: {{observed}}). "
        f"Ask it to submit the year: inbox/{{organisation}}/{feed}/{year}.csv.",
        query,
        thresholds,
    )


def covered(
    feed: str, year: int, asked_for: str, expected: ExpectedFeeds, thresholds: Thresholds
) -> Check:
    """Check that whoever submits a feed covers every month of the year that is over."""
    once_a_year = values_relation(("feed",), ((feed,) for feed in expected.once_a_year))
    # Neighboring months are one stretch: within it, month and running number move alike.
    query = f"""\
WITH {asked_for},
covered AS (
    SELECT DISTINCT organisation, feed, period AS month
    FROM marts.fct_coverage
    WHERE period_type = 'month' AND period LIKE '{year}-%'
),
submitted AS (
    SELECT DISTINCT organisation, feed
    FROM marts.fct_coverage
    WHERE period_type = 'year' AND period = '{year}'
),
missing AS (
    SELECT
        expected.organisation,
        expected.feed,
        due.month,
        CAST(right(due.month, 2) AS INTEGER) - row_number() OVER (
            PARTITION BY expected.organisation, expected.feed ORDER BY due.month
        ) AS stretch
    FROM expected
    INNER JOIN submitted
        ON expected.organisation = submitted.organisation AND expected.feed = submitted.feed
    INNER JOIN due ON expected.organisation = due.organisation
    ANTI JOIN covered
        ON
            expected.organisation = covered.organisation
            AND expected.feed = covered.feed
            AND due.month = covered.month
    WHERE expected.feed NOT IN (SELECT feed FROM {once_a_year})
),
stretches AS (
    SELECT
        organisation,
        feed,
        min(month) AS first_month,
        CASE WHEN count(*) = 1 THEN min(month) ELSE min(month) || ' – ' || max(month) END AS months,
        count(*) AS missing_months
    FROM missing
    GROUP BY organisation, feed, stretch
)
SELECT
    'covered.' || feed AS "check",
    organisation,
    feed,
    string_agg(months, ', ' ORDER BY first_month) AS period,
    sum(missing_months) AS observed
FROM stretches
GROUP BY organisation, feed"""
    return readiness_check(
        f"covered.{feed}",
        f"Whoever submits {feed} covers every month of the year that is over",
        "A period is covered when a current submission states a period that overlaps it. A month "
        "that is not covered is missing from every indicator, it is not zero.",
        f"{{organisation}} has submitted {feed} for part of {year} only: {{period}} is missing. "
        "Ask it to submit the missing months, or the whole year: "
        f"inbox/{{organisation}}/{feed}/{year}.csv.",
        query,
        thresholds,
    )


def rejects(feed: str, year: int, thresholds: Thresholds) -> Check:
    """Check that not too many rows of a current submission were rejected."""
    # All feeds share one query, unless they differ in how much may be rejected.
    allowed = thresholds.limit(f"readiness.rejects.{feed}", "reject_share", thresholds.reject_share)
    query = f"""\
SELECT
    'rejects.' || feed AS "check",
    organisation,
    feed,
    period,
    submission_id,
    rows_rejected,
    rows_loaded + rows_rejected AS total,
    100.0 * rows_rejected / (rows_loaded + rows_rejected) AS observed
FROM {CURRENT_SUBMISSIONS}
WHERE
    period_start <= DATE '{year}-12-31'
    AND period_end >= DATE '{year}-01-01'
    AND rows_rejected > {allowed!r} * (rows_loaded + rows_rejected)"""
    return readiness_check(
        f"rejects.{feed}",
        f"At most {allowed:.0%} of the rows of each current submission of {feed} were rejected",
        "Rejected rows are missing from every indicator until they are mended and sent again. The "
        "share is in thresholds.yaml (reject_share).",
        f"Of the {{total}} rows of {feed} that {{organisation}} submitted for {{period}}, "
        "{rows_rejected} were rejected ({observed} %). Ask it to mend the rows that "
        "receipts/{submission_id}.html lists and to submit the file again.",
        query,
        thresholds,
    )


def refused(feed: str, year: int, thresholds: Thresholds) -> Check:
    """Check that a refused submission was followed by an accepted one."""
    query = f"""\
WITH last_word AS (
    SELECT *
    FROM {SUBMISSIONS}
    WHERE
        organisation IS NOT NULL
        AND feed IS NOT NULL
        AND period_start <= DATE '{year}-12-31'
        AND period_end >= DATE '{year}-01-01'
    QUALIFY row_number() OVER (
        PARTITION BY organisation, feed, period ORDER BY received_at DESC, submission_id DESC
    ) = 1
)
SELECT
    'refused.' || feed AS "check",
    organisation,
    feed,
    period,
    submission_id,
    strftime(received_at, '%Y-%m-%d') AS received_on,
    status AS observed
FROM last_word
WHERE status = 'refused'"""
    return readiness_check(
        f"refused.{feed}",
        f"No refused submission of {feed} is left without an accepted one after it",
        "A refused submission loads nothing; what was accepted before it stays in force.",
        f"The {feed} that {{organisation}} submitted for {{period}} on {{received_on}} were "
        "refused and nothing acceptable has come since. receipts/{submission_id}.html says why. "
        "Ask it to mend the file and to submit it again.",
        query,
        thresholds,
    )


def late(feed: str, window: Window, thresholds: Thresholds) -> Check:
    """Check that the first submission of the year came before the collection was over."""
    due = end_of(window.due).replace(tzinfo=None)
    accepted = ", ".join(literal(status) for status in ACCEPTED)
    query = f"""\
SELECT
    'late.' || feed AS "check",
    organisation,
    feed,
    '{window.year}' AS period,
    strftime(
        min(received_at) AT TIME ZONE 'UTC' AT TIME ZONE '{clock.FINLAND.key}', '%Y-%m-%d'
    ) AS observed
FROM {SUBMISSIONS}
WHERE
    status IN ({accepted})
    AND period_start <= DATE '{window.year}-12-31'
    AND period_end >= DATE '{window.year}-01-01'
GROUP BY organisation, feed
HAVING min(received_at) >= TIMESTAMP '{due.isoformat(sep=" ")}'"""
    return readiness_check(
        f"late.{feed}",
        f"The first {feed} of the year came before its collection was over",
        "Late data count as any other; whoever waits for them does so in vain until they come.",
        f"{{organisation}} submitted its first {feed} for {window.year} on {{observed}}; they were "
        f"due on {window.due}. They count. Ask it to submit those of the next year in time.",
        query,
        thresholds,
    )


def unplaced(year: int, thresholds: Thresholds) -> Check:
    """Check that no file waits whose place names no organisation, feed and period."""
    query = f"""\
SELECT
    'unplaced' AS "check",
    unplaced.organisation,
    unplaced.feed,
    unplaced.period,
    unplaced.submission_id,
    strftime(unplaced.received_at, '%Y-%m-%d') AS received_on,
    unplaced.status AS observed
FROM {SUBMISSIONS} AS unplaced
WHERE
    unplaced.status = 'refused'
    AND (unplaced.organisation IS NULL OR unplaced.feed IS NULL OR unplaced.period IS NULL)
    AND coalesce(unplaced.period_start, unplaced.received_at) < DATE '{year + 1}-02-01'
    AND coalesce(unplaced.period_end, unplaced.received_at) >= DATE '{year}-01-01'
    AND NOT EXISTS (
        SELECT 1
        FROM {SUBMISSIONS} AS placed
        WHERE
            placed.sha256 = unplaced.sha256
            AND placed.received_at > unplaced.received_at
            AND placed.status <> 'refused'
    )"""
    return readiness_check(
        "unplaced",
        "No file lies about whose place told no organisation, feed and period",
        "Such a file was refused unread. It is settled when the same bytes are accepted from the "
        "right place.",
        "A file received on {received_on} told no organisation, feed or period by its place "
        "(organisation {organisation}, feed {feed}, period {period}), so it was refused. "
        "receipts/{submission_id}.html says what to do: put it into "
        "inbox/<organisation>/<feed>/<period>.csv.",
        query,
        thresholds,
    )
