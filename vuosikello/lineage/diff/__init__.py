"""What has changed between two moments, and which submissions or definitions changed it.

Two warehouses are opened side by side, ``before`` and ``now``: the rows of a fact are taken from
both by the SQL of their models, and rows that add another amount than before are joined to the
submissions that have arrived or were withdrawn since, or took the days of others. A row can count
differently although it is the same: a worker's profession or a client's municipality may have come
in another feed. Such rows are reported with the submissions of the other feeds, as ``other``.
"""

from vuosikello.lineage.diff.all_values import difference
from vuosikello.lineage.diff.one_value import change_of_value
from vuosikello.lineage.diff.results import (
    Change,
    DefinitionChange,
    Difference,
    DisplacedDays,
    ResponsibleSubmission,
    RowChange,
    ValueChange,
)

__all__ = [
    "Change",
    "DefinitionChange",
    "Difference",
    "DisplacedDays",
    "ResponsibleSubmission",
    "RowChange",
    "ValueChange",
    "change_of_value",
    "difference",
]
