"""The suite readiness: who has to submit what before a year may be reported."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from expectations.configuration import ExpectedFeeds, LimitsRule, Thresholds, load_thresholds
from expectations.reporting_calendar import window_of
from expectations.suite_runner import run_suite
from expectations.suites.readiness import compile_readiness, reporting_year
from ingest.contracts import load_contracts
from tests.support.small_warehouse import SmallWarehouse, catalog_of, failing

CONTRACTS = load_contracts()
# The rows of these tests point at nothing; what that is worth has its own tests.
LIMITS = load_thresholds().model_copy(update={"orphan_share": {"default": 1.0}})
EXPECTED = ExpectedFeeds(
    default=("contacts", "workers", "worker_survey"),
    organisations={"pieksamaki": ("outreach",)},
    once_a_year=("worker_survey",),
    snapshots=("workers",),
)
YEAR = 2019


def compiled(path: Path, limits: Thresholds = LIMITS, year: int = YEAR):  # type: ignore[no-untyped-def]
    return compile_readiness(year, CONTRACTS, EXPECTED, catalog_of(path), limits)


def places(found: dict[str, list[dict[str, object]]], check: str) -> set[tuple[object, ...]]:
    return {(one["organisation"], one["feed"], one["period"]) for one in found.get(check, [])}


@pytest.fixture
def warehouse(tmp_path: Path) -> SmallWarehouse:
    """Hold essote, which has submitted all that is expected of it for 2018 and 2019."""
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    warehouse.organisation("essote")
    for year in ("2018", "2019"):
        rows = [{"occurred_on": date(int(year), 5, 2)}] * 30
        warehouse.submit("contacts", year, rows)
        warehouse.submit("workers", year, [{}] * 30)
        warehouse.submit("worker_survey", year, [{}] * 30)
    return warehouse


def test_a_year_in_which_everyone_submitted_everything_is_ready(warehouse: SmallWarehouse) -> None:
    path = warehouse.finish()
    assert failing(compiled(path), path) == {}


def test_a_feed_that_was_not_submitted_is_named(warehouse: SmallWarehouse) -> None:
    warehouse.organisation("sosteri")
    warehouse.submit("contacts", "2019", organisation="sosteri")
    warehouse.submit("workers", "2018", organisation="sosteri")
    path = warehouse.finish()
    found = failing(compiled(path), path)
    assert places(found, "submitted.workers") == {("sosteri", "workers", "2019")}
    assert places(found, "submitted.worker_survey") == {("sosteri", "worker_survey", "2019")}
    assert places(found, "submitted.contacts") == set()
    (failure,) = found["submitted.workers"]
    assert failure["message"] == (
        "sosteri has submitted no workers for 2019 (months due: 12). Ask it to submit the year: "
        "inbox/sosteri/workers/2019.csv."
    )


def test_of_an_organisation_only_what_is_named_for_it_is_expected(
    warehouse: SmallWarehouse,
) -> None:
    warehouse.organisation("pieksamaki")
    path = warehouse.finish()
    found = failing(compiled(path), path)
    assert {check: places(found, check) for check in found} == {
        "submitted.outreach": {("pieksamaki", "outreach", "2019")}
    }


def test_months_that_are_missing_are_named_as_stretches(warehouse: SmallWarehouse) -> None:
    warehouse.organisation("sosteri")
    for month in ("02", "03", "07", "12"):
        warehouse.submit("contacts", f"2019-{month}", organisation="sosteri")
    warehouse.submit("workers", "2019-06-30", organisation="sosteri")
    warehouse.submit("worker_survey", "2019-11", organisation="sosteri")
    path = warehouse.finish()
    found = failing(compiled(path), path)
    assert places(found, "covered.contacts") == {
        ("sosteri", "contacts", "2019-01, 2019-04 – 2019-06, 2019-08 – 2019-11")
    }
    assert found["covered.contacts"][0]["observed"] == 8
    assert places(found, "covered.workers") == {
        ("sosteri", "workers", "2019-01 – 2019-05, 2019-07 – 2019-12")
    }
    assert set(found) == {"covered.contacts", "covered.workers"}


def test_only_the_months_in_force_are_due(warehouse: SmallWarehouse) -> None:
    warehouse.organisation("sosteri", date(2019, 3, 15), date(2019, 8, 31))
    warehouse.organisation("closed", None, date(2018, 12, 31))
    warehouse.organisation("later", date(2020, 1, 1), None)
    for feed in ("contacts", "workers", "worker_survey"):
        warehouse.submit(feed, "2019-05", organisation="sosteri")
    path = warehouse.finish()
    found = failing(compiled(path), path)
    assert {check: places(found, check) for check in found} == {
        "covered.contacts": {("sosteri", "contacts", "2019-03 – 2019-04, 2019-06 – 2019-08")},
        "covered.workers": {("sosteri", "workers", "2019-03 – 2019-04, 2019-06 – 2019-08")},
    }


def test_a_month_that_is_not_over_is_not_due(tmp_path: Path) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb", built_on=date(2019, 4, 29))
    warehouse.organisation("essote")
    for feed in ("contacts", "workers"):
        for month in ("01", "02", "03"):
            warehouse.submit(feed, f"2019-{month}")
    path = warehouse.finish()
    found = failing(compiled(path), path)
    assert set(found) == {"submitted.worker_survey"}
    assert found["submitted.worker_survey"][0]["observed"] == 3


def volume(found: dict[str, list[dict[str, object]]], feed: str) -> list[float]:
    return [pytest.approx(one["observed"]) for one in found.get(f"volume.{feed}", [])]


@pytest.mark.parametrize(
    ("rows", "ratios"), [(14, [14 / 30]), (15, []), (60, []), (61, [61 / 30]), (0, [0.0])]
)
def test_a_volume_outside_the_bounds_is_named(
    rows: int, ratios: list[float], tmp_path: Path
) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    warehouse.organisation("essote")
    warehouse.submit("contacts", "2018", [{"occurred_on": date(2018, 5, 2)}] * 30)
    warehouse.submit("contacts", "2019", [{"occurred_on": date(2019, 5, 2)}] * rows)
    path = warehouse.finish()
    found = failing(compiled(path), path)
    assert volume(found, "contacts") == ratios
    if ratios:
        assert places(found, "volume.contacts") == {("essote", "contacts", "2019")}
        assert f"has {rows} rows of contacts for 2019" in found["volume.contacts"][0]["message"]
        assert "against 30 for 2018" in found["volume.contacts"][0]["message"]


def test_dated_rows_are_compared_per_covered_month(tmp_path: Path) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    warehouse.organisation("essote")
    warehouse.submit("contacts", "2018", [{"occurred_on": date(2018, 5, 2)}] * 120)
    for month in (10, 11, 12):
        rows = [{"occurred_on": date(2019, month, 1)}] * 10
        warehouse.submit("contacts", f"2019-{month}", rows)
    path = warehouse.finish()
    assert volume(failing(compiled(path), path), "contacts") == []


def test_of_a_snapshot_the_last_submission_of_the_year_counts(tmp_path: Path) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    warehouse.organisation("essote")
    warehouse.submit("workers", "2018", [{}] * 20)
    for month in range(1, 12):
        warehouse.submit("workers", f"2019-{month:02d}", [{}] * 40)
    warehouse.submit("workers", "2019-12", [{}] * 50)
    path = warehouse.finish()
    assert volume(failing(compiled(path), path), "workers") == [2.5]


def test_a_row_that_a_later_file_of_the_year_tells_again_counts_once(tmp_path: Path) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    warehouse.organisation("essote")
    for year, files in ((2018, ("2018",)), (2019, ("2019", "2019-11", "2019-12"))):
        for place, period in enumerate(files):
            rows = [{"measurement_id": f"{year} {row}", "domain": "mood"} for row in range(30)]
            warehouse.submit("measurement_scores", period, rows)
            if place:
                # Staging keeps one row of each key, as the model does.
                warehouse.run(
                    "DELETE FROM staging.stg_measurement_scores WHERE submission_id < ? "
                    "AND measurement_id LIKE ?",
                    [f"{place + 2:026d}", f"{year} %"],
                )
    path = warehouse.finish()
    assert volume(failing(compiled(path), path), "measurement_scores") == []


def test_a_measure_counts_in_the_year_in_which_it_was_proposed(tmp_path: Path) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    warehouse.organisation("essote")
    warehouse.submit("measures", "2018", [])
    # The file of 2019 tells how those of 2018 went on; so they are in force by it.
    proposed = [date(2018, 5, 2)] * 30 + [date(2019, 5, 2)] * 10
    warehouse.submit("measures", "2019", [{"proposed_on": day} for day in proposed])
    path = warehouse.finish()
    assert volume(failing(compiled(path), path), "measures") == [pytest.approx(1 / 3)]


def test_an_answer_counts_in_the_year_of_its_survey(tmp_path: Path) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    warehouse.organisation("essote")
    warehouse.submit("worker_survey", "2018", [{"year": 2018}] * 30)
    warehouse.submit("worker_survey", "2019", [{"year": 2018}] * 30 + [{"year": 2019}] * 70)
    path = warehouse.finish()
    assert volume(failing(compiled(path), path), "worker_survey") == []


def test_small_volumes_are_not_compared(tmp_path: Path) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    warehouse.organisation("essote")
    warehouse.submit("contacts", "2018", [{"occurred_on": date(2018, 5, 2)}] * 2)
    warehouse.submit("contacts", "2019", [{"occurred_on": date(2019, 5, 2)}] * 19)
    path = warehouse.finish()
    assert volume(failing(compiled(path), path), "contacts") == []


def test_a_current_submission_with_many_rejected_rows_is_named(warehouse: SmallWarehouse) -> None:
    warehouse.submit("contacts", "2019-03", [{}] * 19, status="accepted_with_rejects", rejected=1)
    identifier = warehouse.submit(
        "contacts", "2019-04", [{}] * 18, status="accepted_with_rejects", rejected=2
    )
    warehouse.submit("contacts", "2019-05", [{}] * 10, status="accepted_with_rejects", rejected=1)
    warehouse.submit("contacts", "2019-05", [{}] * 11)
    path = warehouse.finish()
    found = failing(compiled(path), path)
    assert places(found, "rejects.contacts") == {("essote", "contacts", "2019-04")}
    assert found["rejects.contacts"][0]["observed"] == pytest.approx(10)
    assert f"receipts/{identifier}.html" in found["rejects.contacts"][0]["message"]


def test_a_refused_submission_stays_until_something_acceptable_comes(
    warehouse: SmallWarehouse,
) -> None:
    refused = warehouse.submit("contacts", "2019-03", status="refused")
    warehouse.submit("contacts", "2019-04", status="refused")
    warehouse.submit("contacts", "2019-04")
    warehouse.submit("contacts", "2019", status="refused")
    warehouse.submit("contacts", "2019", status="duplicate")
    warehouse.submit("contacts", "2017-03", status="refused")
    path = warehouse.finish()
    found = failing(compiled(path), path)
    assert places(found, "refused.contacts") == {("essote", "contacts", "2019-03")}
    assert f"receipts/{refused}.html" in found["refused.contacts"][0]["message"]


def test_a_file_without_a_place_stays_until_its_bytes_are_accepted(
    warehouse: SmallWarehouse,
) -> None:
    warehouse.submit(None, "2019", status="refused", sha256="settled")
    warehouse.submit("contacts", "2019-03", sha256="settled")
    warehouse.submit(None, "2019", organisation="sosteri", status="refused", sha256="lost")
    warehouse.submit(None, "2012", organisation="sosteri", status="refused", sha256="long ago")
    path = warehouse.finish()
    found = failing(compiled(path), path)
    assert places(found, "unplaced") == {("sosteri", None, "2019")}


def test_the_year_before_is_reported_until_its_successor_is_collected() -> None:
    assert reporting_year(date(2026, 10, 31), "11-01") == 2025
    assert reporting_year(date(2026, 11, 1), "11-01") == 2026
    assert reporting_year(date(2027, 1, 31), "11-01") == 2026
    assert reporting_year(date(2026, 11, 1), None) == 2025


def test_severities_are_configuration(warehouse: SmallWarehouse, tmp_path: Path) -> None:
    warehouse.submit("contacts", "2019-04", [{}] * 18, status="accepted_with_rejects", rejected=2)
    path = warehouse.finish()
    result = run_suite("readiness", compiled(path), path, tmp_path / "docs", year=YEAR)
    assert (result.success, result.failed, result.warned) == (True, 0, 1)
    critical = LIMITS.model_copy(update={"severity": ()})
    result = run_suite("readiness", compiled(path, critical), path, tmp_path / "docs", year=YEAR)
    assert (result.success, result.failed, result.warned) == (False, 1, 0)


ORGANISATIONS = ("essote", "sosteri", "pieksamaki")
FEEDS = ("contacts", "workers", "worker_survey", "outreach")
days = st.dates(date(2018, 1, 1), date(2020, 12, 31))


@settings(max_examples=20, deadline=None)
@given(
    spans=st.lists(
        st.tuples(st.none() | days, st.none() | days),
        min_size=len(ORGANISATIONS),
        max_size=len(ORGANISATIONS),
    ),
    built_on=st.dates(date(2018, 12, 31), date(2020, 3, 1)),
    submissions=st.lists(
        st.tuples(
            st.sampled_from(ORGANISATIONS),
            st.sampled_from(FEEDS),
            st.sampled_from(
                ["2018", "2019", "2019-05-17", *(f"2019-{m:02d}" for m in range(1, 13))]
            ),
        ),
        max_size=14,
    ),
)
# A file of a later day of the month that the warehouse is built in covers that month.
@example(
    spans=[(None, None)] * 3,
    built_on=date(2019, 5, 1),
    submissions=[("essote", "contacts", "2019-05-17")],
)
def test_what_is_missing_is_what_is_expected_without_what_is_covered(
    spans: list[tuple[date | None, date | None]],
    built_on: date,
    submissions: list[tuple[str, str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    contracts = {feed: CONTRACTS[feed] for feed in FEEDS}
    warehouse = SmallWarehouse(
        tmp_path_factory.mktemp("random") / "w.duckdb", built_on=built_on, contracts=contracts
    )
    expected: set[tuple[str, str, str]] = set()
    for organisation, (valid_from, valid_to) in zip(ORGANISATIONS, spans, strict=True):
        warehouse.organisation(organisation, valid_from, valid_to)
        for month in range(1, 13):
            first = date(YEAR, month, 1)
            last = first.replace(day=monthrange(YEAR, month)[1])
            in_force = (valid_from or first) <= last and (valid_to or last) >= first
            exists = valid_from is None or valid_to is None or valid_from <= valid_to
            if last <= built_on and in_force and exists:
                expected |= {
                    (organisation, feed, f"{first:%Y-%m}")
                    for feed in EXPECTED.feeds_of(organisation)
                }
    covered: set[tuple[str, str, str]] = set()
    for organisation, feed, period in submissions:
        warehouse.submit(feed, period, organisation=organisation)
        covered |= {
            (organisation, feed, f"{YEAR}-{month:02d}")
            for month in range(1, 13)
            if f"{YEAR}-{month:02d}".startswith(period[:7])
            and f"{YEAR}-{month:02d}-01" <= built_on.isoformat()
        }
    # A file of any day of the year is one of the year, once that has begun.
    submitted = {
        (organisation, feed)
        for organisation, feed, period in submissions
        if period.startswith(str(YEAR)) and built_on >= date(YEAR, 1, 1)
    }
    path = warehouse.finish()
    relations = compile_readiness(YEAR, contracts, EXPECTED, catalog_of(path), LIMITS)
    found = failing(relations, path)

    missing_feeds = {
        (one["organisation"], one["feed"])
        for check, failures in found.items()
        if check.startswith("submitted.")
        for one in failures
    }
    assert missing_feeds == {(o, f) for o, f, _ in expected} - submitted
    missing_months = {
        (one["organisation"], one["feed"]): one["observed"]
        for check, failures in found.items()
        if check.startswith("covered.")
        for one in failures
    }
    not_covered = [
        (organisation, feed)
        for organisation, feed, month in expected - covered
        if (organisation, feed) in submitted and feed not in EXPECTED.once_a_year
    ]
    assert missing_months == {place: not_covered.count(place) for place in not_covered}


# What the indicators of the year rest on --------------------------------------------------------

STRICT = load_thresholds()
WINDOW = window_of(YEAR)


def with_indicators(path: Path) -> SmallWarehouse:
    """A warehouse that has the relations of the indicators, and nothing in them."""
    warehouse = SmallWarehouse(path / "warehouse.duckdb")
    warehouse.organisation("essote")
    warehouse.run(
        "CREATE TABLE indicators.indicator_values (indicator varchar, area_type varchar, "
        "area varchar, period_type varchar, period varchar, breakdown varchar, "
        "breakdown_value varchar, value double, numerator double, denominator double)"
    )
    warehouse.run(
        "CREATE TABLE indicators.indicator_catalogue (indicator varchar, kind varchar, "
        "base_feed varchar, breakdown_rule varchar, parts_disjoint varchar)"
    )
    warehouse.run(
        "INSERT INTO indicators.indicator_catalogue VALUES "
        "('caseload.responsible_worker', 'share', 'assignments', 'within', NULL), "
        "('staff.survey_response_rate', 'ratio', 'survey_rounds', 'within', NULL), "
        "('outreach.visits', 'count', 'outreach', 'within', NULL)"
    )
    for relation in ("fct_worker_survey_response", "fct_survey_round"):
        warehouse.run(f"CREATE TABLE marts.{relation} (organisation varchar, year varchar)")
    return warehouse


def value(
    warehouse: SmallWarehouse,
    indicator: str,
    numerator: float,
    denominator: float | None = None,
    *,
    area: str = "organisation:essote",
    period: str = "2019",
    part: tuple[str, str] = ("none", "all"),
) -> None:
    area_type, code = area.split(":")
    warehouse.run(
        "INSERT INTO indicators.indicator_values VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [indicator, area_type, code, "year" if len(period) == 4 else "month", period, *part,
         numerator / (denominator or 1), numerator, denominator],
    )  # fmt: skip


def staff_failures(warehouse: SmallWarehouse, kind: str) -> list[dict[str, object]]:
    path = warehouse.finish()
    relations = compile_readiness(YEAR, {}, EXPECTED, catalog_of(path), STRICT)
    chosen = [
        replace(one, checks=tuple(check for check in one.checks if check.id.startswith(kind)))
        for one in relations
    ]
    assert any(relation.checks for relation in chosen)
    return [failure for failures in failing(chosen, path).values() for failure in failures]


@pytest.mark.parametrize(("assigned", "fails"), [(90, False), (100, False), (89, True), (0, True)])
def test_client_relationships_have_a_responsible_worker(
    assigned: int, fails: bool, tmp_path: Path
) -> None:
    warehouse = with_indicators(tmp_path)
    value(warehouse, "caseload.responsible_worker", assigned, 100)
    value(warehouse, "caseload.responsible_worker", 0, 100, period="2018")
    value(warehouse, "caseload.responsible_worker", 0, 100, area="municipality:491")
    value(warehouse, "caseload.responsible_worker", 0, 9, part=("special_support", "yes"))
    found = staff_failures(warehouse, "responsible_workers")
    assert bool(found) is fails
    if fails:
        assert (found[0]["organisation"], found[0]["feed"]) == ("essote", "assignments")
        assert f"for {assigned} of the 100 client relationships" in str(found[0]["message"])
        assert "inbox/essote/assignments/2019.csv" in str(found[0]["message"])


@pytest.mark.parametrize(("answers", "fails"), [(10, False), (20, False), (9, True), (21, True)])
def test_the_worker_survey_is_answered_by_enough_and_by_no_more_than_all(
    answers: int, fails: bool, tmp_path: Path
) -> None:
    warehouse = with_indicators(tmp_path)
    value(warehouse, "staff.survey_response_rate", answers, 20)
    found = staff_failures(warehouse, "survey_response")
    assert bool(found) is fails
    if fails:
        assert f"has {answers} answers in worker_survey for 2019" in str(found[0]["message"])
        assert "was sent to 20" in str(found[0]["message"])


@pytest.mark.parametrize("has_round", [True, False])
def test_answers_to_the_survey_have_a_round(has_round: bool, tmp_path: Path) -> None:
    warehouse = with_indicators(tmp_path)
    for year in ("2018", "2019", "2019"):
        warehouse.run(f"INSERT INTO marts.fct_worker_survey_response VALUES ('essote', '{year}')")
    round_of = "essote" if has_round else "sosteri"
    warehouse.run(f"INSERT INTO marts.fct_survey_round VALUES ('{round_of}', '2019')")
    found = staff_failures(warehouse, "survey_round")
    assert [one["observed"] for one in found] == ([] if has_round else [2])
    if not has_round:
        assert "inbox/essote/survey_rounds/2019.csv" in str(found[0]["message"])


@pytest.mark.parametrize(
    ("country", "parts", "broken"),
    [
        (5, (2, 3), set()),
        (5, (2, 2), {"values.parts_sum_to_whole"}),
        (6, (2, 3), {"values.parts_sum_to_whole", "values.organisations_sum_to_area"}),
    ],
)
def test_the_sums_of_the_year_hold(
    country: int, parts: tuple[int, int], broken: set[str], tmp_path: Path
) -> None:
    warehouse = with_indicators(tmp_path)
    value(warehouse, "outreach.visits", 5)
    value(warehouse, "outreach.visits", 5, area="welfare_area:12")
    value(warehouse, "outreach.visits", country, area="country:FI")
    for name, count in zip(("partner", "home_visit"), parts, strict=True):
        value(warehouse, "outreach.visits", count, part=("nature", name))
        value(warehouse, "outreach.visits", count, part=("nature", name), area="welfare_area:12")
        value(warehouse, "outreach.visits", count, part=("nature", name), area="country:FI")
    # What is wrong in another year is that year's readiness.
    value(warehouse, "outreach.visits", 1, period="2018-03")
    path = warehouse.finish()
    relations = compile_readiness(YEAR, {}, EXPECTED, catalog_of(path), STRICT)
    sums = [one for one in relations if one.name == "readiness.indicator_values"]
    assert set(failing(sums, path)) == broken


# References of the year, by organisation and feed -------------------------------------------------


@pytest.mark.parametrize(("unknown", "fails"), [(1, False), (2, True)])
def test_references_are_measured_over_the_year(unknown: int, fails: bool, tmp_path: Path) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    warehouse.organisation("essote")
    warehouse.submit("clients", "2019", [{"client_id": "known"}])
    half = [{"client_id": "known"}] * 10
    warehouse.submit("contacts", "2019-03", [*half[unknown:], *[{"client_id": "lost"}] * unknown])
    warehouse.submit("contacts", "2019-04", half)
    warehouse.submit("contacts", "2018", [{"client_id": "lost"}] * 20)
    path = warehouse.finish()
    found = failing(compiled(path, STRICT), path).get("references.contacts.client_id", [])
    assert bool(found) is fails
    if fails:
        assert (found[0]["organisation"], found[0]["feed"], found[0]["period"]) == (
            "essote",
            "contacts",
            "2019",
        )
        assert "2 of the 20 rows of contacts from essote for 2019" in found[0]["message"]
        assert "Ask it to complete clients" in found[0]["message"]


def test_a_feed_that_is_referred_to_and_was_never_sent_is_asked_for(tmp_path: Path) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    warehouse.organisation("essote")
    warehouse.submit("contacts", "2019", [{"client_id": "lost"}])
    path = warehouse.finish()
    (failure,) = failing(compiled(path, STRICT), path)["references.contacts.client_id"]
    assert "Ask it to submit clients, of which it has sent none." in failure["message"]


# Late -------------------------------------------------------------------------------------------


def test_what_first_came_after_the_collection_was_due_is_told_as_late(
    warehouse: SmallWarehouse,
) -> None:
    path = warehouse.finish()
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "UPDATE staging.stg_submissions SET received_at = CASE feed "
            # In Finland it is February two hours earlier than in UTC.
            "WHEN 'contacts' THEN TIMESTAMP '2020-01-31 22:00:00' "
            "WHEN 'workers' THEN TIMESTAMP '2020-01-31 21:59:59' ELSE received_at END"
        )
    late = compile_readiness(YEAR, CONTRACTS, EXPECTED, catalog_of(path), LIMITS, WINDOW)
    found = failing(late, path)
    assert places(found, "late.contacts") == {("essote", "contacts", "2019")}
    assert found["late.contacts"][0]["observed"] == "2020-02-01"
    assert "late.workers" not in found


# Thresholds of one expectation --------------------------------------------------------------------


def test_a_feed_may_have_bounds_and_a_share_of_its_own(tmp_path: Path) -> None:
    warehouse = SmallWarehouse(tmp_path / "warehouse.duckdb")
    warehouse.organisation("essote")
    warehouse.submit("contacts", "2018", [{"occurred_on": date(2018, 5, 2)}] * 30)
    warehouse.submit("contacts", "2019", [{"occurred_on": date(2019, 5, 2)}] * 20, rejected=1)
    path = warehouse.finish()
    assert failing(compiled(path), path).keys().isdisjoint({"volume.contacts", "rejects.contacts"})
    rules = (
        LimitsRule(expectation="readiness.volume.contacts", lowest=0.9),
        LimitsRule(expectation="readiness.rejects.contacts", reject_share=0.01),
    )
    own = failing(compiled(path, LIMITS.model_copy(update={"limits": rules})), path)
    assert {"volume.contacts", "rejects.contacts"} <= own.keys()
    others = (LimitsRule(expectation="readiness.volume.plans", lowest=0.9),)
    assert "volume.contacts" not in failing(
        compiled(path, LIMITS.model_copy(update={"limits": others})), path
    )
