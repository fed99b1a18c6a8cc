"""Inboxes that were once received wrongly: what the receipts say and what comes into the lake.

Each lies in ``tests/cases`` with a README that says what was seen and what is right.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from common.home import Home
from ingest import ledger
from ingest.receipts import Receipt, Status
from ingest.withdrawal import withdraw
from tests.support.house import House, rules
from tests.support.reported_cases import posts_told_apart, receive_case


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """Return an empty home with a key of its own."""
    for name in ("PSEUDONYM_KEY", "PSEUDONYM_KEY_FILE", "ORIGINALS_RECIPIENT"):
        monkeypatch.delenv(f"VUOSIKELLO_{name}", raising=False)
    return House(Home(tmp_path / "home"))


def texts(receipt: Receipt, rule: str) -> list[tuple[str, str, str]]:
    """Return the messages of a rule, in Finnish, Swedish and English."""
    found = [one for one in receipt.errors if one.rule == rule]
    return [(one.message_fi, one.message_sv, one.message_en) for one in found]


@pytest.mark.parametrize(
    ("organisation", "names", "persons"),
    [
        ("essote", ["2019.csv", "2019.2-corrected.csv"], 4),
        ("sosteri", ["2019.9.csv", "2019.10.csv"], 10),
    ],
)
def test_of_two_files_for_one_period_the_greater_number_counts_and_both_receipts_say_so(
    house: House, organisation: str, names: list[str], persons: int
) -> None:
    received = receive_case(house, "name-order")
    former, later = (received[f"{organisation}/outreach/{name}"] for name in names)
    assert (former.status, later.status) == (Status.ACCEPTED, Status.ACCEPTED)
    assert house.current(organisation=organisation) == later.submission_id
    assert later.supersedes == former.submission_id
    assert house.column(later, "persons_present") == [persons]
    for receipt in (former, later):
        (message,) = texts(receipt, "several_for_period")
        for text in message:
            assert ", ".join(names) in text
        assert f"Niistä on voimassa {names[1]}." in message[0]
        assert f"Of these {names[1]} counts." in message[2]


def test_what_a_later_file_of_the_period_leaves_out_goes_out_of_force(house: House) -> None:
    received = receive_case(house, "deleted-row-survives")
    assert {one.status for one in received.values()} == {Status.ACCEPTED}
    for earlier, later, rows in (
        ("contacts/2019.csv", "contacts/2019-11.csv", 40),
        ("outreach/2019-11.csv", "outreach/2019.csv", 5),
    ):
        before, after = (received[f"kainuun-sote/{name}"] for name in (earlier, later))
        assert [(one.submission_id, one.rows) for one in after.out_of_force] == [
            (before.submission_id, rows)
        ]
        assert after.rows_loaded == rows - 1


def test_a_month_with_nothing_to_report_is_accepted(house: House) -> None:
    received = receive_case(house, "nil-return-and-withdrawal")
    july = received["soite/outreach/2019-07.csv"]
    assert (july.status, july.rows_read, july.rows_loaded) == (Status.ACCEPTED, 0, 0)
    assert rules(july) == [(None, None, "nothing_to_report")]
    assert july.reports_nothing
    assert house.current("outreach", "2019-07", "soite") == july.submission_id


def test_a_file_of_the_wrong_organisation_is_taken_back(house: House) -> None:
    received = receive_case(house, "nil-return-and-withdrawal")
    june = received["soite/outreach/2019-06.csv"]
    assert (june.status, june.rows_loaded) == (Status.ACCEPTED, 3)
    withdrawn = withdraw(house.home, june.submission_id, by="Maija", reason="Not of Soite")
    assert withdrawn.withdrawn is not None
    assert (withdrawn.withdrawn.by, withdrawn.withdrawn.reason) == ("Maija", "Not of Soite")
    assert house.current("outreach", "2019-06", "soite") is None
    kept = [one["event"] for one in ledger.events(house.home)]
    assert kept.count("submission") == 2
    assert kept.count("withdrawal") == 1


def test_errors_in_the_cells_of_a_workbook_are_wrong_values(house: House) -> None:
    received = receive_case(house, "xlsx-error-cells")
    receipt = received["kainuun-sote/clients/2019.xlsx"]
    assert (receipt.status, receipt.rows_read, receipt.rows_rejected) == (Status.REFUSED, 20, 20)
    ends = [(row, "ended_on", "error_cell") for row in range(2, 22)]
    marks = [(row, "special_support", "error_cell") for row in range(3, 22, 2)]
    assert rules(receipt)[0] == (None, None, "too_many_rejected")
    assert sorted(rules(receipt)[1:]) == sorted(ends + marks)
    assert house.current("clients", "2019", "kainuun-sote") is None


def test_midnight_in_finland_is_the_day_that_begins(house: House) -> None:
    received = receive_case(house, "time-zone-day-shift")
    contacts = received["kainuun-sote/contacts/2019.parquet"]
    entries = received["kainuun-sote/time_entries/2019.jsonl"]
    for receipt, column, rows in ((contacts, "occurred_on", 20), (entries, "worked_on", 10)):
        assert receipt.status is Status.ACCEPTED
        assert receipt.errors == []
        assert house.column(receipt, column) == [date(2019, 1, 1)] * rows


def test_an_identity_code_in_another_notation_rejects_its_row_and_is_written_nowhere(
    house: House,
) -> None:
    received = receive_case(house, "identity-code-in-clear")
    receipt = received["kainuun-sote/contacts/2019-11.csv"]
    assert (receipt.status, receipt.rows_read, receipt.rows_rejected) == (Status.REFUSED, 12, 2)
    assert rules(receipt)[1:] == [(row, "client_id", "identity_code_in_text") for row in (12, 13)]
    assert house.current("contacts", "2019-11", "kainuun-sote") is None
    written = [house.home.receipts, house.home.ledger, house.home.root / "lake"]
    for path in (file for folder in written for file in folder.rglob("*") if file.is_file()):
        content = path.read_bytes()
        assert b"050376" not in content, path
        assert b"935D" not in content, path
    assert [row for row in house.rejected_rows(receipt) if "050376" in repr(row)] == []


def test_thousands_that_may_be_decimals_are_rejected_and_the_message_says_how_to_write_them(
    house: House,
) -> None:
    received = receive_case(house, "thousands-as-decimals")
    for file, column in (
        ("reference/population/2019.csv", "population"),
        ("kainuun-sote/contacts/2019-11.csv", "minutes"),
    ):
        receipt = received[file]
        assert (receipt.status, receipt.rows_rejected) == (Status.REFUSED, 2)
        assert rules(receipt)[1:] == [(row, column, "number_ambiguous") for row in (2, 3)]
        for message in texts(receipt, "number_ambiguous"):
            assert all("36000" in text for text in message)


def test_a_workbook_whose_months_stand_on_two_sheets_is_refused(house: House) -> None:
    received = receive_case(house, "other-sheets-ignored")
    receipt = received["kainuun-sote/contacts/2019.months.xlsx"]
    assert receipt.status is Status.REFUSED
    assert rules(receipt) == [(None, None, "several_sheets_fit")]
    (message,) = texts(receipt, "several_sheets_fit")
    assert all("marras, joulu" in text for text in message)
    assert house.current("contacts", "2019", "kainuun-sote") is None


def test_lines_above_the_header_are_read_past_and_told(house: House) -> None:
    received = receive_case(house, "lines-above-the-header")
    named = received["kainuun-sote/contacts/2019-11.csv"]
    assert (named.status, named.rows_loaded, named.rows_warned) == (Status.ACCEPTED, 20, 0)
    assert rules(named) == [(1, None, "delimiter_line")]
    titled = received["kainuun-sote/contacts/2019-10.csv"]
    assert (titled.status, titled.rows_loaded) == (Status.ACCEPTED, 20)
    assert rules(titled) == [
        (None, None, "period_derived"),
        (3, None, "lines_above_header"),
        *((row, "occurred_on", "outside_period") for row in range(4, 24)),
    ]
    for receipt in (named, titled):
        assert house.column(receipt, "contact_id") == [f"K{n}" for n in range(1, 21)]
        assert house.column(receipt, "minutes") == [30] * 20


def test_a_visit_in_a_municipality_that_had_ceased_is_warned_of_with_its_successor(
    house: House,
) -> None:
    received = receive_case(house, "ceased-municipality")
    receipt = received["kainuun-sote/outreach/2020.csv"]
    assert (receipt.status, receipt.rows_loaded, receipt.rows_warned) == (Status.ACCEPTED, 5, 5)
    assert rules(receipt) == [(row, "municipality", "municipality_ceased") for row in range(2, 7)]
    assert {one.severity for one in receipt.errors} == {"warn"}
    for message in texts(receipt, "municipality_ceased"):
        assert all("911 Valtimo" in text for text in message)
        assert all("541 Nurmes" in text for text in message)
    assert house.column(receipt, "municipality") == ["911"] * 5
    assert house.column(receipt, "warnings") == [["municipality_ceased"]] * 5


def test_a_last_day_that_lies_ahead_is_accepted_as_it_is_told(house: House) -> None:
    received = receive_case(house, "planned-end-date")
    year, month = (received[f"hva-20/workers/{name}.csv"] for name in ("2026", "2026-10"))
    for receipt in (year, month):
        assert (receipt.status, receipt.rows_loaded) == (Status.ACCEPTED, 10)
        assert receipt.errors == []
    assert house.column(year, "ended_on") == [date(2027, 5, 31)] * 3 + [None] * 7
    assert house.column(month, "ended_on") == [date(9999, 12, 31)] * 10


def test_two_posts_from_one_day_are_two_once_something_tells_them_apart(house: House) -> None:
    received = receive_case(house, "two-posts-from-one-day")
    receipt = received["hva-20/workers/2026.csv"]
    assert (receipt.status, receipt.rows_loaded) == (Status.ACCEPTED_WITH_REJECTS, 10)
    assert rules(receipt) == [(12, "worker_id", "duplicate_key")]
    (message,) = texts(receipt, "duplicate_key")
    for text, told in zip(
        message, ("sarakkeeseen post", "kolumnen post", "column post"), strict=True
    ):
        assert told in text
    corrected = house.receive(
        posts_told_apart(), feed="workers", name="2026.csv", organisation="hva-20"
    )
    assert (corrected.status, corrected.rows_loaded) == (Status.ACCEPTED, 11)
    assert corrected.errors == []
    assert sum(house.column(corrected, "fte")) == 5.5
