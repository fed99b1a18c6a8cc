"""What a person may set: severities, thresholds, how strict they are when, and who submits what.

All are data: `thresholds.yaml`, `strictness.yaml` and `expected_feeds.yaml` beside this file, or
files of the same form that a caller names. Nothing here looks into a warehouse.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError, model_validator

from common.yaml_text import parsed
from expectations.results import Severity

THRESHOLDS = Path(__file__).parent / "thresholds.yaml"
STRICTNESS = Path(__file__).parent / "strictness.yaml"
EXPECTED_FEEDS = Path(__file__).parent / "expected_feeds.yaml"


class ConfigurationError(Exception):
    """A configuration file cannot be used; the text names the file and what to mend."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SeverityRule(_Strict):
    """The severity of all expectations whose id fits a pattern (``*`` stands for anything)."""

    expectation: str
    severity: Severity


class Volume(_Strict):
    """When this year's number of rows is plausible against the year before.

    ``lowest`` and ``highest`` bound the ratio; below ``from_rows`` rows in both years nothing is
    said, since small numbers swing.
    """

    lowest: float = Field(gt=0, le=1)
    highest: float = Field(ge=1)
    from_rows: int = Field(ge=0)


class Limits(_Strict):
    """Thresholds that may be set for some expectations only; None is as it is set for all.

    The names are those of the general settings in `thresholds.yaml`; ``lowest``, ``highest`` and
    ``from_rows`` are those of ``volume``.
    """

    reject_share: float | None = Field(default=None, ge=0, le=1)
    orphan_share: float | None = Field(default=None, ge=0, le=1)
    responsible_share: float | None = Field(default=None, ge=0, le=1)
    response_share: float | None = Field(default=None, ge=0, le=1)
    lowest: float | None = Field(default=None, gt=0, le=1)
    highest: float | None = Field(default=None, ge=1)
    from_rows: int | None = Field(default=None, ge=0)


class LimitsRule(Limits):
    """The thresholds of all expectations whose id fits a pattern."""

    expectation: str


class Thresholds(_Strict):
    """All that is configured of the checks; `thresholds.yaml` explains each."""

    severity: tuple[SeverityRule, ...]
    filled_share: dict[str, float]
    orphan_share: dict[str, float]
    overlapping_parts: tuple[str, ...]
    not_additive: tuple[str, ...]
    reject_share: float = Field(ge=0, le=1)
    responsible_share: float = Field(default=0.9, ge=0, le=1)
    response_share: float = Field(default=0.5, ge=0, le=1)
    volume: Volume
    limits: tuple[LimitsRule, ...] = ()

    def severity_of(self, expectation: str) -> Severity:
        """Return the severity of an expectation: that of the first pattern that fits its id."""
        for rule in self.severity:
            if fnmatchcase(expectation, rule.expectation):
                return rule.severity
        return Severity.CRITICAL

    def limit(self, expectation: str, name: str, general: float) -> float:
        """Return a threshold of one expectation.

        Args:
            expectation: its id, with the suite before it.
            name: the threshold's name in `Limits`.
            general: what holds where no pattern that fits the id sets it.
        """
        for rule in self.limits:
            value: float | None = getattr(rule, name)
            if value is not None and fnmatchcase(expectation, rule.expectation):
                return value
        return general

    def on(self, strictness: Strictness, days_left: int) -> Thresholds:
        """Return the thresholds as strict as they are so many days before the collection is due.

        What the stage in force says goes before what is set here; what it leaves out stays as it is
        set.
        """
        stages = [(rule.expectation, rule.stage(days_left)) for rule in strictness.root]
        return self.model_copy(
            update={
                "severity": (
                    *(
                        SeverityRule(expectation=expectation, severity=stage.severity)
                        for expectation, stage in stages
                        if stage.severity is not None
                    ),
                    *self.severity,
                ),
                "limits": (
                    *(
                        LimitsRule(
                            expectation=expectation,
                            **stage.model_dump(exclude={"days_before_due", "severity"}),
                        )
                        for expectation, stage in stages
                    ),
                    *self.limits,
                ),
            }
        )


class StrictnessStage(Limits):
    """How strict an expectation is from so many days before the collection is due.

    Without a severity or a threshold of its own it is as strict as `thresholds.yaml` has it.
    """

    days_before_due: int
    severity: Severity | None = None


class StrictnessRule(_Strict):
    """The stages that the expectations of a pattern go through, from mild to strict."""

    expectation: str
    stages: tuple[StrictnessStage, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> StrictnessRule:
        days = [stage.days_before_due for stage in self.stages]
        if days != sorted(set(days), reverse=True):
            raise ValueError(
                f"{self.expectation}: write the stages from the most days before due to the fewest"
            )
        return self

    def stage(self, days_left: int) -> StrictnessStage:
        """Return the stage in force; before the first begins, the first."""
        begun = [stage for stage in self.stages if stage.days_before_due >= days_left]
        return begun[-1] if begun else self.stages[0]


class Strictness(RootModel[tuple[StrictnessRule, ...]]):
    """How strict the expectations of a reporting year are when; `strictness.yaml` explains it."""

    model_config = ConfigDict(frozen=True)


class ExpectedFeeds(_Strict):
    """Who is expected to submit which feeds; `expected_feeds.yaml` explains each."""

    default: tuple[str, ...]
    organisations: dict[str, tuple[str, ...]]
    once_a_year: tuple[str, ...]
    snapshots: tuple[str, ...]

    def feeds_of(self, organisation: str) -> tuple[str, ...]:
        """Return the feeds expected of an organisation."""
        return self.organisations.get(organisation, self.default)

    def asked_for(self) -> frozenset[str]:
        """Return every feed that is expected of someone."""
        return frozenset(
            feed for feeds in (self.default, *self.organisations.values()) for feed in feeds
        )

    def named(self) -> frozenset[str]:
        """Return every feed that the file names."""
        return self.asked_for() | {*self.once_a_year, *self.snapshots}


_Model = TypeVar("_Model", bound=BaseModel)


def load_thresholds(path: Path | None = None) -> Thresholds:
    """Read the severities and thresholds.

    Raises:
        ConfigurationError: the file cannot be used.
    """
    return _load(path or THRESHOLDS, Thresholds)


def load_strictness(path: Path | None = None) -> Strictness:
    """Read how strict the expectations of a reporting year are when.

    Raises:
        ConfigurationError: the file cannot be used.
    """
    return _load(path or STRICTNESS, Strictness)


def load_expected_feeds(path: Path | None = None, *, feeds: Iterable[str]) -> ExpectedFeeds:
    """Read who is expected to submit what.

    Args:
        path: the file; the one of this room by default.
        feeds: the feeds there are; no other may be named.

    Raises:
        ConfigurationError: the file cannot be used, or names a feed that there is not.
    """
    path = path or EXPECTED_FEEDS
    expected = _load(path, ExpectedFeeds)
    unknown = sorted(expected.named() - set(feeds))
    if unknown:
        raise ConfigurationError(f"{path.name}: there is no feed {', '.join(unknown)}")
    return expected


def _load(path: Path, model: type[_Model]) -> _Model:
    try:
        return model.model_validate(parsed(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigurationError(f"{path.name} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, ValidationError) as error:
        raise ConfigurationError(f"{path.name} cannot be used: {error}") from error
