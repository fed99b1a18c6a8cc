"""How the key of a row is shown, where a part of it was not given."""

from __future__ import annotations

from vuosikello.cli.output import explanation
from vuosikello.lineage.diff.results import RowChange

KEY = {"worker_id": "W1", "started_on": "2016-05-08", "post": None}


def test_a_part_of_a_key_that_was_not_given_is_a_dash() -> None:
    assert explanation._key(KEY) == "W1 2016-05-08 –"


def test_a_changed_row_names_the_parts_of_its_key_that_were_given() -> None:
    change = RowChange(
        change="added",
        feed="workers",
        organisation="essote",
        key=KEY,
        before=None,
        now=None,
        why="own",
        submissions=[],
    )
    assert explanation._row_change(change).plain.endswith(
        "essote worker_id W1 started_on 2016-05-08"
    )
