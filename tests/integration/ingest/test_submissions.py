"""What a submission is: its place, what it replaces, when it is refused, and what it leaves."""

from __future__ import annotations

import json
from datetime import date

import duckdb
import pytest

from ingest import examination, ledger, receiver
from ingest.contracts import load_contracts
from ingest.ledger import Slot
from ingest.receipts import Receipt, Status
from ingest.validate import Limits
from tests.support.house import House, csv_text, digest, good, goods, rules


def ids(house: House, receipt: Receipt) -> list[str]:
    """Return the keys of the accepted rows."""
    return house.column(receipt, "visit_id")


def test_a_good_file_is_accepted_whole(house: House) -> None:
    receipt = house.receive(csv_text("outreach", goods("outreach", 3)))
    assert receipt.status is Status.ACCEPTED
    assert (receipt.rows_read, receipt.rows_loaded, receipt.rows_rejected) == (3, 3, 0)
    assert receipt.rows_warned == 0
    assert receipt.errors == []
    assert (receipt.organisation, receipt.feed, receipt.period) == ("essote", "outreach", "2019")
    assert receipt.file == "essote/outreach/2019.csv"
    assert receipt.contract_version == load_contracts()["outreach"].version
    assert ids(house, receipt) == ["v1", "v2", "v3"]
    assert house.is_tidy()


def test_the_lake_holds_the_contracts_columns_typed_and_in_order(house: House) -> None:
    receipt = house.receive(csv_text("outreach", goods("outreach", 1)))
    with duckdb.connect() as connection:
        described = connection.execute(
            "DESCRIBE FROM read_parquet(?)", [str(house.accepted(receipt))]
        ).fetchall()
    contract = load_contracts()["outreach"]
    expected = [("organisation", "VARCHAR"), ("submission_id", "VARCHAR")]
    expected += [(column.name, column.sql_type) for column in contract.columns]
    expected += [("warnings", "VARCHAR[]")]
    assert [(name, kind) for name, kind, *_ in described][: len(expected)] == expected
    assert house.rows(receipt, *(name for name, _ in expected)) == [
        (
            *("essote", receipt.submission_id, "v1", None, date(2019, 3, 14), "491", None),
            *("home_visit", 3, 2, ["economy", "housing"], 4, None),
        )
    ]


def test_a_receipt_is_left_as_json_page_and_table_of_errors(house: House) -> None:
    receipt = house.receive(csv_text("outreach", goods("outreach", 1)))
    assert house.receipt_files() == [
        f"{receipt.submission_id}.{suffix}" for suffix in ("errors.csv", "html", "json")
    ]
    text = (house.home.receipts / f"{receipt.submission_id}.json").read_text("utf-8")
    assert json.loads(text) == receipt.model_dump(mode="json")


def test_every_receipt_is_a_line_of_the_ledger(house: House) -> None:
    receipt = house.receive(csv_text("outreach", goods("outreach", 2)))
    (line,) = ledger.submissions(house.home)
    assert line["event"] == "submission"
    assert line["submission_id"] == receipt.submission_id
    assert (line["organisation"], line["feed"], line["period"]) == ("essote", "outreach", "2019")
    assert (line["period_start"], line["period_end"]) == ("2019-01-01", "2019-12-31")
    assert (line["rows_read"], line["rows_loaded"]) == (2, 2)
    assert line["sha256"] == receipt.sha256
    assert house.home.root / line["lake_path"] == house.accepted(receipt)
    assert line["key_id"].startswith("k")


@pytest.mark.parametrize("large", [examination.LARGE, 1])
def test_the_original_is_kept_encrypted(
    house: House, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    import pyrage

    # A large one is encrypted while the engine works.
    monkeypatch.setattr(examination, "LARGE", large)
    content = csv_text("outreach", goods("outreach", 2)).encode()
    receipt = house.receive(content)
    refused = house.receive(b"nothing of use", name="2020.csv")
    identity = pyrage.x25519.Identity.from_str(
        (house.home.keys / "originals.key").read_text("ascii").strip()
    )
    for one, expected in ((receipt, content), (refused, b"nothing of use")):
        encrypted = (house.home.originals / f"{one.submission_id}.age").read_bytes()
        assert expected not in encrypted
        assert pyrage.decrypt(encrypted, [identity]) == expected


# Replacement


def test_a_submission_replaces_the_one_before_it_for_the_same_period(house: House) -> None:
    first = house.receive(csv_text("outreach", goods("outreach", 3)))
    second = house.receive(csv_text("outreach", goods("outreach", 2)), name="2019.corrected.csv")
    assert second.supersedes == first.submission_id
    assert house.current() == second.submission_id
    assert house.accepted(first).exists(), "nothing is overwritten"
    assert (
        ledger.current(
            house.home,
            Slot("essote", "outreach", "2019"),
            ledger.order(second.model_dump()),
        )["submission_id"]
        == first.submission_id
    )  # type: ignore[index]


def test_other_periods_feeds_and_organisations_are_not_replaced(house: House) -> None:
    first = house.receive(csv_text("outreach", goods("outreach", 1)))
    others = [
        house.receive(csv_text("outreach", goods("outreach", 2)), name="2019-03.csv"),
        house.receive(csv_text("outreach", goods("outreach", 3)), organisation="sosteri"),
        house.receive(csv_text("contacts", goods("contacts", 1)), feed="contacts"),
    ]
    assert [other.supersedes for other in others] == [None, None, None]
    assert house.current() == first.submission_id


def test_the_same_submission_in_another_format_replaces(house: House) -> None:
    first = house.receive(csv_text("outreach", goods("outreach", 1)))
    line = json.dumps(good("outreach", 1))
    second = house.receive(line, name="2019.jsonl")
    assert second.supersedes == first.submission_id


def test_a_refused_submission_never_touches_accepted_data(house: House) -> None:
    first = house.receive(csv_text("outreach", goods("outreach", 3)))
    lake = digest(house.home.accepted)
    for content in (b"", b"visit_id\n", csv_text("outreach", [good("outreach", feeling=9)])):
        refused = house.receive(content)
        assert refused.status is Status.REFUSED
        assert refused.rows_loaded == 0
        assert refused.supersedes is None
    assert house.current() == first.submission_id
    assert digest(house.home.accepted) == lake


def test_a_refused_submission_has_no_rows_in_the_lake_and_a_line_without_a_path(
    house: House,
) -> None:
    receipt = house.receive(csv_text("outreach", [good("outreach", feeling=9)]))
    assert list(house.home.accepted.rglob("*.parquet")) == []
    assert ledger.submissions(house.home)[0]["lake_path"] is None
    assert rules(receipt)[1:] == [(2, "feeling", "range")]


# Duplicates


def test_the_same_bytes_as_the_current_submission_are_a_duplicate(house: House) -> None:
    content = csv_text("outreach", goods("outreach", 2))
    first = house.receive(content)
    again = house.receive(content, name="2019.again.csv")
    assert again.status is Status.DUPLICATE
    assert (again.rows_loaded, again.supersedes) == (0, None)
    assert rules(again) == [(None, None, "duplicate_submission")]
    assert house.current() == first.submission_id
    assert len(list(house.home.accepted.rglob("*.parquet"))) == 1
    assert house.is_tidy()


def test_the_same_bytes_for_another_period_or_feed_are_no_duplicate(house: House) -> None:
    content = csv_text("outreach", goods("outreach", 1))
    house.receive(content)
    assert house.receive(content, name="2019-03.csv").status is Status.ACCEPTED
    for feed in ("groups", "contacts"):
        other = house.receive(content, feed=feed)
        assert other.status is Status.REFUSED, "for another feed the columns are missing"
        assert other.held is None


def test_bytes_that_were_refused_before_are_judged_anew(house: House) -> None:
    content = csv_text("outreach", [*goods("outreach", 3), good("outreach", 9, feeling=9)])
    assert house.receive(content).status is Status.REFUSED
    assert house.receive(content).status is Status.REFUSED
    house.drop(content)
    (receipt,) = receiver.receive(house.home, limits=Limits(refused_above=0.5))
    assert receipt.status is Status.ACCEPTED_WITH_REJECTS


def test_bytes_that_were_replaced_since_are_judged_anew(house: House) -> None:
    old, new = (
        csv_text("outreach", goods("outreach", 1)),
        csv_text("outreach", goods("outreach", 2)),
    )
    house.receive(old)
    second = house.receive(new)
    third = house.receive(old)
    assert third.status is Status.ACCEPTED
    assert third.supersedes == second.submission_id
    assert house.current() == third.submission_id


# The 10 % line


@pytest.mark.parametrize(
    ("rows", "bad", "status"),
    [
        (100, 10, Status.ACCEPTED_WITH_REJECTS),
        (100, 11, Status.REFUSED),
        (10, 1, Status.ACCEPTED_WITH_REJECTS),
        (9, 1, Status.REFUSED),
        (109, 11, Status.REFUSED),
        (110, 11, Status.ACCEPTED_WITH_REJECTS),
        (1, 1, Status.REFUSED),
    ],
)
def test_more_than_ten_percent_rejected_refuses(
    house: House, rows: int, bad: int, status: Status
) -> None:
    table = [
        good("outreach", n, **({"feeling": 9} if n <= bad else {})) for n in range(1, rows + 1)
    ]
    receipt = house.receive(csv_text("outreach", table))
    assert receipt.status is status
    assert (receipt.rows_read, receipt.rows_rejected) == (rows, bad)
    assert receipt.rows_loaded == (0 if status is Status.REFUSED else rows - bad)
    first = rules(receipt)[0]
    assert (first == (None, None, "too_many_rejected")) == (status is Status.REFUSED)


def test_all_kinds_of_rejected_rows_count_towards_the_line(house: House) -> None:
    table = csv_text(
        "outreach", [*goods("outreach", 17), good("outreach", 1), good("outreach", 99)]
    )
    receipt = house.receive(table + "too,short\n")
    assert receipt.status is Status.ACCEPTED_WITH_REJECTS
    assert (receipt.rows_read, receipt.rows_rejected) == (20, 2)
    receipt = house.receive(table + "too,short\n" + "short\n", name="2018.csv")
    assert receipt.status is Status.REFUSED
    assert (receipt.rows_read, receipt.rows_rejected) == (21, 3)


def test_nothing_but_rejected_rows_refuses_whatever_the_limit(house: House) -> None:
    house.drop(csv_text("outreach", [good("outreach", feeling=9)]))
    (receipt,) = receiver.receive(house.home, limits=Limits(refused_above=1.0))
    assert receipt.status is Status.REFUSED
    assert (receipt.rows_loaded, receipt.rows_rejected) == (0, 1)


# Places


@pytest.mark.parametrize(
    ("organisation", "period", "expected"),
    [
        ("essote", "2022", []),
        ("essote", "2023", [("organisation_succeeded", "warn")]),
        ("hva-08", "2022", [("organisation_not_in_force", "warn")]),
        ("hva-08", "2023", []),
    ],
)
def test_a_period_in_which_the_organisation_did_not_exist_is_remarked_and_received(
    house: House, organisation: str, period: str, expected: list[tuple[str, str]]
) -> None:
    content = csv_text("outreach", [good("outreach", occurred_on=f"{period}-03-01")])
    receipt = house.receive(content, name=f"{period}.csv", organisation=organisation)
    assert receipt.status is Status.ACCEPTED
    remarks = [(finding.rule, finding.severity) for finding in receipt.errors]
    assert remarks == expected


@pytest.mark.parametrize(
    ("place", "rule"),
    [
        ("2019.csv", "path_does_not_fit"),
        ("essote/2019.csv", "path_does_not_fit"),
        ("essote/outreach/2019/2019.csv", "path_does_not_fit"),
        ("nobody/outreach/2019.csv", "unknown_organisation"),
        ("Essote/outreach/2019.csv", "unknown_organisation"),
        ("essote/nothing/2019.csv", "unknown_feed"),
        ("essote/outreach/2019.txt", "extension_unknown"),
        ("essote/outreach/2019.csv.gz", "extension_unknown"),
        ("essote/outreach/2019", "extension_unknown"),
        ("essote/outreach/2019-13.csv", "period_not_valid"),
        ("essote/outreach/2019-00.csv", "period_not_valid"),
        ("essote/outreach/2019-02-29.csv", "period_not_valid"),
        ("essote/outreach/19.csv", "period_not_valid"),
        ("essote/outreach/2019-3.csv", "period_not_valid"),
        ("essote/outreach/outreach2019.csv", "period_not_valid"),
        ("essote/outreach/２０１９.csv", "period_not_valid"),
        ("essote/outreach/2019 .csv", "period_not_valid"),
        ("essote/outreach/2019-corrected.csv", "period_not_valid"),
    ],
)
def test_a_path_that_does_not_fit_is_refused_with_a_receipt(
    house: House, place: str, rule: str
) -> None:
    path = house.home.inbox / place
    path.parent.mkdir(parents=True)
    path.write_text(csv_text("outreach", goods("outreach", 1)))
    (receipt,) = house.receive_all()
    assert receipt.status is Status.REFUSED
    assert rules(receipt) == [(None, None, rule)]
    assert receipt.file == place
    assert receipt.sha256
    assert house.is_tidy()
    assert (house.home.originals / f"{receipt.submission_id}.age").exists()
    assert len(house.receipt_files()) == 3


def test_a_name_that_begins_with_a_year_but_goes_on_is_told_where_the_rest_goes(
    house: House,
) -> None:
    receipt = house.receive("", name="2019-korjattu.csv")
    assert "2019-03.korjattu.csv" in receipt.errors[0].message_fi
    assert "ensimmäisen pisteen edessä" in receipt.errors[0].message_fi


@pytest.mark.parametrize(
    "name",
    [
        "2019.csv",
        "2019-03.csv",
        "2019-03-14.csv",
        "2019.CSV",
        "2019.final.v2.csv",
        "2019. ä (1).csv",
    ],
)
def test_a_period_is_a_year_a_month_or_a_day(house: House, name: str) -> None:
    receipt = house.receive(csv_text("outreach", goods("outreach", 1)), name=name)
    assert receipt.status is Status.ACCEPTED
    assert receipt.period == name.partition(".")[0]


def test_files_are_received_in_path_order(house: House) -> None:
    names = ["2019.b.csv", "2019.a.csv", "2018.csv", "2019.c.csv"]
    for count, name in enumerate(names, 1):
        house.drop(csv_text("outreach", goods("outreach", count)), name=name)
    received = house.receive_all()
    assert [receipt.file.rpartition("/")[2] for receipt in received] == sorted(names)
    assert house.current() == received[-1].submission_id
    moments = [receipt.received_at for receipt in received]
    assert moments == sorted(set(moments))


# One by one


def test_what_is_claimed_is_received_one_by_one_and_may_be_repeated(house: House) -> None:
    house.drop(csv_text("outreach", goods("outreach", 1)))
    assert receiver.waiting(house.home)
    (submission,) = receiver.claim(house.home)
    assert receiver.waiting(house.home), "a claim waits too"
    first = receiver.receive_one(house.home, submission)
    assert receiver.receive_one(house.home, submission) == first
    assert not receiver.waiting(house.home)
    assert len(ledger.submissions(house.home)) == 1


def test_a_later_claim_receives_the_earlier_ones_of_its_slot_first(house: House) -> None:
    house.drop(csv_text("outreach", goods("outreach", 1)), name="2019.a.csv")
    house.drop(csv_text("outreach", goods("outreach", 2)), name="2019.b.csv")
    earlier, later = receiver.claim(house.home)
    assert receiver.receive_one(house.home, later).supersedes == earlier
    assert receiver.receive_one(house.home, earlier).supersedes is None
    assert house.current() == later


def test_an_unknown_id_is_no_submission(house: House) -> None:
    house.home.create()
    with pytest.raises(LookupError):
        receiver.receive_one(house.home, "01ARZ3NDEKTSV4RRFFQ69G5FAV")


def test_files_named_outside_the_inbox_are_copied_and_stay(house: House) -> None:
    folder = house.home.root.parent / "sent" / "essote" / "outreach"
    folder.mkdir(parents=True)
    path = folder / "2019.csv"
    path.write_text(csv_text("outreach", goods("outreach", 1)))
    (receipt,) = receiver.receive(house.home, [path])
    assert receipt.status is Status.ACCEPTED
    assert receipt.file == "essote/outreach/2019.csv"
    assert path.exists()
    (again,) = receiver.receive(house.home, [folder.parent.parent])
    assert again.status is Status.DUPLICATE


def test_only_the_files_named_are_taken_from_the_inbox(house: House) -> None:
    first = house.drop(csv_text("outreach", goods("outreach", 1)), name="2018.csv")
    second = house.drop(csv_text("outreach", goods("outreach", 1)), name="2019.csv")
    (receipt,) = receiver.receive(house.home, [second])
    assert receipt.period == "2019"
    assert first.exists()
    assert not second.exists()
