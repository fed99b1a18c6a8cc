"""Files with a header and no rows, duplicates across organisations, and rows out of force."""

from __future__ import annotations

import pytest

from ingest import receiver
from ingest.receipts import Receipt, Status
from ingest.validate import Limits
from ingest.volume import Thresholds
from tests.support.house import House, csv_text, good, goods

EMPTY = csv_text("outreach", [])


def rows_on(day: str, *keys: int) -> str:
    return csv_text("outreach", [good("outreach", key, occurred_on=day) for key in keys])


def gone(receipt: Receipt) -> list[tuple[str, int]]:
    return [(one.period, one.rows) for one in receipt.out_of_force]


# Rows out of force


@pytest.mark.parametrize(("first", "second"), [("2019", "2019-11"), ("2019-11", "2019")])
def test_the_receipt_says_how_many_rows_of_which_submission_went_out_of_force(
    house: House, first: str, second: str
) -> None:
    before = house.receive(rows_on("2019-11-04", 1, 2, 3, 4, 5), name=f"{first}.csv")
    after = house.receive(rows_on("2019-11-04", 1, 2, 3, 4), name=f"{second}.csv")
    assert after.status is Status.ACCEPTED
    assert gone(after) == [(first, 5)]
    assert after.out_of_force[0].submission_id == before.submission_id
    assert gone(before) == []
    page = (house.home.receipts / f"{after.submission_id}.html").read_text(encoding="utf-8")
    assert f"5&nbsp;riviä ajanjakson {first} tiedostosta" in page
    assert f"5&nbsp;rader ur filen för perioden {first}" in page
    assert f"5&nbsp;rows of the file for the period {first}" in page


def test_rows_dated_outside_their_own_period_stay_in_force(house: House) -> None:
    house.receive(rows_on("2019-11-04", 1), name="2019-10.csv")
    assert gone(house.receive(rows_on("2019-11-05", 2), name="2019.csv")) == []


def test_what_went_out_of_force_before_does_not_go_again(house: House) -> None:
    house.receive(rows_on("2019-11-04", 1, 2), name="2019.csv")
    assert gone(house.receive(rows_on("2019-11-04", 1), name="2019-11.csv")) == [("2019", 2)]
    assert gone(house.receive(rows_on("2019-11-04", 2), name="2019-11.csv")) == []


def test_in_feeds_without_a_period_date_nothing_goes_out_of_force(house: House) -> None:
    house.receive(csv_text("clients", goods("clients", 2)), feed="clients")
    later = house.receive(csv_text("clients", goods("clients", 2)), feed="clients", name="2020.csv")
    assert gone(later) == []


def test_volume_counts_the_rows_in_force(house: House) -> None:
    limits = Limits(volume=Thresholds(from_rows=10))
    house.receive(rows_on("2019-11-04", *range(1, 21)), name="2019.csv")
    # The largest of the two would still be 20.
    house.drop(rows_on("2019-11-04", 1, 2, 3), name="2019-11.csv")
    (receipt,) = receiver.receive(house.home, limits=limits)
    assert receipt.status is Status.HELD
    assert receipt.held is not None
    assert (receipt.held.rows_before, receipt.held.rows_after) == (20, 3)


# Nothing to report


def test_nothing_to_report_is_accepted_and_covers_its_period(house: House) -> None:
    receipt = house.receive(EMPTY, name="2019-07.csv")
    assert receipt.status is Status.ACCEPTED
    assert (receipt.rows_read, receipt.rows_loaded) == (0, 0)
    assert house.current(period="2019-07") == receipt.submission_id
    assert house.rows(receipt, "visit_id") == []
    page = (house.home.receipts / f"{receipt.submission_id}.html").read_text(encoding="utf-8")
    assert "Ei ilmoitettavaa: otettiin vastaan" in page
    # Another organisation, another period and the same once more: empty files are alike.
    for name, organisation in (("2019-07.csv", "sosteri"), ("2019-08.csv", "essote")):
        assert house.receive(EMPTY, name=name, organisation=organisation).status == "accepted"
    assert house.receive(EMPTY, name="2019-07.csv").status is Status.ACCEPTED


@pytest.mark.parametrize("name", ["2019.csv", "2019-03.csv"])
def test_nothing_to_report_waits_where_rows_would_go_out_of_force(house: House, name: str) -> None:
    house.receive(rows_on("2019-03-14", 1, 2, 3))
    receipt = house.receive(EMPTY, name=name)
    assert receipt.status is Status.HELD
    assert receipt.held is not None
    assert receipt.held.rule == "nothing_to_report_takes_rows"
    assert receipt.held.rows_out_of_force == 3
    accepted = receiver.accept_held(house.home, receipt.submission_id, by="Maija")
    assert (accepted.status, accepted.rows_loaded) == (Status.ACCEPTED, 0)
    assert gone(accepted) == ([] if name == "2019.csv" else [("2019", 3)])


def test_refused_it_says_why(house: House) -> None:
    first = house.receive(rows_on("2019-03-14", 1))
    receipt = house.receive(EMPTY)
    refused = receiver.refuse_held(house.home, receipt.submission_id, by="M", reason="Forgotten")
    assert [one.rule for one in refused.errors] == ["nothing_to_report_not_confirmed"]
    assert house.current() == first.submission_id


def test_where_spells_are_open_nothing_to_report_waits(house: House) -> None:
    ended = good("clients", 3, ended_on="2019-06-30")
    rows = [*goods("clients", 2), ended]
    house.receive(csv_text("clients", rows), feed="clients", name="2019.csv")
    receipt = house.receive(csv_text("clients", []), feed="clients", name="2020.csv")
    assert receipt.status is Status.HELD
    assert receipt.held is not None
    assert (receipt.held.rule, receipt.held.open_spells) == ("nothing_to_report_open_spells", 2)


def test_where_all_spells_have_ended_it_does_not(house: House) -> None:
    rows = [good("clients", n, ended_on="2019-06-30") for n in (1, 2)]
    house.receive(csv_text("clients", rows), feed="clients", name="2019.csv")
    receipt = house.receive(csv_text("clients", []), feed="clients", name="2020.csv")
    assert receipt.status is Status.ACCEPTED


def test_a_later_photograph_that_lacks_open_clients_is_accepted_with_a_remark(house: House) -> None:
    rows = [*goods("clients", 3), good("clients", 4, ended_on="2019-12-01")]
    house.receive(csv_text("clients", rows), feed="clients", name="2019.csv")
    later = house.receive(csv_text("clients", goods("clients", 1)), feed="clients", name="2020.csv")
    assert later.status is Status.ACCEPTED
    (remark,) = later.errors
    assert (remark.rule, remark.severity) == ("clients_left_out", "warn")
    assert "2020: 2." in remark.message_en
    # A correction of an earlier year is no later photograph.
    former = house.receive(
        csv_text("clients", goods("clients", 2)), feed="clients", name="2018.csv"
    )
    assert "clients_left_out" not in [one.rule for one in former.errors]


# The same bytes of another organisation


def test_the_bytes_of_another_organisation_wait_for_a_person(house: House) -> None:
    content = rows_on("2019-03-14", 1)
    house.receive(content, organisation="sosteri", name="2019-03.csv")
    receipt = house.receive(content)
    assert receipt.status is Status.HELD
    assert receipt.held is not None
    assert (receipt.held.rule, receipt.held.organisation) == ("bytes_of_another", "sosteri")
    assert "Sosteri" in receipt.held.message_fi
    assert receiver.accept_held(house.home, receipt.submission_id, by="Maija").is_accepted


def test_files_that_are_alike_by_chance_do_not_wait(house: House) -> None:
    """The key of a survey round is the year: the same number of forms is no surprise."""
    content = "year,sent_to\n2019,20\n"
    house.receive(content, feed="survey_rounds", organisation="sosteri")
    assert house.receive(content, feed="survey_rounds").status is Status.ACCEPTED


def test_bytes_that_another_has_replaced_do_not(house: House) -> None:
    content = rows_on("2019-03-14", 1)
    house.receive(content, organisation="sosteri")
    house.receive(rows_on("2019-03-14", 2), organisation="sosteri")
    assert house.receive(content).status is Status.ACCEPTED
