"""The readiness suite becomes stricter as the day comes on which a year's collection is due."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from expectations.configuration import (
    ConfigurationError,
    Strictness,
    load_strictness,
    load_thresholds,
)
from expectations.reporting_calendar import window_of
from expectations.results import Severity

LIMITS = load_thresholds()
STRICTNESS = load_strictness()
MILDEST_FIRST = [Severity.INFO, Severity.WARNING, Severity.CRITICAL]
EXPECTATIONS = (
    "readiness.submitted.contacts",
    "readiness.covered.contacts",
    "readiness.refused.contacts",
    "readiness.rejects.contacts",
    "readiness.volume.contacts",
    "readiness.references.contacts.client_id",
    "readiness.responsible_workers",
    "readiness.survey_response",
    "readiness.survey_round",
    "readiness.unplaced",
    "readiness.values.parts_sum_to_whole",
)


@pytest.mark.parametrize(
    ("expectation", "by_weeks_left"),
    [
        ("readiness.submitted.contacts", {13: "info", 7: "info", 6: "warning", 3: "warning", 2: "critical", 0: "critical"}),
        ("readiness.covered.contacts", {13: "info", 6: "info", 5: "warning", 2: "warning", 1: "critical"}),
        ("readiness.refused.contacts", {13: "warning", 5: "warning", 4: "critical"}),
        ("readiness.references.contacts.client_id", {13: "info", 7: "warning", 3: "warning", 2: "critical"}),
        ("readiness.volume.contacts", {13: "info", 7: "warning", 0: "warning"}),
        ("readiness.values.parts_sum_to_whole", {13: "critical", 0: "critical"}),
        ("readiness.late.contacts", {13: "info", 0: "info"}),
    ],
)  # fmt: skip
def test_an_expectation_is_graver_week_by_week(
    expectation: str, by_weeks_left: dict[int, str]
) -> None:
    for weeks, severity in by_weeks_left.items():
        strict = LIMITS.on(STRICTNESS, weeks * 7)
        assert strict.severity_of(expectation) == severity, f"{weeks} weeks before"


@pytest.mark.parametrize(
    ("days_left", "rejects", "volume", "orphans", "responsible", "response"),
    [
        (100, 0.09, (0.25, 4.0), 0.2, 0.5, 0.2),
        (91, 0.09, (0.25, 4.0), 0.2, 0.5, 0.2),
        (49, 0.08, (0.33, 3.0), 0.1, 0.5, 0.2),
        (35, 0.08, (0.33, 3.0), 0.1, 0.75, 0.35),
        (28, 0.07, (0.33, 3.0), 0.1, 0.75, 0.35),
        (21, 0.07, (0.5, 2.0), 0.05, 0.75, 0.35),
        (14, 0.06, (0.5, 2.0), 0.05, 0.9, 0.5),
        (7, 0.05, (0.5, 2.0), 0.05, 0.9, 0.5),
        (0, 0.05, (0.5, 2.0), 0.05, 0.9, 0.5),
        (-120, 0.05, (0.5, 2.0), 0.05, 0.9, 0.5),
    ],
)
def test_a_threshold_is_narrower_week_by_week(
    days_left: int,
    rejects: float,
    volume: tuple[float, float],
    orphans: float,
    responsible: float,
    response: float,
) -> None:
    strict = LIMITS.on(STRICTNESS, days_left)
    assert (
        strict.limit("readiness.rejects.contacts", "reject_share", LIMITS.reject_share) == rejects
    )
    bounds = tuple(
        strict.limit("readiness.volume.contacts", name, getattr(LIMITS.volume, name))
        for name in ("lowest", "highest")
    )
    assert bounds == volume
    references = "readiness.references.contacts.client_id"
    assert strict.limit(references, "orphan_share", 0.05) == orphans
    shares = strict.limit("readiness.responsible_workers", "responsible_share", 0.9)
    assert shares == responsible
    assert strict.limit("readiness.survey_response", "response_share", 0.5) == response


def test_nothing_becomes_milder_from_one_day_to_the_next() -> None:
    window = window_of(2026)
    days = [window.collection_opens + timedelta(number) for number in range(120)]
    for expectation in EXPECTATIONS:
        severities = [
            LIMITS.on(STRICTNESS, window.days_left(day)).severity_of(expectation) for day in days
        ]
        assert severities == sorted(severities, key=MILDEST_FIRST.index), expectation


def test_when_it_is_due_everything_is_as_the_thresholds_say() -> None:
    strict = LIMITS.on(STRICTNESS, 0)
    for expectation in EXPECTATIONS:
        assert strict.severity_of(expectation) == LIMITS.severity_of(expectation)


def test_a_threshold_of_one_expectation_goes_before_the_general_one(tmp_path: Path) -> None:
    path = tmp_path / "thresholds.yaml"
    own = Path("expectations/thresholds.yaml").resolve()
    rule = '{expectation: "readiness.rejects.contacts", reject_share: 0.02}'
    path.write_text(own.read_text("utf-8").replace("limits: []", f"limits: [{rule}]"), "utf-8")
    limits = load_thresholds(path)
    assert limits.limit("readiness.rejects.contacts", "reject_share", 0.05) == 0.02
    assert limits.limit("readiness.rejects.plans", "reject_share", 0.05) == 0.05
    assert limits.on(STRICTNESS, 0).limit("readiness.rejects.contacts", "reject_share", 1) == 0.02


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "- {expectation: x, stages: [{days_before_due: 7}, {days_before_due: 14}]}",
            "from the most days before due to the fewest",
        ),
        ("- {expectation: x, stages: []}", r"stages"),
        ("- {expectation: x, stages: [{days_before_due: 7, severity: loud}]}", "severity"),
        ("- {expectation: x, stages: [{days_before_due: 7, share: 0.1}]}", "share"),
    ],
)
def test_a_strictness_that_cannot_be_used_is_told(content: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "strictness.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said):
        load_strictness(path)


def test_the_patterns_are_of_expectations_that_there_are() -> None:
    assert isinstance(STRICTNESS, Strictness)
    kinds = {name.split(".")[1] for name in EXPECTATIONS} | {"survey_*"}
    assert {rule.expectation.split(".")[1] for rule in STRICTNESS.root} <= kinds
