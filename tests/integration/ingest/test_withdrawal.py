"""A withdrawal undoes exactly one submission, and says so for ever."""

from __future__ import annotations

import json

import pytest

from ingest import ledger, receipts, receiver
from ingest.receipts import Receipt, Status
from ingest.validate import Limits
from ingest.volume import Thresholds
from ingest.withdrawal import NotWithdrawn, withdraw
from tests.support.house import House, csv_text, digest, good, goods

PERSON = "131052-308T"


def visits(count: int, **changes: object) -> str:
    return csv_text("outreach", [good("outreach", n, **changes) for n in range(1, count + 1)])


def take_back(house: House, receipt: Receipt) -> Receipt:
    return withdraw(house.home, receipt.submission_id, by="Maija", reason="Wrong organisation")


def test_what_stood_before_is_in_force_again(house: House) -> None:
    first, second = house.receive(visits(1)), house.receive(visits(2))
    lake = digest(house.home.accepted)
    withdrawn = take_back(house, second)
    assert house.current() == first.submission_id
    assert digest(house.home.accepted) == lake
    assert withdrawn.withdrawn is not None
    (event,) = [one for one in ledger.events(house.home) if one["event"] == "withdrawal"]
    assert event == {
        "event": "withdrawal",
        "submission_id": second.submission_id,
        "organisation": "essote",
        "feed": "outreach",
        "period": "2019",
        "withdrawn_by": "Maija",
        "reason": "Wrong organisation",
        "known_at": withdrawn.withdrawn.at,
    }
    take_back(house, first)
    assert house.current() is None


def test_the_receipt_gains_the_withdrawal_and_loses_nothing(house: House) -> None:
    rows = [*goods("outreach", 20), good("outreach", 21, nature="nonsense")]
    receipt = house.receive(csv_text("outreach", rows))
    path = house.home.receipts / f"{receipt.submission_id}.json"
    before = json.loads(path.read_text(encoding="utf-8"))
    take_back(house, receipt)
    after = json.loads(path.read_text(encoding="utf-8"))
    assert before["withdrawn"] is None
    assert after == before | {"withdrawn": after["withdrawn"]}
    assert (after["withdrawn"]["by"], after["withdrawn"]["reason"]) == (
        "Maija",
        "Wrong organisation",
    )
    page = path.with_suffix(".html").read_text(encoding="utf-8")
    for text in ("Tiedosto on peruttu", "Filen är återtagen", "The file was withdrawn", "Maija"):
        assert text in page


def test_rows_that_it_put_out_of_force_count_again(house: House) -> None:
    year = house.receive(visits(4), name="2019.csv")
    month = house.receive(visits(3), name="2019-03.csv")
    assert [one.rows for one in month.out_of_force] == [4]
    take_back(house, month)
    again = house.receive(visits(2), name="2019-03.csv")
    assert [(one.submission_id, one.rows) for one in again.out_of_force] == [
        (year.submission_id, 4)
    ]


def test_its_bytes_are_judged_anew(house: House) -> None:
    receipt = house.receive(visits(2))
    take_back(house, receipt)
    again = house.receive(visits(2))
    assert (again.status, again.supersedes) == (Status.ACCEPTED, None)
    # The bytes of another organisation that took its own back are nobody's.
    take_back(house, again)
    assert house.receive(visits(2), organisation="sosteri").status is Status.ACCEPTED


def test_it_is_done_once(house: House) -> None:
    receipt = house.receive(visits(1))
    take_back(house, receipt)
    with pytest.raises(NotWithdrawn, match="withdrawn already, by Maija"):
        take_back(house, receipt)


@pytest.mark.parametrize("unknown", ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "../claims/x", ""])
def test_an_unknown_one_is_told_so(house: House, unknown: str) -> None:
    house.home.create()
    with pytest.raises(NotWithdrawn, match="There is no submission"):
        withdraw(house.home, unknown, by="Maija", reason="Wrong")


def test_what_is_not_accepted_is_not_withdrawn(house: House) -> None:
    house.receive(visits(20))
    duplicate, refused = house.receive(visits(20)), house.receive("nonsense")
    house.drop(visits(2))
    (held,) = receiver.receive(house.home, limits=Limits(volume=Thresholds(from_rows=10)))
    for receipt, why in ((duplicate, "duplicate"), (refused, "refused"), (held, "held refuse")):
        with pytest.raises(NotWithdrawn, match=why):
            take_back(house, receipt)
    assert ledger.history(house.home).withdrawals == {}


def test_who_and_why_are_said_and_hold_no_identity(house: House) -> None:
    receipt = house.receive(visits(1))
    with pytest.raises(ValueError, match="who withdraws"):
        withdraw(house.home, receipt.submission_id, by=" ", reason="Wrong")
    with pytest.raises(ValueError, match="why it is withdrawn"):
        withdraw(house.home, receipt.submission_id, by="Maija", reason="\n")
    withdraw(house.home, receipt.submission_id, by=f"M {PERSON}", reason=f"Of {PERSON}")
    for path in (*house.home.ledger.iterdir(), *house.home.receipts.iterdir()):
        assert PERSON not in path.read_text(encoding="utf-8")


def test_killed_after_the_ledger_line_it_is_completed_by_doing_it_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = house.receive(visits(1))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(receipts, "rewrite", killed)
        with pytest.raises(KeyboardInterrupt):
            take_back(house, receipt)
    assert house.current() is None
    done = withdraw(house.home, receipt.submission_id, by="Liisa", reason="Again")
    assert done.withdrawn is not None
    # What the ledger says stands.
    assert (done.withdrawn.by, done.withdrawn.reason) == ("Maija", "Wrong organisation")
    assert len(ledger.history(house.home).withdrawals) == 1
    assert sum(one["event"] == "withdrawal" for one in ledger.events(house.home)) == 1
