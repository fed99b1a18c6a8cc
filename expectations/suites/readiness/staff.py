"""Whether what the year's indicators of workers rest on is there: assignments and the survey."""

from __future__ import annotations

from common.sql import identifier, literal
from expectations.configuration import Thresholds
from expectations.engine.catalog import Catalog
from expectations.engine.checks import Check
from expectations.suites.readiness.check import readiness_check
from expectations.suites.warehouse.check import CATALOGUE, INDICATORS, VALUES


def staff_checks(year: int, catalog: Catalog, thresholds: Thresholds) -> list[Check]:
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
        f"(SELECT * FROM {identifier(INDICATORS, VALUES)} WHERE indicator = {literal(indicator)} "
        f"AND area_type = 'organisation' AND period_type = 'year' AND period = '{year}' "
        "AND breakdown = 'none') AS of_organisations"
    )


def _responsible_workers(year: int, thresholds: Thresholds) -> Check:
    check_id = "responsible_workers"
    allowed = thresholds.limit(
        f"readiness.{check_id}", "responsible_share", thresholds.responsible_share
    )
    query = f"""\
SELECT
    '{check_id}' AS "check",
    area AS organisation,
    'assignments' AS feed,
    period,
    indicator,
    CAST(numerator AS BIGINT) AS assigned,
    CAST(denominator AS BIGINT) AS relationships,
    100.0 * value AS observed
FROM {_of_organisations("caseload.responsible_worker", year)}
WHERE value < {allowed!r}"""
    return readiness_check(
        check_id,
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
    check_id = "survey_response"
    allowed = thresholds.limit(f"readiness.{check_id}", "response_share", thresholds.response_share)
    query = f"""\
SELECT
    '{check_id}' AS "check",
    area AS organisation,
    'worker_survey' AS feed,
    period,
    indicator,
    CAST(numerator AS BIGINT) AS answers,
    CAST(denominator AS BIGINT) AS sent_to,
    100.0 * value AS observed
FROM {_of_organisations("staff.survey_response_rate", year)}
WHERE value < {allowed!r} OR value > 1"""
    return readiness_check(
        check_id,
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
    return readiness_check(
        "survey_round",
        "Whoever has answers to the worker survey tells to how many it was sent",
        "Without its round a survey has no response rate.",
        "{organisation} has {observed} answers in worker_survey for {period} and no round in "
        "survey_rounds, so nobody knows of how many. Ask it to submit "
        f"inbox/{{organisation}}/survey_rounds/{year}.csv.",
        query,
        thresholds,
    )
