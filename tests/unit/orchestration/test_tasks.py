"""What a task tells Airflow about how it went."""

from __future__ import annotations

from typing import Any

from tests.support.outlet import FEEDS, Outlet
from vuosikello.orchestration import tasks


def receipt(submission_id: str, feed: str | None, status: str) -> dict[str, Any]:
    return {
        "submission_id": submission_id,
        "feed": feed,
        "status": status,
        "is_accepted": status.startswith("accepted"),
    }


def test_each_feed_that_got_accepted_data_is_announced_once() -> None:
    outlet = Outlet()
    received = [
        receipt("A", "outreach", "accepted"),
        receipt("C", "outreach", "accepted_with_rejects"),
        receipt("B", "meetings", "accepted"),
    ]
    tasks.announce(received, FEEDS, "held", outlet)
    assert outlet.added == [
        ("feed_meetings", {"submissions": 1, "last": "B"}),
        ("feed_outreach", {"submissions": 2, "last": "C"}),
    ]


def test_what_changed_nothing_is_not_announced() -> None:
    outlet = Outlet()
    received = [
        receipt("A", "outreach", "refused"),
        receipt("B", "meetings", "duplicate"),
        receipt("C", None, "refused"),
    ]
    tasks.announce(received, FEEDS, "held", outlet)
    assert outlet.added == []


def test_what_is_held_is_announced_once_and_is_no_accepted_data() -> None:
    outlet = Outlet()
    received = [receipt("A", "outreach", "held"), receipt("B", "meetings", "held")]
    tasks.announce(received, FEEDS, "held", outlet)
    assert outlet.added == [("held", {"submissions": 2})]


def test_a_long_list_of_failures_is_cut_and_says_where_the_rest_is() -> None:
    text = tasks._list("Expectations not met", [f"{n}" for n in range(25)], "docs/index.html")
    assert text.startswith("Expectations not met:\n- 0\n- 1\n")
    assert text.endswith("\n- and 5 more\nMore in docs/index.html")
