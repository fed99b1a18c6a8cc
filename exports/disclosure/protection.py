"""What is configured of disclosure control: how well a withheld number is protected, at what cost.

Nothing here knows of rows or solvers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Protection:
    """How well a withheld number is protected, and what withholding a row costs.

    Attributes:
        threshold: people; a value about at least one and fewer people is withheld. At least 1.
        homogeneous: people; where a sensitive share over fewer of them is 0 or 1, it tells the same
            of every one of them and is withheld. At least 1; 1 for never.
        width: the least width of the interval to which everything published may narrow a withheld
            count; None is the threshold. From 1, an interval of width 5 leaves six whole
            numbers.
        share: where it is more, the width as a share of the number itself: minutes are not hidden
            by an interval of five minutes. 0 to 1.
        exact_rows: up to how many rows that could be withheld the optimum is sought for a group of
            linked numbers; larger ones are protected by the heuristic alone. 0 for none.
        country_weight, welfare_area_weight, organisation_weight, municipality_weight: what a row
            costs to withhold by its kind of area,
        year_weight: times this for a year (a month: 1),
        undivided_weight: times this for an undivided value (a part: 1),
            and times 1 + the common logarithm of 1 + its events.
    """

    threshold: int = 5
    homogeneous: int = 10
    width: float | None = None
    share: float = 0.1
    exact_rows: int = 20_000
    country_weight: float = 8.0
    welfare_area_weight: float = 4.0
    organisation_weight: float = 3.0
    municipality_weight: float = 1.0
    year_weight: float = 3.0
    undivided_weight: float = 2.0

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            ValueError: which setting, and what it may be.
        """
        if self.threshold < 1:
            raise ValueError(
                f"The threshold is a number of people, at least 1; it is {self.threshold}."
            )
        if self.homogeneous < 1:
            raise ValueError(
                f"Shares of 0 and 1 are withheld below a number of people, at least 1; it is "
                f"{self.homogeneous}."
            )
        if self.width is not None and not (math.isfinite(self.width) and self.width >= 0):
            raise ValueError(f"The width of protection is at least 0; it is {self.width}.")
        if not 0 <= self.share <= 1:
            raise ValueError(f"The share of protection is between 0 and 1; it is {self.share}.")
        if self.exact_rows < 0:
            raise ValueError(f"The number of exact rows is at least 0; it is {self.exact_rows}.")
        for field in fields(self):
            weight = getattr(self, field.name)
            if field.name.endswith("_weight") and not (math.isfinite(weight) and weight > 0):
                raise ValueError(f"A weight is above 0; {field.name} is {weight}.")

    @property
    def least_width(self) -> float:
        """The width of the interval of a small count."""
        return float(self.threshold if self.width is None else self.width)
