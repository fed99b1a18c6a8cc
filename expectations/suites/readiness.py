"""The suite ``readiness``: may a year be reported, and if not, who has to do what.

An organisation is expected to submit every feed that `expected_feeds.yaml` names for it, for each
month of the year in which it is in force and which is over. Of what it submitted, not too much may
have been rejected, point at nothing, or lack what the year's indicators rest on. Each failure names
organisation, feed and period, so that it can be sent to the submitter as it stands. Nothing here
decides that a year is ready: a person signs it off, and this is what they read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from expectations.configuration import ExpectedFeeds, Thresholds, Volume
from expectations.engine.catalog import Catalog
from expectations.engine.checks import (
    CURRENT_SUBMISSIONS,
    SUBMISSIONS,
    Check,
    CheckedRelation,
    quoted,
    text,
    values_relation,
)
from expectations.reporting_calendar import FINLAND, Window, end_of
from expectations.suites.feeds import SCHEMA as STAGING
from expectations.suites.feeds import staging
from expectations.suites.warehouse import CATALOGUE, INDICATORS, VALUES, sums_of_year
from ingest.contracts import Contract
from ingest.ledger import ACCEPTED


def reporting_year(today: date, collection_begins: str | None) -> int:
    """Return the year that is collected, or was collected last, on a day.

    Args:
        today: the day.
        collection_begins: the day of the year (``MM-DD``) from which a year's own submissions are
            collected; None where the annual clock does not tell: then a year is collected when it
            is over.
    """
    is_begun = collection_begins is not None and f"{today:%m-%d}" >= collection_begins
    return today.year if is_begun else today.year - 1


def compile_readiness(
    year: int,
    contracts: Mapping[str, Contract],
    expected: ExpectedFeeds,
    catalog: Catalog,
    thresholds: Thresholds,
    window: Window | None = None,
) -> tuple[CheckedRelation, ...]:
    """Compile the checks of a reporting year.

    Args:
        year: the year to be reported.
        contracts: the contracts by feed; ``period_date`` dates their rows.
        expected: who is expected to submit which feeds.
        catalog: what the warehouse holds.
        thresholds: severities and thresholds, as strict as they are on the day.
        window: the days of the year; without it nobody is late.
    """
    asked_for = _expected(year, expected)
    volumes = _volumes(year, contracts, expected, catalog, thresholds)
    checks: list[Check] = []
    for feed in sorted(expected.asked_for()):
        checks.append(_submitted(feed, year, asked_for, thresholds))
        if feed not in expected.once_a_year:
            checks.append(_covered(feed, year, asked_for, expected, thresholds))
    for feed in contracts:
        checks.append(_volume(feed, year, volumes, thresholds))
        checks.append(_rejects(feed, year, thresholds))
        checks.append(_refused(feed, year, thresholds))
    if window is not None:
        checks += [_late(feed, window, thresholds) for feed in sorted(expected.asked_for())]
    checks.append(_unplaced(year, thresholds))
    checks += _references(year, contracts, catalog, thresholds)
    checks += _of_staff(year, catalog, thresholds)
    sums = sums_of_year(catalog, thresholds, year)
    return (
        CheckedRelation("readiness", "marts", "fct_coverage", tuple(checks)),
        *([sums] if sums is not None else []),
    )


def _expected(year: int, expected: ExpectedFeeds) -> str:
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


def _submitted(feed: str, year: int, expected: str, thresholds: Thresholds) -> Check:
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
    return _check(
        f"submitted.{feed}",
        f"Every organisation has submitted {feed}",
        f"Of whom {feed} is expected is set in expected_feeds.yaml; an organisation counts in the "
        "months in which it is in force.",
        f"{{organisation}} has submitted no {feed} for {year} (months due: {{observed}}). "
        f"Ask it to submit the year: inbox/{{organisation}}/{feed}/{year}.csv.",
        query,
        thresholds,
    )


def _covered(
    feed: str, year: int, asked_for: str, expected: ExpectedFeeds, thresholds: Thresholds
) -> Check:
    once_a_year = values_relation(("feed",), ((feed,) for feed in expected.once_a_year))
    # Neighbouring months are told as one stretch: within it, month and running number move alike.
    query = f"""\
WITH {asked_for},
covered AS (
    SELECT DISTINCT organisation, feed, period AS month
    FROM marts.fct_coverage
    WHERE period_type = 'month' AND period LIKE '{year}-%'
),
submitted AS (
    SELECT DISTINCT organisation, feed FROM covered
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
    return _check(
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


def _volumes(
    year: int,
    contracts: Mapping[str, Contract],
    expected: ExpectedFeeds,
    catalog: Catalog,
    thresholds: Thresholds,
) -> str:
    """Return the query that compares each feed's rows with the year before.

    Dated rows are counted by their own date and compared per covered month; a feed without dates
    by the rows of its submissions, per covered month; of a snapshot the last submission of the
    year counts, of a yearly feed all of them.
    """
    dated = []
    for feed, contract in contracts.items():
        column = contract.period_date
        if (
            column
            and feed not in expected.snapshots
            and catalog.has(STAGING, staging(feed), column)
        ):
            day = quoted(column)
            dated.append(
                f"SELECT organisation, {text(feed)} AS feed, year({day}) AS year, "
                f"count(*) AS rows_read FROM {quoted(STAGING, staging(feed))} "
                f"WHERE year({day}) IN ({year - 1}, {year}) GROUP BY organisation, year({day})"
            )
    by_date = "\n    UNION ALL\n    ".join(dated) or (
        "SELECT NULL::VARCHAR AS organisation, NULL::VARCHAR AS feed, NULL::BIGINT AS year, "
        "NULL::BIGINT AS rows_read WHERE false"
    )
    snapshots = values_relation(("feed",), ((feed,) for feed in expected.snapshots))
    yearly = values_relation(("feed",), ((feed,) for feed in expected.once_a_year))
    dated_feeds = values_relation(
        ("feed",), ((feed,) for feed, contract in contracts.items() if contract.period_date)
    )
    bounds = ", ".join(
        f"({text(feed)}, {bound.lowest!r}, {bound.highest!r}, {bound.from_rows})"
        for feed, bound in ((feed, _bounds(feed, thresholds)) for feed in contracts)
    )
    return f"""\
WITH bounds AS (
    SELECT * FROM (VALUES {bounds}) AS listed(feed, lowest, highest, from_rows)
),
by_date AS (
    {by_date}
),
submissions AS (
    SELECT
        organisation,
        feed,
        year(period_start) AS year,
        period_end,
        received_at,
        rows_loaded,
        feed IN (SELECT feed FROM {snapshots}) AS is_snapshot,
        feed IN (SELECT feed FROM {dated_feeds}) AS is_dated
    FROM {CURRENT_SUBMISSIONS}
    WHERE year(period_start) IN ({year - 1}, {year})
),
by_submission AS (
    SELECT organisation, feed, year, sum(rows_loaded) AS rows_read
    FROM submissions
    WHERE NOT is_snapshot AND NOT is_dated
    GROUP BY organisation, feed, year
    UNION ALL
    SELECT organisation, feed, year, arg_max(rows_loaded, (period_end, received_at))
    FROM submissions
    WHERE is_snapshot
    GROUP BY organisation, feed, year
),
covered AS (
    SELECT
        organisation,
        feed,
        CAST(left(period, 4) AS INTEGER) AS year,
        CASE
            WHEN feed IN (SELECT feed FROM {snapshots}) THEN 1
            WHEN feed IN (SELECT feed FROM {yearly}) THEN 1
            ELSE count(*)
        END AS months
    FROM marts.fct_coverage
    WHERE period_type = 'month' AND left(period, 4) IN ('{year - 1}', '{year}')
    GROUP BY organisation, feed, left(period, 4)
),
volumes AS (
    -- Where the year is covered and no row fell in it, the count is 0, not missing.
    SELECT covered.organisation, covered.feed, covered.year, covered.months,
        coalesce(counted.rows_read, 0) AS rows_read
    FROM covered
    LEFT JOIN (SELECT * FROM by_date UNION ALL SELECT * FROM by_submission) AS counted
        ON
            covered.organisation = counted.organisation
            AND covered.feed = counted.feed
            AND covered.year = counted.year
)
SELECT
    'volume.' || this_year.feed AS "check",
    this_year.organisation,
    this_year.feed,
    '{year}' AS period,
    this_year.rows_read,
    this_year.months,
    year_before.rows_read AS rows_before,
    year_before.months AS months_before,
    (this_year.rows_read / this_year.months) / (year_before.rows_read / year_before.months)
        AS observed
FROM volumes AS this_year
INNER JOIN volumes AS year_before
    ON
        this_year.organisation = year_before.organisation
        AND this_year.feed = year_before.feed
        AND this_year.year = year_before.year + 1
INNER JOIN bounds ON this_year.feed = bounds.feed
WHERE
    greatest(this_year.rows_read, year_before.rows_read) >= bounds.from_rows
    AND year_before.rows_read > 0
    AND (this_year.rows_read / this_year.months) / (year_before.rows_read / year_before.months)
    NOT BETWEEN bounds.lowest AND bounds.highest"""


def _bounds(feed: str, thresholds: Thresholds) -> Volume:
    """Return within which bounds the volume of a feed is plausible."""
    general, expectation = thresholds.volume, f"readiness.volume.{feed}"
    return Volume(
        lowest=thresholds.limit(expectation, "lowest", general.lowest),
        highest=thresholds.limit(expectation, "highest", general.highest),
        from_rows=int(thresholds.limit(expectation, "from_rows", general.from_rows)),
    )


def _volume(feed: str, year: int, query: str, thresholds: Thresholds) -> Check:
    bounds = _bounds(feed, thresholds)
    return _check(
        f"volume.{feed}",
        f"The rows of {feed} are between {bounds.lowest:g} and {bounds.highest:g} times those of "
        "the year before",
        "Compared per covered month where rows are dated, where both years were submitted and one "
        f"of them has at least {bounds.from_rows} rows. The bounds are in thresholds.yaml "
        "(volume).",
        f"{{organisation}} has {{rows_read}} rows of {feed} for {year} ({{months}} months counted) "
        f"against {{rows_before}} for {year - 1} ({{months_before}}): {{observed}} times as many. "
        "Ask it whether rows are missing or sent twice, or whether the work really changed.",
        query,
        thresholds,
    )


def _rejects(feed: str, year: int, thresholds: Thresholds) -> Check:
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
    return _check(
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


def _refused(feed: str, year: int, thresholds: Thresholds) -> Check:
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
    return _check(
        f"refused.{feed}",
        f"No refused submission of {feed} is left without an accepted one after it",
        "A refused submission loads nothing; what was accepted before it stays in force.",
        f"The {feed} that {{organisation}} submitted for {{period}} on {{received_on}} were "
        "refused and nothing acceptable has come since. receipts/{submission_id}.html says why. "
        "Ask it to mend the file and to submit it again.",
        query,
        thresholds,
    )


def _late(feed: str, window: Window, thresholds: Thresholds) -> Check:
    due = end_of(window.due).replace(tzinfo=None)
    accepted = ", ".join(text(status) for status in ACCEPTED)
    query = f"""\
SELECT
    'late.' || feed AS "check",
    organisation,
    feed,
    '{window.year}' AS period,
    strftime(
        min(received_at) AT TIME ZONE 'UTC' AT TIME ZONE '{FINLAND.key}', '%Y-%m-%d'
    ) AS observed
FROM {SUBMISSIONS}
WHERE
    status IN ({accepted})
    AND period_start <= DATE '{window.year}-12-31'
    AND period_end >= DATE '{window.year}-01-01'
GROUP BY organisation, feed
HAVING min(received_at) >= TIMESTAMP '{due.isoformat(sep=" ")}'"""
    return _check(
        f"late.{feed}",
        f"The first {feed} of the year came before its collection was over",
        "Late data count as any other; whoever waits for them does so in vain until they come.",
        f"{{organisation}} submitted its first {feed} for {window.year} on {{observed}}; they were "
        f"due on {window.due}. They count. Ask it to submit those of the next year in time.",
        query,
        thresholds,
    )


def _unplaced(year: int, thresholds: Thresholds) -> Check:
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
    return _check(
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


def _references(
    year: int, contracts: Mapping[str, Contract], catalog: Catalog, thresholds: Thresholds
) -> list[Check]:
    """Measure the references of a year's rows, of each organisation and feed."""
    checks = []
    for feed, contract in contracts.items():
        for column in contract.columns:
            if column.references is None or staging(feed) not in catalog.filled:
                continue
            referred_feed, referred_column = column.references.split(".")
            if catalog.has(STAGING, staging(feed), column.name) and catalog.has(
                STAGING, staging(referred_feed), referred_column
            ):
                checks.append(
                    _reference(year, feed, column.name, referred_feed, referred_column, thresholds)
                )
    return checks


def _reference(
    year: int,
    feed: str,
    column: str,
    referred_feed: str,
    referred_column: str,
    thresholds: Thresholds,
) -> Check:
    identifier = f"references.{feed}.{column}"
    general = thresholds.orphan_share.get(f"{feed}.{column}", thresholds.orphan_share["default"])
    allowed = thresholds.limit(f"readiness.{identifier}", "orphan_share", general)
    query = f"""\
WITH known AS (
    SELECT DISTINCT organisation, {quoted(referred_column)} AS known_key
    FROM {quoted(STAGING, staging(referred_feed))}
),
counted AS (
    SELECT
        rows_read.organisation,
        count(*) AS total,
        count(*) FILTER (WHERE known.known_key IS NULL) AS observed
    FROM {quoted(STAGING, staging(feed))} AS rows_read
    INNER JOIN {CURRENT_SUBMISSIONS} AS submissions
        ON rows_read.submission_id = submissions.submission_id
    LEFT JOIN known
        ON
            rows_read.organisation = known.organisation
            AND rows_read.{quoted(column)} = known.known_key
    WHERE
        rows_read.{quoted(column)} IS NOT NULL
        AND submissions.period_start <= DATE '{year}-12-31'
        AND submissions.period_end >= DATE '{year}-01-01'
    GROUP BY rows_read.organisation
),
looked_up AS (
    SELECT *, organisation IN (SELECT organisation FROM known) AS has_referred_feed
    FROM counted
)
SELECT
    {text(identifier)} AS "check",
    organisation,
    {text(feed)} AS feed,
    '{year}' AS period,
    observed,
    total,
    {text(column)} AS column_name,
    {text(referred_feed)} AS referred_feed,
    has_referred_feed,
    CASE
        WHEN has_referred_feed
            THEN 'Ask it to complete {referred_feed}, or to use the same identifiers in both.'
        ELSE 'Ask it to submit {referred_feed}, of which it has sent none.'
    END AS advice
FROM looked_up
WHERE observed > {allowed!r} * total"""
    return _check(
        identifier,
        f"{feed}: at most {allowed:.0%} of an organisation's {column} are unknown in "
        f"{referred_feed}",
        "A row whose reference is unknown counts in its organisation and in no municipality and no "
        "breakdown. Measured over the year; the share allowed is in thresholds.yaml "
        "(orphan_share, limits).",
        f"{{observed}} of the {{total}} rows of {feed} from {{organisation}} for {{period}} name a "
        f"{column} that its {referred_feed} do not hold (at most {allowed:.0%} is expected). "
        "{advice}",
        query,
        thresholds,
    )


def _of_staff(year: int, catalog: Catalog, thresholds: Thresholds) -> list[Check]:
    """Check what the year's indicators of workers rest on, where the warehouse holds them."""
    checks = []
    if catalog.has(INDICATORS, VALUES) and catalog.has(INDICATORS, CATALOGUE):
        checks += [_responsible_workers(year, thresholds), _survey_response(year, thresholds)]
    if catalog.has("marts", "fct_worker_survey_response", "organisation", "year") and catalog.has(
        "marts", "fct_survey_round", "organisation", "year"
    ):
        checks.append(_survey_round(year, thresholds))
    return checks


def _of_organisations(indicator: str, year: int) -> str:
    """Return the undivided values of an indicator for the organisations in a year."""
    return (
        f"(SELECT * FROM {quoted(INDICATORS, VALUES)} WHERE indicator = {text(indicator)} "
        f"AND area_type = 'organisation' AND period_type = 'year' AND period = '{year}' "
        "AND breakdown = 'none') AS of_organisations"
    )


def _responsible_workers(year: int, thresholds: Thresholds) -> Check:
    identifier = "responsible_workers"
    allowed = thresholds.limit(
        f"readiness.{identifier}", "responsible_share", thresholds.responsible_share
    )
    query = f"""\
SELECT
    '{identifier}' AS "check",
    area AS organisation,
    'assignments' AS feed,
    period,
    indicator,
    CAST(numerator AS BIGINT) AS assigned,
    CAST(denominator AS BIGINT) AS relationships,
    100.0 * value AS observed
FROM {_of_organisations("caseload.responsible_worker", year)}
WHERE value < {allowed!r}"""
    return _check(
        identifier,
        f"At least {allowed:.0%} of an organisation's open client relationships have a responsible "
        "worker",
        "Where assignments are missing, caseloads come out too small. The share is in "
        "thresholds.yaml (responsible_share).",
        "{organisation} names a responsible worker for {assigned} of the {relationships} client "
        f"relationships open on the last day of {{period}} ({{observed}} %, at least {allowed:.0%} "
        "is expected), by its assignments. Ask it whether assignments are missing: "
        f"inbox/{{organisation}}/assignments/{year}.csv.",
        query,
        thresholds,
    )


def _survey_response(year: int, thresholds: Thresholds) -> Check:
    identifier = "survey_response"
    allowed = thresholds.limit(
        f"readiness.{identifier}", "response_share", thresholds.response_share
    )
    query = f"""\
SELECT
    '{identifier}' AS "check",
    area AS organisation,
    'worker_survey' AS feed,
    period,
    indicator,
    CAST(numerator AS BIGINT) AS answers,
    CAST(denominator AS BIGINT) AS sent_to,
    100.0 * value AS observed
FROM {_of_organisations("staff.survey_response_rate", year)}
WHERE value < {allowed!r} OR value > 1"""
    return _check(
        identifier,
        f"At least {allowed:.0%} of those to whom the worker survey was sent have answered it, and "
        "not more than all",
        "A survey that few have answered tells of those few. The share is in thresholds.yaml "
        "(response_share).",
        "{organisation} has {answers} answers in worker_survey for {period}, which was sent to "
        f"{{sent_to}} ({{observed}} %, at least {allowed:.0%} is expected). Ask it whether answers "
        "are still to come, or sent_to in its survey_rounds is wrong.",
        query,
        thresholds,
    )


def _survey_round(year: int, thresholds: Thresholds) -> Check:
    query = f"""\
SELECT
    'survey_round' AS "check",
    answers.organisation,
    'survey_rounds' AS feed,
    answers.year AS period,
    count(*) AS observed
FROM marts.fct_worker_survey_response AS answers
ANTI JOIN marts.fct_survey_round AS rounds
    ON answers.organisation = rounds.organisation AND answers.year = rounds.year
WHERE answers.year = '{year}'
GROUP BY answers.organisation, answers.year"""
    return _check(
        "survey_round",
        "Whoever has answers to the worker survey tells to how many it was sent",
        "Without its round a survey has no response rate.",
        "{organisation} has {observed} answers in worker_survey for {period} and no round in "
        "survey_rounds, so nobody knows of how many. Ask it to submit "
        f"inbox/{{organisation}}/survey_rounds/{year}.csv.",
        query,
        thresholds,
    )


def _check(
    identifier: str, title: str, meaning: str, message: str, query: str, thresholds: Thresholds
) -> Check:
    return Check(
        id=identifier,
        title=title,
        meaning=meaning,
        message=message,
        query=query,
        severity=thresholds.severity_of(f"readiness.{identifier}"),
    )
