"""What is made up is received: whole at the default share of errors, and with every fault found."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from common.home import Home
from ingest import receiver
from ingest.contracts import Contract, load_contracts
from ingest.receipts import Receipt
from simulation import Format, Made, Request, Simulated, simulate
from simulation.faults import faults_of

TODAY = date(2025, 1, 1)
CONTRACTS = load_contracts()
# Every client has a code that is nobody's, which is worth a warning of its own.
ALWAYS = {"clients": {"identity_code_temporary"}}


def rules(home: Home, received: Iterable[Receipt]) -> dict[str, set[str]]:
    """Return the rules that were broken, by feed, from the complete tables of errors."""
    found: dict[str, set[str]] = defaultdict(set)
    for receipt in received:
        path = home.receipts / f"{receipt.submission_id}.errors.csv"
        with path.open(encoding="utf-8", newline="") as file:
            found[str(receipt.feed)] |= {row["rule"] for row in csv.DictReader(file)}
    return found


@pytest.mark.parametrize("file_format", Format)
def test_every_file_is_received_at_the_default_share_of_errors(
    file_format: Format, tmp_path: Path
) -> None:
    request = Request(
        organisations=1, years=1, clients=150, last_year=2024, format=file_format, seed=7
    )
    home = Home(tmp_path / "home")
    made = simulate(request, home.inbox, today=TODAY)
    received = receiver.receive(home)
    assert len(received) == made.files
    assert {receipt.status.value for receipt in received} <= {"accepted", "accepted_with_rejects"}
    assert sum(receipt.rows_read for receipt in received) == made.rows
    by_place = {(one.organisation, one.feed, one.period): one for one in made.made}
    for receipt in received:
        one = by_place[str(receipt.organisation), str(receipt.feed), str(receipt.period)]
        # A fault that only warns rejects nothing.
        assert receipt.rows_rejected <= one.bad_rows, receipt.file
        if receipt.feed not in ALWAYS:
            assert receipt.rows_rejected + receipt.rows_warned == one.bad_rows, receipt.file
    assert made.bad_rows > 50


def test_without_errors_nothing_is_found(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    request = Request(organisations=1, years=1, clients=20, last_year=2024, errors=0)
    made = simulate(request, home.inbox, today=TODAY)
    assert made.bad_rows == 0
    received = receiver.receive(home)
    assert {receipt.status.value for receipt in received} == {"accepted"}
    assert {feed: found for feed, found in rules(home, received).items() if found} == ALWAYS


# Most rows of all, and few of them are enough.
LARGE = ("contacts", "time_entries")


@pytest.fixture(scope="module")
def full_of_errors(tmp_path_factory: pytest.TempPathFactory) -> list[Made]:
    """Files in which every fault of every feed occurs, those of a year together."""
    large = {feed: CONTRACTS[feed] for feed in LARGE}
    others = {feed: contract for feed, contract in CONTRACTS.items() if feed not in LARGE}
    made = (
        *_full_of_errors(tmp_path_factory.mktemp("large"), 1, 100, large).made,
        *_full_of_errors(tmp_path_factory.mktemp("others"), 12, 900, others).made,
    )
    return sorted(made, key=lambda one: (one.period, one.organisation))


def _full_of_errors(
    folder: Path, organisations: int, clients: int, contracts: dict[str, Contract]
) -> Simulated:
    request = Request(
        organisations=organisations, years=2, clients=clients, last_year=2024, errors=0.09
    )
    return simulate(request, folder, today=TODAY, contracts=contracts)


def expected(feed: str) -> set[str]:
    faults = faults_of(CONTRACTS[feed], "DATE '2024-01-01'", as_text=True)
    return {fault.rule for fault in faults} | ALWAYS.get(feed, set())


def until_all_are_found(feed: str, files: list[Made], home: Home) -> set[str]:
    """Receive one file after another until every rule has been broken; return what was found."""
    found: set[str] = set()
    for one in files:
        received = receiver.receive(home, [one.path])
        assert {receipt.status.value for receipt in received} <= {
            "accepted",
            "accepted_with_rejects",
        }
        found |= rules(home, received)[feed]
        if expected(feed) <= found:
            break
    return found


# A round of the survey is one row a year: a fault in it would refuse the file.
@pytest.mark.parametrize("feed", sorted(set(CONTRACTS) - {"survey_rounds"}))
def test_every_rule_of_a_feed_is_broken_and_found(
    feed: str, full_of_errors: list[Made], tmp_path: Path
) -> None:
    files = [one for one in full_of_errors if one.feed == feed and one.bad_rows]
    found = until_all_are_found(feed, files, Home(tmp_path))
    assert {rule.id for rule in CONTRACTS[feed].rules} <= found
    # What the whole file tells is not a row's fault.
    assert found - {"period_derived"} == expected(feed)
