"""What is in force where the stated periods of submissions overlap.

A submission tells everything about its stated period. So in a feed with a period date, rows of an
earlier current submission of the same organisation and feed are out of force where their date lies
in the stated period of a later one too, whether or not their key comes again. Rows dated outside
the stated period of their own submission are never put out of force so.

The rule is about current submissions only: it is computed anew whenever one is received, replaced
or withdrawn, and stored nowhere. The warehouse has it in `staging.stg_displaced_days`; a test holds
the two together. Which row wins of several with one key is not decided here.

This module must not know how a submission becomes current.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from pathlib import Path
from typing import Any

import duckdb

from common.sql import identifier


@dataclass(frozen=True, slots=True)
class Displaced:
    """Days of which one submission's rows are out of force.

    Attributes:
        submission_id: whose rows.
        displaced_by: the later submission.
        first_day: the first day, inside the stated periods of both.
        last_day: the last one.
    """

    submission_id: str
    displaced_by: str
    first_day: date
    last_day: date


def displaced(current: Sequence[Mapping[str, Any]]) -> list[Displaced]:
    """Return the days that current submissions put out of force in others.

    Periods are years, their months and their days: of two that overlap one contains the other.

    Args:
        current: ledger lines of one organisation and feed with a period date, one for each period,
            in the order received.
    """
    places = {one["period"]: place for place, one in enumerate(current)}
    found = []
    for place, narrower in enumerate(current):
        period = narrower["period"]
        for wider in {period[: len("2019")], period[: len("2019-03")]} - {period}:
            if wider in places:
                earlier, later = sorted((place, places[wider]))
                found.append(
                    Displaced(
                        current[earlier]["submission_id"],
                        current[later]["submission_id"],
                        date.fromisoformat(narrower["period_start"]),
                        date.fromisoformat(narrower["period_end"]),
                    )
                )
    return found


class RowsByDay:
    """How many rows submissions have of each day, read from the lake where somebody asks.

    Files of the lake never change, so what was read is kept, for as many files as ``most``.
    """

    def __init__(self, root: Path, most: int = 2000) -> None:
        """Keep the rows of one installation.

        Args:
            root: the folder that the paths in the ledger are below.
            most: how many files are kept.
        """
        self._root, self._most = root, most
        self._kept: dict[str, tuple[list[date], list[int]]] = {}

    def read(self, paths: Iterable[str], column: str) -> None:
        """Read how many rows these files have of each day, all that are not known in one query.

        Args:
            paths: their paths, as the ledger has them.
            column: the feed's period date.
        """
        new = {str(self._root / path): path for path in paths if path not in self._kept}
        if not new:
            return
        if len(self._kept) + len(new) > self._most:
            self._kept.clear()
        days: dict[str, list[tuple[date, int]]] = {path: [] for path in new.values()}
        name = identifier(column)
        with duckdb.connect() as connection:
            rows = connection.execute(
                f"SELECT filename, {name}, count(*) FROM read_parquet($files, filename = true, "
                f"union_by_name = true) WHERE {name} IS NOT NULL GROUP BY ALL ORDER BY ALL",
                {"files": list(new)},
            ).fetchall()
        for file, day, count in rows:
            days[new[file]].append((day, count))
        for path, counts in days.items():
            totals = [0, *accumulate(count for _, count in counts)]
            self._kept[path] = ([day for day, _ in counts], totals)

    def between(self, path: str, first: date, last: date) -> int:
        """Return how many rows of a file, which was read, are dated from one day to another."""
        days, totals = self._kept[path]
        return totals[bisect_right(days, last)] - totals[bisect_left(days, first)]


def rows_in_force(
    current: Sequence[Mapping[str, Any]], period_date: str, rows: RowsByDay
) -> dict[str, int]:
    """Return how many rows of each current submission are in force by the rule of overlap.

    A file of the lake is opened only where a part of its rows is out of force, or where all of its
    stated period is and it has rows dated outside that.

    Args:
        current: ledger lines of one organisation and feed, one for each period, in the order
            received.
        period_date: the feed's period date.
        rows: what is known of the rows of each day.
    """
    found = {one["submission_id"]: int(one["rows_loaded"]) for one in current}
    spans: dict[str, list[tuple[date, date]]] = {}
    for one in displaced(current):
        spans.setdefault(one.submission_id, []).append((one.first_day, one.last_day))
    partly = []
    for event in current:
        own = spans.get(event["submission_id"])
        if not own or not found[event["submission_id"]]:
            continue
        stated = (
            date.fromisoformat(event["period_start"]),
            date.fromisoformat(event["period_end"]),
        )
        if stated in own and event.get("derived_period") is None:
            found[event["submission_id"]] = 0
        else:
            partly.append(event)
    rows.read([event["lake_path"] for event in partly], period_date)
    for event in partly:
        for first, last in _apart(spans[event["submission_id"]]):
            found[event["submission_id"]] -= rows.between(event["lake_path"], first, last)
    return found


def _apart(spans: list[tuple[date, date]]) -> list[tuple[date, date]]:
    """Leave out the spans that lie in another one; two that overlap never do so in part."""
    kept: list[tuple[date, date]] = []
    for first, last in sorted(spans, key=lambda span: (span[0], -span[1].toordinal())):
        if not kept or first > kept[-1][1]:
            kept.append((first, last))
    return kept
