"""A submission that would change a year's volume more than usual waits for a person."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ingest import held as held_submissions
from ingest import ledger, receiver
from ingest.held import NotHeld
from ingest.ledger import Slot
from ingest.receipts import Receipt, Status
from ingest.validate import Limits
from ingest.volume import Thresholds
from tests.support.house import House, csv_text, digest, good, goods

# So that tests need few rows.
LIMITS = Limits(volume=Thresholds(from_rows=10))
SLOT = Slot("essote", "outreach", "2019")
PERSON = "131052-308T"


def drop(house: House, count: int, name: str = "2019.csv", **changes: object) -> None:
    rows = [good("outreach", number, **changes) for number in range(1, count + 1)]
    house.drop(csv_text("outreach", rows), name=name)


def receive(house: House, count: int, name: str = "2019.csv", **changes: object) -> Receipt:
    """Receive that many visits."""
    drop(house, count, name, **changes)
    (receipt,) = receiver.receive(house.home, limits=LIMITS)
    return receipt


def waiting(house: House) -> list[str]:
    return [one.submission_id for one in receiver.held(house.home)]


@pytest.fixture
def held(house: House) -> Receipt:
    """A file with a quarter of the rows waits, with the twenty rows before it in force."""
    house.before = receive(house, 20)  # type: ignore[attr-defined]
    return receive(house, 5)


@pytest.fixture
def house(house: House) -> Any:
    """Let the fixture above note what was there before."""

    class Noting(House):
        before: Receipt

    return Noting(house.home)


def test_it_is_neither_accepted_nor_refused_and_what_was_accepted_stays_in_force(
    house: Any, held: Receipt
) -> None:
    assert held.status is Status.HELD
    assert held.rows_loaded == 0
    assert held.held is not None
    assert (held.held.rows, held.held.rows_before, held.held.rows_after) == (5, 20, 5)
    assert (held.held.year, held.held.change, held.held.rule) == (2019, -0.75, "volume_changed")
    assert house.current() == house.before.submission_id
    assert [one["submission_id"] for one in ledger.submissions(house.home)] == [
        house.before.submission_id
    ]
    assert held.submission_id not in {name.split(".")[0] for name in house.receipt_files()}
    assert not house.accepted(held).exists()
    assert not (house.home.originals / f"{held.submission_id}.age").exists()
    assert house.is_tidy()


def test_its_note_says_what_is_unusual_in_three_languages(house: Any, held: Receipt) -> None:
    note = json.loads((house.home.held / held.submission_id / "held.json").read_text("utf-8"))
    assert note["organisation"], note["feed"] == ("essote", "outreach")
    assert (note["period"], note["file"]) == ("2019", "essote/outreach/2019.csv")
    assert note["received_at"] == held.received_at
    for language in ("fi", "sv", "en"):
        reported = note["held"][f"message_{language}"]
        assert "2019" in reported and "20" in reported and "5" in reported
    page = house.home.held / held.submission_id / "work" / "receipt.html"
    assert "The file waits for confirmation" in page.read_text(encoding="utf-8")


def test_no_identity_waits_with_it(house: Any) -> None:
    def rows(count: int) -> str:
        return csv_text("clients", goods("clients", count))

    def drop_clients(count: int) -> Receipt:
        house.drop(rows(count), feed="clients", name=f"2019.{PERSON}.csv")
        (receipt,) = receiver.receive(house.home, limits=LIMITS)
        return receipt

    drop_clients(20)
    receipt = drop_clients(5)
    assert receipt.status is Status.HELD
    for secret in (PERSON.encode(), PERSON.encode().hex().encode()):
        for path in (house.home.held / receipt.submission_id).rglob("*"):
            assert not path.is_file() or secret not in path.read_bytes(), path.name
            assert PERSON not in path.name
    assert receiver.accept_held(house.home, receipt.submission_id, by="M").rows_loaded == 5


def test_accepted_it_comes_into_force_under_its_own_id_and_moment(
    house: Any, held: Receipt
) -> None:
    receipt = receiver.accept_held(
        house.home, held.submission_id, by="Maija", reason="A team was closed"
    )
    assert receipt.status is Status.ACCEPTED
    assert (receipt.submission_id, receipt.received_at) == (held.submission_id, held.received_at)
    assert receipt.supersedes == house.before.submission_id
    assert receipt.rows_loaded == len(house.rows(receipt)) == 5
    assert house.current() == held.submission_id
    assert receipt.held is not None
    assert (receipt.held.decided_by, receipt.held.reason) == ("Maija", "A team was closed")
    page = (house.home.receipts / f"{held.submission_id}.html").read_text(encoding="utf-8")
    assert "The data team has confirmed the change." in page
    assert "Maija" in page and "A team was closed" in page
    event = ledger.find(house.home, SLOT, held.submission_id)
    assert event is not None
    assert event["held"]["decided_by"] == "Maija"
    # Among others it stands where it was received; known it is from the decision on.
    assert event["received_at"] == held.received_at
    assert ledger.known_at(event) == event["known_at"] >= receipt.held.decided_at
    assert event["known_at"] > event["received_at"]
    assert (house.home.originals / f"{held.submission_id}.age").exists()
    assert waiting(house) == []
    assert house.is_tidy()
    assert list(house.home.held.iterdir()) == []


def test_refused_it_has_a_receipt_that_says_why_and_what_to_do(house: Any, held: Receipt) -> None:
    receipt = receiver.refuse_held(
        house.home, held.submission_id, by="Maija", reason="Only the first quarter"
    )
    assert receipt.status is Status.REFUSED
    assert (receipt.rows_read, receipt.rows_loaded, receipt.rows_rejected) == (5, 0, 0)
    (finding,) = receipt.errors
    assert (finding.rule, finding.row, finding.severity) == ("volume_not_confirmed", None, "reject")
    assert "Send a file that holds all rows" in finding.message_en
    page = (house.home.receipts / f"{held.submission_id}.html").read_text(encoding="utf-8")
    assert "Only the first quarter" in page and "Maija" in page
    table = (house.home.receipts / f"{held.submission_id}.errors.csv").read_text("utf-8")
    assert table.count("volume_not_confirmed") == 1
    assert house.current() == house.before.submission_id
    assert not house.accepted(receipt).exists()
    assert (house.home.originals / f"{held.submission_id}.age").exists()
    assert waiting(house) == []
    # What was refused may be sent again, and is judged anew.
    assert receive(house, 5).status is Status.HELD


def test_with_rejected_rows_it_is_accepted_in_part(house: Any) -> None:
    receive(house, 40)
    rows = [*goods("outreach", 14), good("outreach", 15, nature="nonsense")]
    house.drop(csv_text("outreach", rows))
    (held,) = receiver.receive(house.home, limits=LIMITS)
    assert (held.status, held.rows_rejected) == (Status.HELD, 1)
    receipt = receiver.accept_held(house.home, held.submission_id, by="Maija")
    assert receipt.status is Status.ACCEPTED_WITH_REJECTS
    assert (receipt.rows_loaded, receipt.rows_rejected) == (14, 1)
    assert [finding.rule for finding in receipt.errors] == ["code"]
    assert len(house.rejected_rows(receipt)) == 1
    assert "code" in (house.home.receipts / f"{held.submission_id}.errors.csv").read_text("utf-8")


def test_a_decision_is_made_once(house: Any, held: Receipt) -> None:
    receiver.accept_held(house.home, held.submission_id, by="Maija")
    with pytest.raises(NotHeld, match="decided already: accepted by Maija"):
        receiver.refuse_held(house.home, held.submission_id, by="Liisa", reason="No")
    assert house.current() == held.submission_id


def test_of_two_who_decide_at_the_same_time_one_does(house: Any, held: Receipt) -> None:
    def decide(by: str) -> str:
        try:
            if by == "Maija":
                return receiver.accept_held(house.home, held.submission_id, by=by).status
            return receiver.refuse_held(house.home, held.submission_id, by=by, reason="No").status
        except NotHeld as already:
            return str(already)

    with ThreadPoolExecutor(2) as pool:
        reported = list(pool.map(decide, ("Maija", "Liisa")))
    (receipt,) = [one for one in house.receipts() if one["submission_id"] == held.submission_id]
    assert receipt["status"] in reported
    assert sum("decided already" in one for one in reported) == 1


@pytest.mark.parametrize("unknown", ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "../claims/x", ""])
def test_an_unknown_id_is_told_so(house: Any, held: Receipt, unknown: str) -> None:
    with pytest.raises(NotHeld, match="See which do: vuosikello held"):
        receiver.accept_held(house.home, unknown, by="Maija")


def test_whoever_decides_is_named_and_a_refusal_has_a_reason(house: Any, held: Receipt) -> None:
    with pytest.raises(ValueError, match="who decides"):
        receiver.accept_held(house.home, held.submission_id, by=" ")
    with pytest.raises(ValueError, match="why it is refused"):
        receiver.refuse_held(house.home, held.submission_id, by="Maija", reason="")
    assert waiting(house) == [held.submission_id]


def test_an_identity_code_in_a_reason_is_left_out(house: Any, held: Receipt) -> None:
    receiver.accept_held(house.home, held.submission_id, by="M", reason=f"See {PERSON}\nthere")
    receipt = house.receipts()[-1]
    assert receipt["held"]["reason"] == "See *** there"
    assert PERSON not in (house.home.receipts / f"{held.submission_id}.html").read_text("utf-8")


def test_what_was_never_held_has_a_receipt_and_a_ledger_line_as_before(house: Any) -> None:
    receive(house, 20)
    (receipt,) = house.receipts()
    (event,) = ledger.submissions(house.home)
    assert receipt["held"] is None
    assert event["held"] is None
    assert ledger.known_at(event) > event["received_at"]


def test_a_later_file_of_the_same_period_takes_the_place_of_the_held_one(
    house: Any, held: Receipt
) -> None:
    later = receive(house, 21)
    assert later.status is Status.ACCEPTED
    assert waiting(house) == []
    closed = house.receipts()[1]
    assert (closed["submission_id"], closed["status"]) == (held.submission_id, "refused")
    assert [error["rule"] for error in closed["errors"]] == ["replaced_while_held"]
    assert closed["held"]["decided_by"] is None
    assert house.current() == later.submission_id
    assert later.supersedes == house.before.submission_id


def test_a_later_file_that_is_held_too_is_the_one_to_decide_about(
    house: Any, held: Receipt
) -> None:
    later = receive(house, 6)
    assert later.status is Status.HELD
    assert waiting(house) == [later.submission_id]
    assert house.current() == house.before.submission_id


def test_a_later_file_that_is_refused_takes_no_place(house: Any, held: Receipt) -> None:
    assert receive(house, 20, nature="nonsense").status is Status.REFUSED
    assert waiting(house) == [held.submission_id]


def test_the_same_bytes_again_are_a_duplicate_of_the_held_ones(house: Any, held: Receipt) -> None:
    again = receive(house, 5)
    assert again.status is Status.DUPLICATE
    assert [finding.rule for finding in again.errors] == ["duplicate_of_held"]
    assert waiting(house) == [held.submission_id]


def test_the_file_in_force_sent_again_takes_a_held_one_back(house: Any, held: Receipt) -> None:
    assert receive(house, 20).status is Status.DUPLICATE
    assert waiting(house) == []
    assert house.current() == house.before.submission_id


def test_other_periods_and_feeds_go_on_meanwhile(house: Any, held: Receipt) -> None:
    assert receive(house, 15, "2019-03.csv").status is Status.ACCEPTED
    assert receive(house, 20, "2018.csv", occurred_on="2018-03-14").status is Status.ACCEPTED
    assert waiting(house) == [held.submission_id]
    assert receiver.accept_held(house.home, held.submission_id, by="M").is_accepted


def test_of_two_versions_dropped_together_only_the_last_can_be_held(house: Any) -> None:
    receive(house, 20)
    drop(house, 5, "2019.1.csv")
    drop(house, 6, "2019.2.csv")
    first, second = receiver.receive(house.home, limits=LIMITS)
    assert (first.status, second.status) == (Status.REFUSED, Status.HELD)
    assert waiting(house) == [second.submission_id]


@pytest.mark.parametrize(
    "off", [Thresholds(None, 10, None), Thresholds(0, 10, 0), Thresholds(from_rows=21)]
)
def test_it_can_be_turned_off(house: Any, off: Thresholds) -> None:
    receive(house, 20)
    drop(house, 5)
    (receipt,) = receiver.receive(house.home, limits=Limits(volume=off))
    assert receipt.status is Status.ACCEPTED


def test_a_dry_run_says_that_it_would_be_held_and_keeps_nothing(house: Any) -> None:
    receive(house, 20)
    path = house.home.root.parent / "some.csv"
    path.write_text(csv_text("outreach", goods("outreach", 5)), encoding="utf-8")
    before = digest(house.home.root)
    receipt, _ = receiver.check(
        path,
        feed="outreach",
        organisation="essote",
        period="2019",
        home=house.home,
        limits=LIMITS,
    )
    assert receipt.status is Status.HELD
    assert receipt.held is not None and receipt.held.rows == 5
    assert digest(house.home.root) == before


def test_receiving_it_again_tells_that_it_waits(house: Any, held: Receipt) -> None:
    assert receiver.receive_one(house.home, held.submission_id).status is Status.HELD


def test_it_is_asked_about_by_one_at_a_time(house: Any, held: Receipt) -> None:
    asking = {"first"}

    def ask(asker: str) -> list[str]:
        found = held_submissions.to_ask(house.home, asker, asking.__contains__, 10)
        return [one.submission_id for one in found]

    assert ask("first") == [held.submission_id]
    assert ask("second") == []
    # The same one may ask again: it was stopped in between.
    assert ask("first") == [held.submission_id]
    asking.clear()
    assert ask("second") == [held.submission_id]
    assert held_submissions.to_ask(house.home, "third", lambda _: False, 0) == []
