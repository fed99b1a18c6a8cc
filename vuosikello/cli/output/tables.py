"""Tables that stay readable in a narrow terminal, and lists that are cut short.

A heading is never broken inside a word. Where the columns do not fit beside one another, the rows
are printed one below the other, each value behind its heading.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from vuosikello.cli.output.numbers import number
from vuosikello.cli.output.streams import out

# A column of prose is not made narrower than this.
_NARROWEST_PROSE = 16


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a listing.

    Attributes:
        heading: its name.
        is_prose: whether its values may be broken into several lines.
        is_number: whether its values stand at the right.
        style: the style of its values.
    """

    heading: str
    is_prose: bool = False
    is_number: bool = False
    style: str = ""


def prose(heading: str, style: str = "") -> Column:
    """Return a column whose values may be broken into several lines."""
    return Column(heading, is_prose=True, style=style)


def numeric(heading: str) -> Column:
    """Return a column of numbers, at the right."""
    return Column(heading, is_number=True)


@dataclass(slots=True)
class Listing:
    """Rows under headings, as wide as the terminal allows.

    Attributes:
        columns: a name alone is a column of short values, which are never broken.
        title: what stands above it.
        rows: texts or styled texts, one for each column; a text holds no markup.
    """

    columns: Sequence[Column | str]
    title: str | None = None
    rows: list[list[Text]] = field(default_factory=list)

    def add(self, *cells: str | Text, style: str = "") -> None:
        """Add a row."""
        texts = (cell if isinstance(cell, Text) else Text(cell) for cell in cells)
        row = [text.copy() for text in texts]
        if style:
            for text in row:
                text.stylize(style)
        self.rows.append(row)

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[RenderableType]:
        """Give the parts to print: a table, or one block for each row."""
        columns = [one if isinstance(one, Column) else Column(one) for one in self.columns]
        widths = self._widths(columns, options.max_width)
        if widths is None:
            yield from self._blocks(columns)
            return
        table = Table(box=box.SIMPLE_HEAD, title=self.title, title_justify="left", show_edge=False)
        for column, width in zip(columns, widths, strict=True):
            table.add_column(
                column.heading,
                width=width,
                justify="right" if column.is_number else "left",
                overflow="fold",
                style=column.style,
            )
        for row in self.rows:
            table.add_row(*row)
        yield table

    def _widths(self, columns: list[Column], width: int) -> list[int] | None:
        """Return the columns' widths, or None where they do not fit beside one another."""
        # One space on both sides of each column, one between columns.
        available = width - 3 * len(columns) + 1
        contents = [
            max(
                (cell_len(line) for row in self.rows for line in row[nth].plain.split("\n")),
                default=0,
            )
            for nth in range(len(columns))
        ]
        for whole_headings in (True, False):
            headings = [_heading_width(one.heading, whole=whole_headings) for one in columns]
            natural = [max(pair) for pair in zip(contents, headings, strict=True)]
            least = [
                max(heading, min(wanted, _NARROWEST_PROSE)) if column.is_prose else wanted
                for column, heading, wanted in zip(columns, headings, natural, strict=True)
            ]
            if sum(least) <= available:
                return _shared(natural, least, available)
        return None

    def _blocks(self, columns: list[Column]) -> Iterator[RenderableType]:
        if self.title:
            yield Text(self.title, style="italic")
        for row in self.rows:
            yield Text()
            for column, text in zip(columns, row, strict=True):
                if not text.plain:
                    continue
                lead = f"{column.heading}: " if column.heading else ""
                line = Text.assemble((lead, "bold"), text)
                line.overflow = "fold"
                yield Padding(line, (0, 0, 0, 1))


def first_few(names: Sequence[str], limit: int = 4) -> str:
    """Name the first few, and say how many more there are."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def print_more(count: int, what: str) -> None:
    """Print how many more there are, if any."""
    if count > 0:
        out.print(f"  … and {number(count)} more {what}", style="dim", markup=False)


def shorten(text: str, limit: int = 20) -> str:
    """Cut the middle out of a long hash, pseudonym or path."""
    if len(text) <= limit:
        return text
    end = limit // 4
    return f"{text[: limit - end - 1]}…{text[-end:]}"


def _heading_width(heading: str, *, whole: bool) -> int:
    return max(map(cell_len, [heading] if whole else heading.split() or [""]))


def _shared(natural: list[int], least: list[int], available: int) -> list[int]:
    """Give each column what it wants, and let those that must be narrower share what is left."""
    widths = list(least)
    left = available - sum(widths)
    while left > 0:
        wanting = [n for n, width in enumerate(widths) if width < natural[n]]
        if not wanting:
            break
        share = max(left // len(wanting), 1)
        for nth in wanting[:left]:
            given = min(share, natural[nth] - widths[nth])
            widths[nth] += given
            left -= given
    return widths
