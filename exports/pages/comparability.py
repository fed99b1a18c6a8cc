"""Which values may be compared with each other, and on how many organisations a value rests.

Reads the tables of a publication. Knows no sentence and no page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exports.pages.content import Area, Content

_PER_INHABITANTS = "_per_10000_inhabitants"


def is_partial(content: Content, area: Area, indicator: str) -> bool:
    """Return whether a wider area's value rests on only some of the area's organisations."""
    if area.type not in ("country", "welfare_area"):
        return False
    count = len(content.submitters(indicator, area.welfare_area))
    return 0 < count < len(content.of_type("organisation", area.welfare_area))


def has_too_many_inhabitants(content: Content, area: Area, indicator: Mapping[str, Any]) -> bool:
    """Return whether a rate is by more inhabitants than live where its data comes from.

    The population is that of all municipalities of an area, and for an organisation that of its
    welfare area. Such a rate is published with a caution and is compared with nothing.

    Args:
        content: the tables.
        area: whose value it is.
        indicator: its row in the catalogue.
    """
    if not indicator["unit"].endswith(_PER_INHABITANTS):
        return False
    if area.type == "country":
        having = {one.welfare_area for one in content.submitters(indicator["indicator"])}
        return len(having) < content.count_welfare_areas
    if area.type == "organisation":
        return len(content.of_type("organisation", area.welfare_area)) > 1
    return area.type == "welfare_area" and is_partial(content, area, indicator["indicator"])


def are_organisations_comparable(content: Content, indicator: Mapping[str, Any]) -> bool:
    """Return whether organisations may be ranked and shown side by side by an indicator."""
    found = content.undivided(indicator["indicator"], "organisation")
    return not any(has_too_many_inhabitants(content, one, indicator) for one, _ in found)
