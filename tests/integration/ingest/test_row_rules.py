"""Every rule of every feed, broken in a file that is received.

The contracts say which columns, types, lists and ranges there are; the rules across columns and
rows that keep and break each of them stand in row_rules.yaml. Here they go through the receiver.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import yaml

from common import clock
from ingest.contracts import (
    Column,
    Kind,
    ceased_municipalities,
    load_contracts,
    organisations,
)
from ingest.receipts import Receipt, Status
from ingest.validate import flags
from tests.support.house import House, csv_text, good, goods, rules
from tests.support.mirror.received import PERIOD_DATES
from tests.support.places import SUPPORT
from tests.support.tables import Row, csv_bytes, identity_code, least

ROW_RULES = yaml.safe_load((SUPPORT / "row_rules.yaml").read_text("utf-8"))
FEEDS = sorted(load_contracts())


def receive(house: House, feed: str, rows: list[Row], name: str = "2017.csv") -> Receipt:
    """Receive rows, among ten times as many that break no rule, so that few enough are rejected."""
    contract = load_contracts()[feed]
    names = [column.name for column in contract.columns]
    rows = rows + [least(contract, 10_000 + n) for n in range(10 * len(rows))]
    return house.receive(csv_bytes(names, rows), feed=feed, name=name)


def broken(receipt: Receipt, row: int) -> set[tuple[str | None, str]]:
    """Return column and rule of each finding about a row."""
    return {(column, rule) for where, column, rule in rules(receipt) if where == row}


def faults(column: Column) -> list[tuple[Any, str]]:
    """Return values that a column must not have, each with the rule that it breaks."""
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)
    found: list[tuple[Any, str]] = []
    if column.required and column.kind is not Kind.BOOLEAN:
        found.append((None, "key_empty" if column.key else "required"))
    match column.kind:
        case Kind.DATE:
            found += [("soon", "type_date")]
            if not column.may_be_planned:
                found += [(tomorrow, "date_in_future")]
            found += [(date(1949, 12, 31), "date_too_early")]
        case Kind.BOOLEAN:
            found += [("perhaps", "type_boolean")]
        case Kind.INTEGER:
            found += [("many", "type_integer"), ("1.5", "type_integer")]
        case Kind.NUMBER:
            found += [("many", "type_number")]
        case Kind.CODE:
            found += [("nonsense", "code")]
        case Kind.CODES:
            found += [(["nonsense"], "codes")]
        case Kind.TEXT | Kind.ID:
            found += [(identity_code(date(1975, 5, 5), 123), "identity_code_in_text")]
        case Kind.PERSON:
            found += [("131052-308U", "identity_code_invalid"), ("abc", "identity_code_invalid")]
    if column.minimum is not None:
        found.append((int(column.minimum) - 1, "range"))
    if column.maximum is not None:
        found.append((int(column.maximum) + 1, "range"))
    return found


@pytest.mark.parametrize("feed", FEEDS)
def test_every_fault_of_every_column_rejects_its_row_and_no_other(house: House, feed: str) -> None:
    contract = load_contracts()[feed]
    cases = [(column, *fault) for column in contract.columns for fault in faults(column)]
    # A column of nothing but empty cells and marks reads its empty cells as no.
    rows = [least(contract, n) | {column.name: value} for n, (column, value, _) in enumerate(cases)]
    receipt = receive(house, feed, rows)
    assert receipt.status is Status.ACCEPTED_WITH_REJECTS
    assert receipt.rows_rejected == len(cases)
    for row, (column, value, rule) in enumerate(cases, 2):
        assert (column.name, rule) in broken(receipt, row), value
    assert {row for row, *_ in rules(receipt) if row} == set(range(2, len(cases) + 2))


@pytest.mark.parametrize("feed", sorted(ROW_RULES))
def test_every_rule_across_columns_is_held_to(house: House, feed: str) -> None:
    contract = load_contracts()[feed]
    cases = [
        (rule, kept, case)
        for rule, about in ROW_RULES[feed].items()
        for kept in ("holds", "breaks")
        for case in about[kept]
    ]
    rows = [least(contract, n) | case for n, (_, _, case) in enumerate(cases)]
    receipt = receive(house, feed, rows)
    severity = {finding.rule: finding.severity for finding in receipt.errors}
    for row, (rule, kept, case) in enumerate(cases, 2):
        found = {name for _, name in broken(receipt, row)}
        assert (rule in found) == (kept == "breaks"), (rule, case)
        if kept == "breaks":
            assert severity[rule] == ROW_RULES[feed][rule]["severity"]


def test_every_feed_with_rules_across_columns_is_tried() -> None:
    declared = {
        (feed, rule.id) for feed, contract in load_contracts().items() for rule in contract.rules
    }
    assert declared == {(feed, rule) for feed, about in ROW_RULES.items() for rule in about}


def test_a_warning_marks_the_row_and_loads_it(house: House) -> None:
    contract = load_contracts()["worker_survey"]
    shares = [column.name for column in contract.columns if column.name.startswith("alloc_")]
    assert len(shares) == 7, "the other four make 60"
    rows = [
        least(contract, n) | dict.fromkeys(shares, 10) | {shares[0]: first}
        for n, first in enumerate((40, 41))
    ]
    receipt = receive(house, "worker_survey", rows)
    assert receipt.status is Status.ACCEPTED
    assert receipt.rows_warned == 1
    ((row, _, rule),) = rules(receipt)
    assert row == 3
    assert house.column(receipt, "warnings")[:3] == [None, [rule], None]


# Keys


@pytest.mark.parametrize("at_once", [flags.HASHES, 7])
def test_of_rows_with_the_same_key_the_first_good_one_loads(
    house: House, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    # Of a file with more rows than are compared at once, the keys are compared in parts.
    monkeypatch.setattr(flags, "HASHES", at_once)
    rows = [
        *(good("outreach", 1, feeling=9), good("outreach", 1, persons_present=4)),
        *(good("outreach", 1, persons_present=5), good("outreach", 1, feeling=9)),
        *goods("outreach", 60, start=2),
    ]
    receipt = house.receive(csv_text("outreach", rows))
    assert rules(receipt) == [
        (2, "feeling", "range"),
        (4, "visit_id", "duplicate_key"),
        (5, "feeling", "range"),
    ]
    assert house.rows(receipt, "visit_id", "persons_present")[0] == ("v1", 4)
    assert house.rejected_rows(receipt, "source_row", "rules") == [
        (2, ["range"]),
        (4, ["duplicate_key"]),
        (5, ["range"]),
    ]


def test_a_key_of_several_columns_is_compared_whole(house: House) -> None:
    contract = load_contracts()["workers"]
    assert [column.name for column in contract.key] == ["worker_id", "post", "started_on"]
    rows = [
        good("workers", 1, started_on="2018-01-01"),
        good("workers", 1, started_on="2019-01-01"),
        good("workers", 1, started_on="1.1.2019"),
        good("workers", 1, worker_id=" W1 ", started_on="2018-01-01"),
        *goods("workers", 40, start=2),
    ]
    receipt = house.receive(csv_text("workers", rows), feed="workers")
    assert [(row, rule) for row, _, rule in rules(receipt)] == [
        (4, "duplicate_key"),
        (5, "duplicate_key"),
    ]


def test_two_posts_from_one_day_are_two_rows_where_the_column_post_tells_them_apart(
    house: House,
) -> None:
    rows = [
        good("workers", 1, post="1", fte="0.5"),
        good("workers", 1, post="2", fte="0.5"),
        good("workers", 1, fte="0.5"),
        good("workers", 1, post=" ", fte="0.5"),
        good("workers", 1, post="2", fte="0.5"),
        *goods("workers", 40, start=2),
    ]
    receipt = house.receive(csv_text("workers", rows), feed="workers")
    # An empty post is a key like another, and equals the next empty one.
    assert [(row, rule) for row, _, rule in rules(receipt)] == [
        (5, "duplicate_key"),
        (6, "duplicate_key"),
    ]
    assert house.column(receipt, "post")[:4] == ["1", "2", None, None]


def test_a_file_of_version_1_without_the_new_columns_is_received(house: House) -> None:
    lines = ["worker_id,profession,municipality,fte,started_on,ended_on"]
    lines += [f"w{n},social_worker,205,0.5,2019-01-01," for n in range(20)]
    lines += ["w1,social_counsellor,765,0.5,2019-01-01,"]
    receipt = house.receive("\n".join(lines), feed="workers")
    assert receipt.contract_version == "2.0.0"
    assert [(row, rule) for row, _, rule in rules(receipt)] == [(22, "duplicate_key")]
    assert set(house.rows(receipt, "post", "team")) == {(None, None)}


def test_a_second_half_post_that_is_rejected_is_told_of_the_column_that_tells_posts_apart(
    house: House,
) -> None:
    rows = [good("workers", 1, fte="0.5"), good("workers", 1, fte="0.5")]
    posts = house.receive(csv_text("workers", rows + goods("workers", 20, 2)), feed="workers")
    visits = house.receive(csv_text("outreach", goods("outreach", 20) + goods("outreach", 1)))
    assert [one.rule for one in posts.errors + visits.errors] == ["duplicate_key"] * 2
    assert "sarakkeeseen post" in posts.errors[0].message_fi
    assert "sarakkeeseen" not in visits.errors[0].message_fi


def test_the_same_key_in_thousands_of_rows_loads_once(house: House) -> None:
    rows = goods("outreach", 5000) + goods("outreach", 500)
    receipt = house.receive(csv_text("outreach", rows))
    assert (receipt.rows_read, receipt.rows_loaded, receipt.rows_rejected) == (5500, 5000, 500)
    assert [row for row, *_ in rules(receipt)] == list(range(5002, 5502))


# Municipalities that have ceased

_VISIT = {"municipality": "911"}


@pytest.mark.parametrize(
    ("feed", "name", "row", "is_warned"),
    [
        # Valtimo (911) existed to the end of 2019 and was merged into Nurmes (541).
        ("outreach", "2020.csv", _VISIT | {"occurred_on": "2020-01-01"}, True),
        ("outreach", "2020.csv", _VISIT | {"occurred_on": "2019-12-31"}, False),
        ("outreach", "2020.csv", {"municipality": "541", "occurred_on": "2020-01-01"}, False),
        # The state of a spell is that of its last day in the stated period.
        ("clients", "2019.csv", {"municipality": "911", "started_on": "2018-03-01"}, False),
        ("clients", "2020.csv", {"municipality": "911", "started_on": "2018-03-01"}, True),
        ("clients", "2020.csv", {"municipality": "911", "ended_on": "2019-12-31"}, False),
        ("clients", "2020.csv", {"municipality": "911", "ended_on": "2020-01-01"}, True),
        ("workers", "2019.csv", {"municipality": "911", "ended_on": "9999-12-31"}, False),
        ("workers", "2019.csv", {"municipality": "911", "started_on": "2020-02-01"}, True),
    ],
)
def test_a_municipality_that_had_ceased_on_the_rows_day_is_warned_of(
    house: House, feed: str, name: str, row: dict[str, str], is_warned: bool
) -> None:
    rows = [good(feed, 1, **row), *goods(feed, 20, start=2)]
    receipt = house.receive(csv_text(feed, rows), feed=feed, name=name)
    assert receipt.rows_rejected == 0
    about = [finding for finding in receipt.errors if finding.rule == "municipality_ceased"]
    assert [(one.row, one.column) for one in about] == [(2, "municipality")] * is_warned
    for one in about:
        assert all(word in one.message_fi for word in ("911 Valtimo", "31.12.2019", "541 Nurmes"))
        assert all(word in one.message_en for word in ("911 Valtimo", "2019-12-31", "541 Nurmes"))
        assert (one.severity, one.allowed) == ("warn", "541")
    warned = house.column(receipt, "warnings")[0] or []
    assert ("municipality_ceased" in warned) == is_warned


def test_every_municipality_that_has_ceased_names_one_that_exists() -> None:
    ceased = {one.code: one.successor for one in ceased_municipalities()}
    assert ceased == {"099": "214", "588": "507", "911": "541"}
    assert not set(ceased.values()) & set(ceased)


def test_every_organisation_that_has_ceased_names_one_that_exists() -> None:
    listed = organisations()
    for one in listed.values():
        assert (one.successor is None) == (one.valid_to is None), one.code
        assert one.successor is None or listed[one.successor].valid_to is None


def test_the_population_of_a_year_is_that_of_its_last_day(house: House) -> None:
    rows = [{"municipality": "911", "year": year, "population": 2000} for year in (2019, 2020)]
    receipt = house.receive(
        csv_text("population", rows), feed="population", organisation="reference"
    )
    assert [finding.row for finding in receipt.errors] == [3]


# Planned ends


@pytest.mark.parametrize("feed", ["workers", "clients"])
@pytest.mark.parametrize("end", ["31.12.9999", "9999-12-31", "2999-05-31"])
def test_a_planned_end_is_taken_as_it_is_told(house: House, feed: str, end: str) -> None:
    rows = [good(feed, 1, ended_on=end), *goods(feed, 3, start=2)]
    receipt = house.receive(csv_text(feed, rows), feed=feed)
    assert rules(receipt) == []
    year = 2999 if end.startswith("2999") else 9999
    assert house.column(receipt, "ended_on")[0].year == year


def test_only_the_ends_of_spells_may_be_planned() -> None:
    planned = {
        (feed, column.name)
        for feed, contract in load_contracts().items()
        for column in contract.columns
        if column.may_be_planned
    }
    ended = {(feed, "ended_on") for feed in ("workers", "clients", "assignments", "groups")}
    assert planned == ended | {("places", "closed_on")}


# Dates


def test_the_day_of_receipt_in_finland_is_the_last_day_allowed(house: House) -> None:
    today = clock.today()
    rows = [
        good("outreach", 1, occurred_on=today - timedelta(days=1)),
        good("outreach", 2, occurred_on=date(1950, 1, 1)),
        good("outreach", 3, occurred_on=today + timedelta(days=2)),
        *goods("outreach", 20, start=4),
    ]
    receipt = house.receive(csv_text("outreach", rows))
    assert [(row, rule) for row, _, rule in rules(receipt) if rule.startswith("date_")] == [
        (4, "date_in_future")
    ]


# The stated period


def test_the_dates_that_the_stated_period_is_held_to_are_those_of_the_feeds() -> None:
    assert {
        feed: contract.period_date for feed, contract in load_contracts().items()
    } == dict.fromkeys(FEEDS) | PERIOD_DATES


@pytest.mark.parametrize("feed", sorted(PERIOD_DATES))
def test_rows_outside_the_stated_period_load_with_a_warning(house: House, feed: str) -> None:
    contract = load_contracts()[feed]
    outside = least(contract, 1) | {PERIOD_DATES[feed]: date(2016, 12, 31)}
    receipt = receive(house, feed, [outside])
    assert receipt.status is Status.ACCEPTED
    assert receipt.rows_warned == 1
    assert receipt.derived_period == "2016/2017"
    assert rules(receipt) == [
        (None, None, "period_derived"),
        (2, PERIOD_DATES[feed], "outside_period"),
    ]
    assert "2016/2017" in receipt.errors[1].message_fi
    assert house.column(receipt, "warnings")[0] == ["outside_period"]


@pytest.mark.parametrize(
    ("name", "dates", "derived"),
    [
        ("2019.csv", ["2019-01-01", "2019-12-31"], None),
        ("2019-03.csv", ["2019-03-01", "2019-03-31"], None),
        ("2019-03-14.csv", ["2019-03-14"], None),
        ("2019-03-14.csv", ["2019-03-15"], "2019-03-15"),
        ("2019-03.csv", ["2019-04-01", "2019-04-30"], "2019-04"),
        ("2018.csv", ["2019-04-01", "2019-05-01"], "2019"),
        ("2019-03.csv", ["2019-03-31", "2019-04-01"], "2019"),
        ("2019.csv", ["2018-12-31", "2019-01-01"], "2018/2019"),
    ],
)
def test_the_receipt_tells_the_period_of_the_dates_themselves(
    house: House, name: str, dates: list[str], derived: str | None
) -> None:
    rows = [good("outreach", n, occurred_on=day) for n, day in enumerate(dates)]
    receipt = house.receive(csv_text("outreach", rows), name=name)
    assert receipt.status is Status.ACCEPTED
    assert receipt.derived_period == derived
    assert (receipt.rows_warned > 0) == (derived is not None)


def test_a_rejected_row_does_not_tell_the_period_and_has_no_warning(house: House) -> None:
    rows = [good("outreach", 1, occurred_on="2018-01-01", feeling=9), *goods("outreach", 20, 2)]
    receipt = house.receive(csv_text("outreach", rows))
    assert receipt.derived_period is None
    assert rules(receipt) == [(2, "feeling", "range")]


def test_a_refused_file_says_nothing_of_rows_having_been_loaded(house: House) -> None:
    rows = [good("outreach", 1, feeling=9), good("outreach", 2, occurred_on="2018-01-01")]
    receipt = house.receive(csv_text("outreach", rows))
    assert receipt.status is Status.REFUSED
    assert receipt.rows_warned == 0
    assert "outside_period" not in {rule for *_, rule in rules(receipt)}
    assert (None, None, "period_derived") in rules(receipt)


# Quarantine


def test_rejected_rows_are_quarantined_typed_with_row_and_rules(house: House) -> None:
    rows = [
        *goods("outreach", 20),
        good("outreach", 21, occurred_on="soon", feeling=9),
        good("outreach", 22, persons_present=1, persons_contacted=5),
    ]
    receipt = house.receive(csv_text("outreach", rows))
    columns = ("organisation", "submission_id", "visit_id", "occurred_on", "source_row", "rules")
    assert house.rejected_rows(receipt, *columns) == [
        ("essote", receipt.submission_id, "v21", None, 22, ["range", "type_date"]),
        (
            *("essote", receipt.submission_id, "v22", date(2019, 3, 14), 23),
            ["persons_contacted_not_above_persons_present"],
        ),
    ]


def test_all_errors_stand_in_the_table_and_the_first_thousand_in_the_receipt(
    house: House,
) -> None:
    import csv

    rows = [good("outreach", n, feeling=9) for n in range(1500)]
    receipt = house.receive(csv_text("outreach", rows))
    assert len(receipt.errors) == 1000
    assert receipt.errors_total == 1501
    path = house.home.receipts / f"{receipt.submission_id}.errors.csv"
    with path.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == 1501
    assert [line["row"] for line in table] == ["", *map(str, range(2, 1502))]
    assert table[1]["column"] == "feeling"
    assert table[1]["rule"] == "range"
    assert table[1]["message_fi"] == receipt.errors[1].message_fi
