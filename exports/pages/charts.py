"""The charts of the pages: SVG files drawn on the server by Vega-Lite.

A chart is drawn 360 units wide, so that it can be read on a phone without scrolling; its texts
stand above the bars, since the names of the field are long. The file holds the drawing only: the
page has its description in words and the table of its numbers. Equal charts are one file, whichever
pages show them: the file is named after what is drawn.

Knows nothing of indicators and pages: it is given numbers, their written form and names.

The same input gives the same bytes: every position is set here in numbers, so that neither the
machine's fonts nor the library's counters decide anything.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import vl_convert

WIDTH = 360
INK, SOFT, LINE, BAR, TARGET = "#1b1f24", "#505a64", "#c5ccd3", "#0b4f9e", "#7a4a00"
PALE = "#cfdcec"  # other organisations than the page's: recognisable by their outline too
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_SIZE = 12
_PER_LINE = 42  # signs of a name that stand beside its value in the widest font that is met

Write = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    Attributes:
        name: the text above the bar.
        value: its length; None draws no bar.
        written: the value as text, or the sign that stands for it.
        own: whether it is of the page's own area, and so drawn in full colour.
    """

    name: str
    value: float | None
    written: str
    own: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across a chart, to compare with.

    Attributes:
        name: the text of the line.
        value: where it is.
        written: the value as text.
        target: whether it is a target, and so drawn in the colour of targets.
    """

    name: str
    value: float
    written: str
    target: bool = False


class Charts:
    """Draws charts into a folder, each once.

    Attributes:
        folder: where the files are; created.
        drawn: how many files were drawn.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self._sizes: dict[str, int] = {}

    @property
    def drawn(self) -> int:
        """How many different charts there are."""
        return len(self._sizes)

    def draw(self, spec: Mapping[str, Any]) -> tuple[str, int]:
        """Draw a chart unless it is there; return its file's name and its height."""
        text = json.dumps(spec, ensure_ascii=False, sort_keys=True)
        name = f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.svg"
        if name not in self._sizes:
            svg = vl_convert.vegalite_to_svg(text)
            (self.folder / name).write_text(_plain(svg), encoding="utf-8")
            self._sizes[name] = int(spec["height"])
        return name, self._sizes[name]


def bars(rows: Sequence[Bar], rules: Sequence[Rule] = ()) -> dict[str, Any]:
    """Lay out horizontal bars, each below its name and value, with rules to compare with.

    Args:
        rows: from the top; a value that is None has no bar, only what is written for it.
        rules: lines across all bars, named below them.

    Returns:
        A Vega-Lite specification.
    """
    values = [row.value for row in rows if row.value is not None] + [rule.value for rule in rules]
    low, high = min([0.0, *values]), max([0.0, *values])
    if low == high:
        high = 1.0
    scale = {"domain": [low, high], "range": [2, WIDTH - 2], "nice": False, "zero": False}
    names, strips, top = [], [], 2
    for row in rows:
        lines = textwrap.wrap(row.name, _PER_LINE) or [""]
        names.append({"y": top, "name": "\n".join(lines), "written": row.written})
        top += 15 * len(lines) + 3
        fill = BAR if row.own else PALE
        strip = {"zero": 0, "y": top, "y2": top + 12, "above": top - 2, "below": top + 14}
        strips.append(strip | {"to": row.value, "fill": fill})
        top += 12 + 11
    published = [strip for strip in strips if strip["to"] is not None]
    layers: list[dict[str, Any]] = [
        _layer(
            published,
            {"type": "rect", "stroke": BAR, "strokeWidth": 1},
            x=_x("zero", scale),
            x2={"field": "to"},
            y=_pixel("y"),
            y2={"field": "y2"},
            fill={"field": "fill", "type": "nominal", "scale": None, "legend": None},
        ),
        _across(strips, 0, scale, {"color": SOFT, "strokeWidth": 1}),
        _text(names, "name", x=0, y="y", lineBreak="\n", lineHeight=15, baseline="top"),
        _text(names, "written", x=WIDTH, y="y", align="right", baseline="top", fontWeight="bold"),
    ]
    # Across the bars only, not across the names; on white, to be seen on a dark bar.
    for rule, dash in zip(rules, ([], [4, 2], [2, 2]), strict=False):
        colour = TARGET if rule.target else INK
        line = {"color": colour, "strokeWidth": 2.5, "strokeDash": dash}
        layers.append(_across(published, rule.value, scale, {"color": "white", "strokeWidth": 6}))
        layers.append(_across(published, rule.value, scale, line))
        key = [{"y": top + 8, "text": f"{rule.name} {rule.written}"}]
        layers.append(
            _layer(
                key,
                {"type": "rule", **line},
                x=_pixel(value=2),
                y={"value": top},
                y2={"value": top + 16},
            )
        )
        layers.append(_text(key, "text", x=12, y="y", baseline="middle", color=colour))
        top += 20
    return _chart(layers, top)


def _across(
    strips: Sequence[Mapping[str, Any]],
    at: float,
    scale: Mapping[str, Any],
    line: Mapping[str, Any],
) -> dict[str, Any]:
    """Draw a line across each bar at a value."""
    places = [{"at": at, "above": strip["above"], "below": strip["below"]} for strip in strips]
    return _layer(
        places,
        {"type": "rule", **line},
        x=_x("at", scale),
        y=_pixel("above"),
        y2={"field": "below"},
    )


def trend(
    points: Sequence[tuple[str, float | None, str]],
    write: Write,
    target: Rule | None = None,
    *,
    share: bool = False,
) -> dict[str, Any]:
    """Lay out a line over periods, from zero, with the first and last value written.

    Args:
        points: label, value or None, and how it is written, by period. Where there is no value the
            line is broken and what is written stands at the bottom.
        write: writes a number of the axis.
        target: a level to compare with.
        share: whether the axis ends at 1 where the values come near it.

    Returns:
        A Vega-Lite specification.
    """
    left, right, top, bottom = 46, WIDTH - 14, 18, 150
    values = [value for _, value, _ in points if value is not None]
    ticks = _ticks([*values, *([target.value] if target else [])], share)
    scale_y = {"domain": [ticks[0], ticks[-1]], "range": [bottom, top], "nice": False}
    scale_y["zero"] = False
    step = (right - left - 20) / max(1, len(points) - 1)
    placed = [
        {"x": left + 10 + step * place, "label": label, "v": value, "written": written}
        for place, (label, value, written) in enumerate(points)
    ]
    published = [point for point in placed if point["v"] is not None]
    unpublished = [point for point in placed if point["v"] is None]
    at = {"field": "v", "type": "quantitative", "scale": scale_y, "axis": None}
    grid = [{"v": tick, "text": write(tick)} for tick in ticks]
    layers: list[dict[str, Any]] = [
        _layer(
            grid,
            {"type": "rule", "color": LINE},
            x=_pixel(value=left),
            x2=_pixel(value=right),
            y=at,
        ),
        {
            "data": {"values": grid},
            "mark": _mark("text", align="right", baseline="middle", color=SOFT),
            "encoding": {
                "x": _pixel(value=left - 6),
                "y": at,
                "text": {"field": "text", "type": "nominal"},
            },
        },
        _text(placed, "label", x="x", y=bottom + 15, align="center", color=SOFT),
    ]
    if target is not None:
        level = [{"v": target.value, "text": f"{target.name} {target.written}"}]
        layers.append(
            _layer(
                level,
                {"type": "rule", "color": TARGET, "strokeWidth": 2, "strokeDash": [6, 3]},
                x=_pixel(value=left),
                x2=_pixel(value=right),
                y=at,
            )
        )
    runs: list[list[dict[str, Any]]] = [[]]
    for point in placed:
        if point["v"] is None:
            runs.append([])
        else:
            runs[-1].append(point)
    layers += [
        _layer(run, {"type": "line", "color": BAR, "strokeWidth": 2.5}, x=_pixel("x"), y=at)
        for run in runs
        if len(run) > 1
    ]
    layers.append(
        _layer(
            published,
            {"type": "point", "filled": True, "color": BAR, "size": 42, "opacity": 1},
            x=_pixel("x"),
            y=at,
        )
    )
    height = bottom + 22
    if target is not None:
        key = [{"text": f"{target.name} {target.written}"}]
        layers.append(
            _layer(
                key,
                {"type": "rule", "color": TARGET, "strokeWidth": 2, "strokeDash": [6, 3]},
                x=_pixel(value=left),
                x2=_pixel(value=left + 28),
                y=_pixel(value=height + 8),
            )
        )
        layers.append(
            _text(key, "text", x=left + 36, y=height + 8, baseline="middle", color=TARGET)
        )
        height += 18
    ends = [published[0], published[-1]] if len(published) > 1 else published
    # On white first: the line may run through them.
    for ink in ({"color": "white", "stroke": "white", "strokeWidth": 4}, {}):
        mark = _mark("text", align="center", dy=-10, fontWeight="bold", **ink)
        text = {"field": "written", "type": "nominal"}
        layers.append(_layer(ends, mark, x=_pixel("x"), y=at, text=text))
    if unpublished:
        layers.append(
            _text(unpublished, "written", x="x", y=bottom - 5, align="center", color=SOFT)
        )
    return _chart(layers, height)


def _ticks(values: Sequence[float], share: bool) -> list[float]:
    """Return three to six round numbers from 0 (or below the lowest) to above the highest."""
    low, high = min([0.0, *values]), max([0.0, *values])
    if share and 0.6 < high <= 1:
        return [0.0, 0.25, 0.5, 0.75, 1.0]
    if low == high:
        return [0.0, 1.0]
    rough = (high - low) / 4
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(size for size in (1, 2, 5, 10) if size * magnitude >= rough * 0.999)
    first, last = math.floor(low / (step * magnitude)), math.ceil(high / (step * magnitude))
    return [round(place * step * magnitude, 10) for place in range(first, last + 1)]


def _chart(layers: list[dict[str, Any]], height: int) -> dict[str, Any]:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": WIDTH,
        "height": height,
        "padding": 0,
        "autosize": {"type": "none"},
        "background": "white",
        "layer": layers,
        # Marks are outside what a person navigates: the page describes the chart in words.
        "config": {"aria": False, "view": {"stroke": None}, "font": _FONT},
    }


def _mark(kind: str, **properties: Any) -> dict[str, Any]:
    given = {"fontSize": _SIZE, "font": _FONT, "color": INK} if kind == "text" else {}
    return {"type": kind, **given, **properties}


def _layer(
    values: Sequence[Mapping[str, Any]], mark: Mapping[str, Any], **encoding: Any
) -> dict[str, Any]:
    return {"data": {"values": list(values)}, "mark": dict(mark), "encoding": encoding}


def _text(
    values: Sequence[Mapping[str, Any]],
    field: str,
    *,
    x: float | str,
    y: float | str,
    **properties: Any,
) -> dict[str, Any]:
    def place(at: float | str) -> dict[str, Any]:
        return _pixel(at) if isinstance(at, str) else _pixel(value=at)

    mark = _mark("text", **{"align": "left", **properties})
    return _layer(values, mark, x=place(x), y=place(y), text={"field": field, "type": "nominal"})


def _x(field: str, scale: Mapping[str, Any]) -> dict[str, Any]:
    return {"field": field, "type": "quantitative", "scale": dict(scale), "axis": None}


def _pixel(field: str | None = None, *, value: float | None = None) -> dict[str, Any]:
    """Place by units of the drawing: by a field, or the same for all."""
    if field is None:
        return {"value": value}
    return {"field": field, "type": "quantitative", "scale": None, "axis": None}


def _plain(svg: str) -> str:
    """Make a drawing scale with the page, and leave out what only the library's own page needs."""
    svg = re.sub(r' width="[\d.]+" height="[\d.]+" viewBox', " viewBox", svg, count=1)
    svg = re.sub(r' (class|pointer-events|role|aria-[a-z]+)="[^"]*"', "", svg)
    svg = re.sub(r"(\d+\.\d{2})\d+", r"\1", svg)
    return svg.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "") + "\n"
