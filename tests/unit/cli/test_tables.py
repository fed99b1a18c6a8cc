"""Tables of the terminal: readable at every width."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.text import Text

from vuosikello.cli.output.tables import Listing, first_few, numeric, prose, shorten


def printed(listing: Listing, width: int) -> list[str]:
    stream = io.StringIO()
    Console(file=stream, width=width).print(listing)
    return stream.getvalue().splitlines()


def organisations() -> Listing:
    listing = Listing(
        [prose("Organisation"), "Submitted", numeric("Disappeared"), prose("Missing or refused")],
        title="A listing",
    )
    listing.add("Kainuun sosiaali- ja terveydenhuollon kuntayhtymä", "1 of 19", "3", "a, b, c " * 9)
    listing.add("essote", Text("19 of 19", "green"), "1 234", "")
    return listing


@pytest.mark.parametrize("width", range(24, 130, 3))
def test_no_heading_is_broken_inside_a_word_at_any_width(width: int) -> None:
    lines = printed(organisations(), width)
    words = {word.strip(":") for line in lines for word in line.split()}
    assert {"Organisation", "Submitted", "Disappeared", "Missing", "refused"} <= words
    assert max(map(len, lines)) <= width


def test_columns_that_do_not_fit_beside_one_another_stand_below_one_another() -> None:
    lines = [line.strip() for line in printed(organisations(), 36)]
    assert "Submitted: 1 of 19" in lines
    assert "Disappeared: 1 234" in lines


def test_short_values_are_never_broken() -> None:
    for width in (60, 80, 100):
        assert any("1 of 19" in line for line in printed(organisations(), width))


def test_markup_in_a_value_is_text() -> None:
    listing = Listing(["File"])
    listing.add("[bold]2019[/bold].csv")
    assert "[bold]2019[/bold].csv" in "\n".join(printed(listing, 80))


def test_lists_and_hashes_are_cut_with_what_is_left_out() -> None:
    assert first_few(["a", "b", "c"], 2) == "a, b and 1 more"
    assert first_few(["a", "b"], 2) == "a, b"
    assert shorten("0123456789abcdef", 9) == "012345…ef"
    assert shorten("short") == "short"
