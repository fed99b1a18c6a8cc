"""A dry run gives the receipt that receiving would give, and keeps nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest import receiver
from ingest.receipts import Receipt
from tests.support.house import House, csv_text, digest, good, goods
from tests.support.tables import workbook

DIFFERENT = {"arrival_no", "submission_id", "received_at", "file"}
NAMES = list(good("outreach"))
FILES: dict[str, tuple[str, bytes]] = {
    "good": ("csv", csv_text("outreach", goods("outreach", 3)).encode()),
    "rejects": (
        "csv",
        csv_text("outreach", [*goods("outreach", 30), good("outreach", 1), {}, {"x": 1}]).encode()
        + b"a,b\n\n\n",
    ),
    "refused": ("csv", csv_text("outreach", [good("outreach", feeling=9)]).encode()),
    "outside": ("csv", csv_text("outreach", [good("outreach", occurred_on="2018-01-01")]).encode()),
    "unknown column": (
        "csv",
        csv_text("outreach", goods("outreach", 3)).replace("\n", ",muuta\n").encode(),
    ),
    "empty": ("csv", b""),
    "no text": ("csv", b"\0\1\2"),
    "no organisation of it": ("txt", b"x"),
    "sheet": ("xlsx", workbook([NAMES, [good("outreach")[name] for name in NAMES]])),
    "no sheet": ("xlsx", b"x"),
    "lines": ("jsonl", b'{"visit_id": 1}\n{"x'),
    "no parquet": ("parquet", b"PAR1"),
}


def reported(receipt: Receipt) -> dict[str, object]:
    """Return what two receipts of the same bytes share."""
    return receipt.model_dump(exclude=DIFFERENT)


def check(house: House, path: Path, organisation: str = "essote") -> tuple[Receipt, str]:
    """Check a file for the submission that the tests receive."""
    return receiver.check(
        path, feed="outreach", organisation=organisation, period="2019", home=house.home
    )


@pytest.fixture
def full(house: House) -> House:
    """Return an installation with a submission in force."""
    house.receive(csv_text("outreach", goods("outreach", 2)))
    return house


@pytest.mark.parametrize("case", FILES)
def test_a_dry_run_says_what_receiving_says_and_writes_nothing(full: House, case: str) -> None:
    extension, content = FILES[case]
    path = full.home.root.parent / f"anything.{extension}"
    path.write_bytes(content)
    before = digest(full.home.root)
    expected, table = check(full, path)
    assert digest(full.home.root) == before
    assert path.read_bytes() == content
    receipt = full.receive(content, name=f"2019.{extension}")
    assert reported(expected) == reported(receipt)
    written = (full.home.receipts / f"{receipt.submission_id}.errors.csv").read_text("utf-8")
    assert table == written


def test_a_dry_run_tells_a_duplicate(full: House) -> None:
    path = full.home.root.parent / "again.csv"
    path.write_text(csv_text("outreach", goods("outreach", 2)))
    receipt, _ = check(full, path)
    assert receipt.status == "duplicate"


def test_a_dry_run_needs_no_home(house: House, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(csv_text("outreach", goods("outreach", 2)))
    receipt, table = check(house, path)
    assert receipt.status == "accepted"
    assert table.splitlines()[1:] == []
    assert not house.home.root.exists()


def test_a_dry_run_of_a_place_that_does_not_fit_says_so(house: House, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("x")
    receipt, _ = check(house, path, organisation="nobody")
    assert [finding.rule for finding in receipt.errors] == ["unknown_organisation"]
