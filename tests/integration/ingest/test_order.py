"""Later is a place in the ledger: the order of one run, and of runs whose clock goes backwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import PurePath

import pytest

from common import clock
from ingest import ledger, receiver
from ingest.periods import order_in_run
from ingest.receipts import Receipt, Status, read
from tests.support.house import House, csv_text, good, goods


def visits(count: int, **changes: object) -> str:
    return csv_text("outreach", [good("outreach", n, **changes) for n in range(1, count + 1)])


def remarks(receipt: Receipt) -> list[str]:
    return [one.message_en for one in receipt.errors if one.rule.startswith("several_for_period")]


ORDERED = [
    "essote/contacts/2020.csv",
    "essote/outreach/2018-12-31.csv",
    "essote/outreach/2019.csv",
    "essote/outreach/2019.2-corrected.csv",
    "essote/outreach/2019.9.csv",
    "essote/outreach/2019.10.csv",
    "essote/outreach/2019.b.csv",
    "essote/outreach/2019.v9.csv",
    "essote/outreach/2019.V10.csv",
    "essote/outreach/2019-01.csv",
    "essote/outreach/2019-01-01.csv",
    "essote/outreach/2019-02.csv",
    "essote/outreach/other.csv",
    "sosteri/outreach/2019.csv",
]


@pytest.mark.parametrize("names", [ORDERED[::-1], sorted(ORDERED)])
def test_files_of_one_run_go_by_organisation_feed_period_and_the_rest_of_the_name(
    names: list[str],
) -> None:
    assert sorted(names, key=lambda name: order_in_run(PurePath(name))) == ORDERED


def test_of_two_files_for_one_period_the_later_counts_and_both_say_so(house: House) -> None:
    house.drop(visits(2), name="2019.csv")
    house.drop(visits(1), name="2019.2-corrected.csv")
    house.drop(visits(9), name="2019.9.csv", organisation="sosteri")
    house.drop(visits(10), name="2019.10.csv", organisation="sosteri")
    received = house.receive_all()
    assert [one.file.rpartition("/")[2] for one in received] == [
        "2019.csv",
        "2019.2-corrected.csv",
        "2019.9.csv",
        "2019.10.csv",
    ]
    assert house.current() == received[1].submission_id
    assert house.current(organisation="sosteri") == received[3].submission_id
    for one in received[:2]:
        (text,) = remarks(one)
        assert "2019.csv, 2019.2-corrected.csv. Of these 2019.2-corrected.csv counts" in text
        assert one.errors_total == 1
        name = f"{one.submission_id}.errors.csv"
        table = (house.home.receipts / name).read_text(encoding="utf-8")
        assert table.count("several_for_period,warn") == 1
        page = (house.home.receipts / f"{one.submission_id}.html").read_text(encoding="utf-8")
        assert "Niistä on voimassa 2019.2-corrected.csv" in page
    assert "Of these 2019.10.csv counts" in remarks(received[2])[0]


def test_claims_received_one_by_one_say_it_too(house: House) -> None:
    house.drop(visits(1), name="2019.1.csv")
    house.drop(visits(2), name="2019.2.csv")
    ids = receiver.claim(house.home)
    for one in reversed(ids):
        receiver.receive_one(house.home, one)
    for one in ids:
        (text,) = remarks(read(house.home.receipts / f"{one}.json"))
        assert "Of these 2019.2.csv counts" in text


def test_where_the_last_is_refused_the_one_before_counts(house: House) -> None:
    house.drop(visits(2), name="2019.1.csv")
    house.drop("nonsense", name="2019.2.csv")
    first, second = house.receive_all()
    assert second.status is Status.REFUSED
    assert "Of these 2019.1.csv counts" in remarks(first)[0]
    assert remarks(first) == remarks(second)
    assert second.errors[0].rule == "several_for_period"
    assert second.errors_total == len(second.errors)


def test_a_file_that_came_alone_has_no_such_remark(house: House) -> None:
    first, second = house.receive(visits(1)), house.receive(visits(2))
    assert remarks(first) == remarks(second) == []


def test_a_clock_that_goes_backwards_changes_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Files are whole once their last change is past, so the clock is ahead of the machine.
    moment = datetime(2031, 5, 1, tzinfo=UTC)
    received = []
    for count in range(1, 5):
        now = moment - timedelta(days=count)
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        received.append(house.receive(visits(count)))
    assert [one.arrival_no for one in received] == [1, 2, 3, 4]
    assert house.current() == received[-1].submission_id
    assert [one.supersedes for one in received[1:]] == [one.submission_id for one in received[:-1]]
    assert [one["rows_loaded"] for one in ledger.submissions(house.home)] == [1, 2, 3, 4]
    # A year that is received last takes the month out of force, by whatever clock.
    monkeypatch.setattr(clock, "now", lambda: moment - timedelta(days=30))
    house.receive(csv_text("outreach", goods("outreach", 3)), name="2018.csv")
    month = house.receive(visits(3), name="2019-03.csv")
    assert [(one.submission_id, one.rows) for one in month.out_of_force] == [
        (received[-1].submission_id, 4)
    ]


@pytest.mark.parametrize("lost", ["note", "note is old"])
def test_numbers_stay_the_greatest_where_the_note_is_lost_or_old(house: House, lost: str) -> None:
    house.receive(visits(1))
    old = house.home.arrival_numbers.read_text(encoding="utf-8")
    house.receive(visits(2))
    if lost == "note":
        house.home.arrival_numbers.unlink()
    else:
        house.home.arrival_numbers.write_text(old, encoding="utf-8")
    assert house.receive(visits(3)).arrival_no == 3


def test_lines_without_a_number_come_before_all_that_have_one(house: House) -> None:
    line = {
        "event": "submission",
        "submission_id": "old",
        "received_at": "2030-01-01T00:00:00.000000Z",
        "status": "accepted",
        "organisation": "essote",
        "feed": "outreach",
        "period": "2019",
        "period_start": "2019-01-01",
        "period_end": "2019-12-31",
        "rows_loaded": 5,
        "rows_read": 5,
        "sha256": "0",
    }
    ledger.append(house.home.create(), ledger.Slot("essote", "outreach", "2019"), line)
    receipt = house.receive(visits(1))
    assert receipt.supersedes == "old"
    assert house.current() == receipt.submission_id
