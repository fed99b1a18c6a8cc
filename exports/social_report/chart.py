"""A bar chart of two years as SVG: numbers in, one drawing out, the same bytes every time.

Written directly rather than by a charting engine: it must be part of a file without scripts, and
its text must use a font that every machine has that makes reports. Knows no indicator.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 680
_LABELS, _BARS = 250, 370  # widths of the names and of the longest bar
_THICK, _GAP = 13, 12
_NOW, _BEFORE = "#0b4f9e", "#7b92ab"  # at least 3:1 against white, and apart without colour
_INK = "#1b1f24"


@dataclass(frozen=True, slots=True)
class Bar:
    """One name with its numbers of two years.

    Attributes:
        name: the name beside the bars.
        now: this year's number and how it is written; the number is None where it is not published.
        before: the same of the year before.
    """

    name: str
    now: tuple[float | None, str]
    before: tuple[float | None, str]


def bars(rows: Sequence[Bar], now: str, before: str) -> str:
    """Draw bars of two years.

    Args:
        rows: the bars, from the top.
        now: the name of the year, for the legend.
        before: the name of the year before.

    Returns:
        The drawing as a ``data:`` address.
    """
    largest = max((value for row in rows for value, _ in (row.now, row.before) if value), default=1)
    step = 2 * _THICK + _GAP
    height = 34 + step * len(rows)
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="DejaVu Sans, Arial, sans-serif" '
        f'font-size="13" fill="{_INK}">',
        f'<rect x="{_LABELS}" y="5" width="13" height="13" fill="{_NOW}"/>',
        f'<text x="{_LABELS + 19}" y="16">{escape(now)}</text>',
        f'<rect x="{_LABELS + 80}" y="5" width="13" height="13" fill="{_BEFORE}"/>',
        f'<text x="{_LABELS + 99}" y="16">{escape(before)}</text>',
    ]
    for position, row in enumerate(rows):
        top = 32 + step * position
        drawn.append(
            f'<text x="{_LABELS - 10}" y="{top + _THICK + 4}" text-anchor="end">'
            f"{escape(row.name)}</text>"
        )
        for line, ((value, written), colour) in enumerate(((row.now, _NOW), (row.before, _BEFORE))):
            length = round(_BARS * (value or 0) / largest, 1)
            y = top + line * _THICK
            if length:
                drawn.append(
                    f'<rect x="{_LABELS}" y="{y}" width="{length}" height="{_THICK - 1}" '
                    f'fill="{colour}"/>'
                )
            drawn.append(
                f'<text x="{_LABELS + length + 6}" y="{y + 11}" font-size="12">'
                f"{escape(written)}</text>"
            )
    drawn.append("</svg>")
    return "data:image/svg+xml;base64," + b64encode("".join(drawn).encode()).decode()
