"""Which columns a home of layout 1 holds as they were sent, by what the contracts tell."""

from __future__ import annotations

import pytest

from common.home import LAYOUT
from ingest.contracts import Column, Contract, Kind, load_contracts
from ingest.layout import KEPT_AS_SENT

IDENTIFIERS = [
    (contract, column)
    for contract in load_contracts().values()
    for column in contract.columns
    if column.is_identifier
]


def _became_a_pseudonym(contract: Contract, column: Column) -> list[int]:
    """Return the versions that made a pseudonym of a column which was kept as it was sent."""
    return [
        int(change.version.split(".")[0])
        for change in contract.changes
        if column.name in change.text.en and "pseudonym" in change.text.en
    ]


@pytest.mark.parametrize(
    ("contract", "column"),
    IDENTIFIERS,
    ids=[f"{contract.feed}.{column.name}" for contract, column in IDENTIFIERS],
)
def test_upgrading_rewrites_every_column_that_became_a_pseudonym(
    contract: Contract, column: Column
) -> None:
    """A contract that makes a pseudonym of another column needs an upgrade that rewrites it."""
    if column.name == KEPT_AS_SENT:
        assert column.kind is Kind.ID
        assert _became_a_pseudonym(contract, column) == [LAYOUT]
    else:
        assert column.kind in (Kind.WORKER, Kind.PERSON)
        assert _became_a_pseudonym(contract, column) == []


def test_there_is_such_a_column() -> None:
    assert KEPT_AS_SENT in {column.name for _, column in IDENTIFIERS}
