"""Tables as the template of the report shows them: captions, headings and written cells.

Knows no publication and no sentence: every text is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """The heading of a column.

    Attributes:
        text: the heading.
        is_number: whether the column holds numbers, which are aligned to the right.
    """

    text: str
    is_number: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes:
        header: the heading of the row.
        cells: its cells, one for each column after the first.
        note: a text in small print below the heading, such as the unit.
    """

    header: str
    cells: Sequence[str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption; the first column holds the headings of the rows.

    Attributes:
        caption: what the table shows.
        columns: the headings, that of the first column included.
        rows: the rows, from the top.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
