"""What a person may set: severities, thresholds, and who is expected to submit which feeds.

Both are data: `thresholds.yaml` and `expected_feeds.yaml` beside this file, or files of the same
form that a caller names. Nothing here looks into a warehouse.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from expectations.results import Severity

THRESHOLDS = Path(__file__).parent / "thresholds.yaml"
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


class Thresholds(_Strict):
    """All that is configured of the checks; `thresholds.yaml` explains each."""

    severity: tuple[SeverityRule, ...]
    filled_share: dict[str, float]
    orphan_share: dict[str, float]
    overlapping_parts: tuple[str, ...]
    not_additive: tuple[str, ...]
    reject_share: float = Field(ge=0, le=1)
    volume: Volume

    def severity_of(self, expectation: str) -> Severity:
        """Return the severity of an expectation: that of the first pattern that fits its id."""
        for rule in self.severity:
            if fnmatchcase(expectation, rule.expectation):
                return rule.severity
        return Severity.CRITICAL


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
        return model.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigurationError(f"{path.name} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, ValidationError) as error:
        raise ConfigurationError(f"{path.name} cannot be used: {error}") from error
