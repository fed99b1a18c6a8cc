"""A home where submissions went out of force: by a later one's days, and by withdrawals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.built_homes import SOURCES, built_home, remember_project
from tests.support.example_home import example_home
from tests.support.tiny_lake import TinyLake
from vuosikello.lineage.diff import Difference, difference
from vuosikello.warehouse import build

FIRST, SECOND, THIRD = (datetime(2020, 2, day, 12, tzinfo=UTC) for day in (1, 2, 3))
MANAGER = "a manager"


def _visit(name: str, day: str) -> dict[str, Any]:
    return {
        "visit_id": name,
        "occurred_on": day,
        "municipality": "491",
        "nature": "partner",
        "persons_present": 3,
        "persons_contacted": 2,
        "topics": ["economy"],
    }


@dataclass(frozen=True)
class Known:
    """What was known at three moments, and the submissions by the names that the tests give them.

    At first essote has a year of visits and a year of meetings, and kainuun-sote a draft of its
    visits. Then essote sends its March and its May, and kainuun-sote another file of the year. At
    last the March, the other file and the meetings are withdrawn.
    """

    warehouses: tuple[Path, Path, Path]
    ids: dict[str, str]

    def between(self, earlier: int, later: int) -> Difference:
        """Compare what was known at two of the moments."""
        return difference(self.warehouses[later], self.warehouses[earlier])


def known_at_three_moments() -> Known:
    """Return the home, made once."""
    sources = (*SOURCES, "tests/support/out_of_force.py")
    return built_home("out-of-force", _make, sources)[1]


def _make(home: Path) -> Known:
    lake = TinyLake(home)
    ids = {}

    def submit(name: str, place: str, rows: list[dict[str, Any]], day: int) -> None:
        organisation, feed, period = place.split("/")
        received_at = f"2020-02-0{day}T08:00:{len(ids):02}Z"
        ids[name] = lake.submit(organisation, feed, period, rows, received_at=received_at)

    def withdraw(name: str) -> None:
        lake.write_line(
            {
                "event": "withdrawal",
                "submission_id": ids[name],
                "known_at": "2020-02-03T09:00:00Z",
                "withdrawn_by": MANAGER,
                "reason": "wrong",
            }
        )

    year = [_visit("V1", "2019-03-05"), _visit("V2", "2019-04-05"), _visit("V5", "2019-05-05")]
    submit("year", "essote/outreach/2019", year, 1)
    meeting = {"meeting_id": "M1", "held_on": "2018-03-12", "body": "board"}
    submit("meetings", "essote/meetings/2018", [meeting], 1)
    submit("draft", "kainuun-sote/outreach/2019", [_visit("K1", "2019-06-01")], 1)
    submit("March", "essote/outreach/2019-03", [], 2)
    submit(
        "May",
        "essote/outreach/2019-05",
        [_visit("V6", "2019-05-06"), _visit("V7", "2019-05-07")],
        2,
    )
    other = [_visit("K1", "2019-06-01"), _visit("K2", "2019-06-02")]
    submit("other", "kainuun-sote/outreach/2019", other, 2)
    for name in ("March", "other", "meetings"):
        withdraw(name)
    remember_project(example_home(), home)
    built = [build.build(home, as_of=moment) for moment in (FIRST, SECOND, THIRD)]
    assert [one.failures for one in built] == [[], [], []]
    return Known((built[0].path, built[1].path, built[2].path), ids)
