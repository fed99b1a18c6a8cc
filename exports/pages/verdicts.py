"""Whether values meet their targets, and in which direction they changed.

Pure functions over the catalogue and values. Knows no area and no page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from exports.pages.content import Cell


def verdict(indicator: Mapping[str, Any], cell: Cell) -> str:
    """Return whether a value meets its indicator's target.

    Args:
        indicator: its row in the catalogue.
        cell: the value.

    Returns:
        ``met``, ``not_met``, ``no_data``, ``suppressed``; ``no_target`` where there is none.
    """
    target = indicator["target"]
    if target is None:
        return "no_target"
    if cell.status == "suppressed":
        return "suppressed"
    if cell.value is None:
        return "no_data"
    difference = cell.value - target
    operator = indicator["target_operator"]
    is_met = {
        "<=": difference <= 1e-9,
        ">=": difference >= -1e-9,
        "=": abs(difference) <= 1e-9,
    }[operator]
    return "met" if is_met else "not_met"


def direction(indicator: Mapping[str, Any], before: Cell, now: Cell) -> str:
    """Return in which direction a value changed.

    Args:
        indicator: its row in the catalogue.
        before: the value of the year before.
        now: the value of the year.

    Returns:
        ``better``, ``worse``, ``unchanged``; empty where either value is not published, or where
        the indicator has no direction.
    """
    if before.value is None or now.value is None or indicator["direction"] == "none":
        return ""
    moved = now.value - before.value
    if abs(moved) < 1e-9:
        return "unchanged"
    return "better" if (moved > 0) == (indicator["direction"] == "up") else "worse"


def count_verdicts(verdicts: Iterable[str]) -> dict[str, int]:
    """Count verdicts.

    Returns:
        How many have a target (``all``), meet it (``met``), do not (``not_met``), or have no
        published value (``untold``).
    """
    targets = [one for one in verdicts if one != "no_target"]
    return {
        "all": len(targets),
        "met": targets.count("met"),
        "not_met": targets.count("not_met"),
        "untold": len([one for one in targets if one in ("no_data", "suppressed")]),
    }
