"""Every column of every feed is an identifier, an id, a code, a measure or a reviewed text.

The README promises that identifiers never reach the lake. An identifier or an id is replaced by a
pseudonym, a code is one of a list, a measure is a number, a date or a yes or no. Only a text is kept
as it was sent; each stands here with the reason why that is harmless, so a new one is looked at by
a person before it is loaded.
"""

from __future__ import annotations

import pytest

from ingest.contracts import Kind, load_contracts
from tests.support.house import House, csv_text
from tests.support.tables import least

KINDS = {
    "identifier": {Kind.PERSON, Kind.WORKER},
    "id": {Kind.ID},
    "code": {Kind.CODE, Kind.CODES},
    "measure": {Kind.DATE, Kind.BOOLEAN, Kind.INTEGER, Kind.NUMBER},
    "text": {Kind.TEXT},
}
OF_ONE_ROW = "a number of one row in the sender's system; it names no person and joins to nobody"
OF_A_THING = "the sender's own identifier of a {}; it names no person"
OF_A_GROUP = "what the sender calls a unit of several workers; it names no person"

# (feed, column): why it is harmless that the lake holds it as it was sent.
REVIEWED_TEXTS = {
    ("assessments", "assessment_id"): OF_ONE_ROW,
    ("assignments", "assignment_id"): OF_ONE_ROW,
    ("client_feedback", "feedback_id"): "a number of one form; forms are answered without a name",
    ("client_feedback", "measurement_id"): OF_A_THING.format("measurement"),
    ("clients", "team"): OF_A_GROUP,
    ("contacts", "contact_id"): OF_ONE_ROW,
    ("group_responses", "group_id"): OF_A_THING.format("group"),
    ("group_responses", "response_id"): "a number of one form; it is answered without a name",
    ("groups", "group_id"): OF_A_THING.format("group"),
    ("measurement_scores", "measurement_id"): OF_A_THING.format("measurement"),
    ("measurements", "measurement_id"): OF_A_THING.format("measurement"),
    ("measures", "measure_id"): OF_A_THING.format("proposed measure"),
    ("meetings", "meeting_id"): OF_A_THING.format("meeting"),
    ("observations", "observation_id"): OF_ONE_ROW,
    ("outreach", "place_id"): OF_A_THING.format("meeting place"),
    ("outreach", "team"): OF_A_GROUP,
    ("outreach", "visit_id"): OF_ONE_ROW,
    ("places", "place_id"): OF_A_THING.format("meeting place"),
    ("plans", "plan_id"): OF_ONE_ROW,
    ("time_entries", "entry_id"): OF_ONE_ROW,
    ("worker_survey", "response_id"): "a number of one answer; it is given without a name",
    ("workers", "post"): "a number or name of a post; without the worker it names no person",
    ("workers", "team"): OF_A_GROUP,
}


def test_every_text_column_was_reviewed_and_has_its_reason() -> None:
    texts = {
        (feed, column.name)
        for feed, contract in load_contracts().items()
        for column in contract.columns
        if column.kind in KINDS["text"]
    }
    assert texts == set(REVIEWED_TEXTS)
    assert all(REVIEWED_TEXTS.values())


def test_there_is_no_column_of_another_kind() -> None:
    assert set().union(*KINDS.values()) == set(Kind)


@pytest.mark.parametrize("feed", sorted(load_contracts()))
def test_an_identity_code_in_any_column_of_any_feed_reaches_no_lake(
    house: House, feed: str
) -> None:
    contract = load_contracts()[feed]
    names = [column.name for column in contract.columns]
    # Every column once, a code with a space for its sign; among rows enough to be accepted.
    rows = [least(contract, n) | {name: "131052 308T"} for n, name in enumerate(names)]
    rows += [least(contract, 1000 + n) for n in range(10 * len(names))]
    receipt = house.receive(
        csv_text(feed, [_as_texts(row) for row in rows]), feed=feed, name="2017.csv"
    )
    assert receipt.rows_loaded > 0
    assert receipt.rows_rejected == len(
        [column for column in contract.columns if column.kind is not Kind.WORKER]
    )
    for path in house.home.root.rglob("*"):
        if path.is_file() and not path.is_relative_to(house.home.originals):
            assert b"131052 308T" not in path.read_bytes()
    for path in (house.accepted(receipt), house.rejected(receipt)):
        rows_text = repr(House._read(path, ()))
        assert "131052" not in rows_text


def _as_texts(row: dict[str, object]) -> dict[str, object]:
    def text(value: object) -> str:
        if isinstance(value, list):
            return "|".join(value)
        return (
            "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        )

    return {name: text(value) for name, value in row.items()}
