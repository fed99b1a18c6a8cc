"""The publication plan: which values of the warehouse leave the house at all.

It is read from ``publication_plan.yaml``, which says the reasons too. What is planned goes through
disclosure control; what is not planned is never read by it, and so neither shown nor marked as
withheld. Teams, quarters and rolling years stay in the warehouse.

This module must not know how a planned value is protected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from common.sql import literal

PLAN = Path(__file__).with_name("publication_plan.yaml")
# The name, among breakdowns, of any breakdown: all but the undivided value.
EVERY = "every"


class PlanError(ValueError):
    """The plan cannot be read; the text says where and what to write."""


@dataclass(frozen=True, slots=True)
class NotPublished:
    """Values that are not published: those that fit all that is named.

    Attributes:
        indicators: codes, with ``*`` for any text; empty is every indicator.
        breakdowns: breakdowns, or ``every`` for any of them; empty is the undivided value too.
        area_types: kinds of area; empty is every one.
        period_types: kinds of period; empty is every one.
        reason: why they stay in the house.
    """

    reason: str
    indicators: tuple[str, ...] = ()
    breakdowns: tuple[str, ...] = ()
    area_types: tuple[str, ...] = ()
    period_types: tuple[str, ...] = ()

    @property
    def is_of_whole_indicators(self) -> bool:
        """Whether nothing of its indicators is published."""
        return bool(self.indicators) and not (
            self.breakdowns or self.area_types or self.period_types
        )


@dataclass(frozen=True, slots=True)
class PublicationPlan:
    """What is published.

    Attributes:
        area_types: the kinds of area.
        period_types: the kinds of period.
        not_published: what of these is not published all the same.
        sensitive_breakdowns: breakdowns whose shares tell something delicate of people.
        sensitive_indicators: codes of indicators that do so undivided.
    """

    area_types: tuple[str, ...]
    period_types: tuple[str, ...]
    not_published: tuple[NotPublished, ...] = ()
    sensitive_breakdowns: tuple[str, ...] = ()
    sensitive_indicators: tuple[str, ...] = ()

    def values(self, relation: str) -> str:
        """Return the SQL condition that a row of ``indicator_values`` is published.

        Args:
            relation: the name of the relation with the columns of a value's key.
        """
        conditions = [
            self.areas(relation),
            f"{relation}.period_type IN ({_listed(self.period_types)})",
            *(f"NOT ({_fits(one, relation)})" for one in self.not_published),
        ]
        return " AND ".join(conditions)

    def areas(self, relation: str) -> str:
        """Return the SQL condition that a kind of area is published.

        Args:
            relation: the name of a relation with the column ``area_type``.
        """
        return f"{relation}.area_type IN ({_listed(self.area_types)})"

    def sensitive(self, relation: str) -> str:
        """Return the SQL condition that a row of ``indicator_values`` tells something delicate.

        Args:
            relation: the name of the relation with the columns of a value's key.
        """
        conditions = [
            f"{relation}.{column} IN ({_listed(values)})"
            for column, values in (
                ("breakdown", self.sensitive_breakdowns),
                ("indicator", self.sensitive_indicators),
            )
            if values
        ]
        return f"({' OR '.join(conditions)})" if conditions else "false"

    def indicators(self, relation: str) -> str:
        """Return the SQL condition that anything of an indicator is published.

        Args:
            relation: the name of a relation with the column ``indicator``.
        """
        conditions = [
            f"NOT ({_fits(one, relation)})"
            for one in self.not_published
            if one.is_of_whole_indicators
        ]
        return " AND ".join(conditions) or "true"


@cache
def publication_plan(path: Path = PLAN) -> PublicationPlan:
    """Read the plan.

    Raises:
        PlanError: it is not as it must be.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise PlanError(f"{path.name} is no YAML: {error}") from None
    _check_names(document, _PLAN_NAMES, path.name)
    entries = document.get("not_published", [])
    for number, entry in enumerate(entries, 1):
        place = f"{path.name}: not_published, entry {number}"
        _check_names(entry, _ENTRY_NAMES, place)
        if not entry.get("reason"):
            raise PlanError(f"{place} has no reason. Write why it stays in the house.")
    sensitive = document.get("sensitive", {})
    _check_names(sensitive, ("breakdowns", "indicators"), f"{path.name}: sensitive")
    for name in ("area_types", "period_types"):
        if not document.get(name):
            raise PlanError(f"{path.name} lists no {name}. Write those that are published.")
    return PublicationPlan(
        tuple(document["area_types"]),
        tuple(document["period_types"]),
        tuple(
            NotPublished(**{name: _frozen(value) for name, value in entry.items()})
            for entry in entries
        ),
        tuple(sensitive.get("breakdowns", ())),
        tuple(sensitive.get("indicators", ())),
    )


_PLAN_NAMES = ("area_types", "period_types", "not_published", "sensitive")
_ENTRY_NAMES = tuple(field.name for field in fields(NotPublished))


def _check_names(found: Any, names: Sequence[str], place: str) -> None:
    if not isinstance(found, dict):
        raise PlanError(f"{place} is no list of names and values. Write {', '.join(names)}.")
    unknown = sorted(set(found) - set(names))
    if unknown:
        raise PlanError(f"{place} has {', '.join(unknown)}. Write only {', '.join(names)}.")


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _fits(one: NotPublished, relation: str) -> str:
    parts = []
    if one.indicators:
        codes = (f"{relation}.indicator GLOB {literal(code)}" for code in one.indicators)
        parts.append(f"({' OR '.join(codes)})")
    if EVERY in one.breakdowns:
        parts.append(f"{relation}.breakdown <> 'none'")
    elif one.breakdowns:
        parts.append(f"{relation}.breakdown IN ({_listed(one.breakdowns)})")
    for column, values in (
        ("area_type", one.area_types),
        ("period_type", one.period_types),
    ):
        if values:
            parts.append(f"{relation}.{column} IN ({_listed(values)})")
    return " AND ".join(parts) or "true"


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(literal(value) for value in values)
