"""What a person reads of a release that was made by an earlier version of the program."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exports.manifest import Manifest
from vuosikello.cli.output import streams
from vuosikello.cli.output.releases import show_reproduction
from vuosikello.reporting.provenance import needed_for_same_bytes
from vuosikello.reporting.releases import Reproduced

MANIFEST = Manifest({"code": {"vuosikello": "0.1.0"}, "released_on": "2027-03-04"})


@pytest.fixture
def came_out_otherwise() -> Reproduced:
    return Reproduced(
        name="2026.1",
        is_same=False,
        files=12,
        damages=[],
        differences=["indicators.csv is not the same."],
        remarks=["The contract clients is not the same as then."],
        seconds=30,
        needs=needed_for_same_bytes(MANIFEST),
    )


def test_it_says_that_the_release_stands_and_what_the_same_bytes_take(
    came_out_otherwise: Reproduced,
) -> None:
    with streams.out.capture() as capture:
        show_reproduction(came_out_otherwise)
    said = " ".join(capture.get().split())
    assert "The contract clients is not the same as then." in said
    assert "The release stands as it was written." in said
    assert "the program of that day (vuosikello 0.1.0, released on 2027-03-04)" in said
    assert "on a copy of this home" in said


def test_where_nothing_of_the_program_has_changed_it_asks_for_no_other(
    came_out_otherwise: Reproduced,
) -> None:
    with streams.out.capture() as capture:
        show_reproduction(replace(came_out_otherwise, remarks=[], needs=None))
    assert "the program of that day" not in capture.get()
