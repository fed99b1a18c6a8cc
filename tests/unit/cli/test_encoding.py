"""Output in a terminal whose encoding does not have every character."""

from __future__ import annotations

import io
import json
import sys

import pytest

from vuosikello.cli.output import streams

ENCODINGS = pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252"])


def terminal(encoding: str, monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    streams.make_encoding_safe()
    return raw


@ENCODINGS
def test_characters_that_the_terminal_lacks_are_replaced(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = terminal(encoding, monkeypatch)
    streams.out.print("value 5 → 6, 1 more, 2019-2020 \N{SNOWMAN}")
    sys.stdout.flush()
    assert raw.getvalue() == b"value 5 -> 6, 1 more, 2019-2020 ?\n"


@ENCODINGS
def test_json_loses_nothing(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = terminal(encoding, monkeypatch)
    values = {"label": "Äänekosken kaupunki", "change": "5 → 6 \N{SNOWMAN}"}
    streams.print_json(values)
    sys.stdout.flush()
    assert json.loads(raw.getvalue().decode("ascii")) == values


def test_a_file_name_that_is_no_unicode_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = terminal("utf-8", monkeypatch)
    streams.out.print("2019\udce4.csv")
    streams.print_json({"file": "2019\udce4.csv"})
    sys.stdout.flush()
    assert b"2019?.csv" in raw.getvalue()
