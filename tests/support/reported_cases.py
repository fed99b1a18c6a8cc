"""The inboxes of ``tests/cases``: small ones, each of which was once received wrongly."""

from __future__ import annotations

import shutil
from pathlib import Path

from ingest import receipts
from ingest.receipts import Receipt
from ingest.withdrawal import withdraw
from tests.support.house import House
from tests.support.places import CASES


def receive_case(house: House, name: str) -> dict[str, Receipt]:
    """Receive a case's inbox, or that of each of its steps one after another.

    Returns:
        The receipts as they stand after the last step, by the file's place in the inbox.
    """
    received = {}
    for inbox in inboxes(name):
        shutil.copytree(inbox, house.home.inbox, dirs_exist_ok=True)
        received |= {one.file: one.submission_id for one in house.receive_all()}
    assert house.is_tidy()
    return {file: receipts.read(house.home.receipts / f"{n}.json") for file, n in received.items()}


def inboxes(name: str) -> list[Path]:
    """Return the inboxes of a case, in the order in which they are received."""
    return sorted((CASES / name).glob("step*/inbox")) or [CASES / name / "inbox"]


def posts_told_apart() -> str:
    """Return the workers of ``two-posts-from-one-day`` with a post in the row that repeats a key."""
    (inbox,) = inboxes("two-posts-from-one-day")
    header, *rows, repeated = (inbox / "hva-20" / "workers" / "2026.csv").read_text().splitlines()
    return "\n".join([f"{header},post", *(f"{row}," for row in rows), f"{repeated},second", ""])


def receive_cases_with_figures(house: House) -> None:
    """Receive the cases whose figures are compared; they do not meet each other in one home."""
    for name in ("name-order", "deleted-row-survives", "snapshot-rewrites-history"):
        receive_case(house, name)
    received = receive_case(house, "nil-return-and-withdrawal")
    june = received["soite/outreach/2019-06.csv"].submission_id
    withdraw(house.home, june, by="Maija", reason="Sent by the wrong organisation")
    receive_case(house, "two-posts-from-one-day")
    house.receive(posts_told_apart(), feed="workers", name="2026.csv", organisation="hva-20")
