"""The command in terminals that are narrow, or whose encoding lacks characters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXPLAIN = ("explain", "outreach.visits", "--area", "essote", "--period", "2019")
HEADINGS = {
    ("status", "--year", "2019"): ("Organisation", "Submitted", "Refused,", "missing"),
    EXPLAIN: ("Came", "Received", "Rows", "SHA-256"),
    ("metrics", "outreach_visits", "--by", "organisation", "--by", "nature", "--by", "month"): (
        "organisation",
        "nature",
        "month",
        "outreach_visits",
    ),
}


def run(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "vuosikello.cli", *words, "--home", str(home)],
        env=os.environ | environment,
        capture_output=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_an_explanation_is_printed_in_any_encoding(iso_sos: Path, encoding: str) -> None:
    done = run(iso_sos, *EXPLAIN, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode(encoding)
    assert "numerator 57   denominator -" in text
    assert "ESS-0046, ... and 49 more" in " ".join(text.split())


def test_json_in_any_encoding_loses_nothing(iso_sos: Path) -> None:
    words = ("status", "--year", "2019", "--language", "fi", "--json")
    in_latin, in_unicode = (
        json.loads(run(iso_sos, *words, PYTHONIOENCODING=encoding).stdout.decode(encoding))
        for encoding in ("latin-1", "utf-8")
    )
    assert in_latin == in_unicode
    assert in_latin["names"]["organisations"]["aanekoski"] == "Äänekosken kaupunki"


@pytest.mark.parametrize("words", HEADINGS)
@pytest.mark.parametrize("columns", ["80", "60"])
def test_headings_are_whole_words_in_a_narrow_terminal(
    iso_sos: Path, words: tuple[str, ...], columns: str
) -> None:
    done = run(iso_sos, *words, COLUMNS=columns, PYTHONIOENCODING="utf-8")
    assert done.returncode == 0, done.stderr
    printed = {word.strip(":") for word in done.stdout.decode().split()}
    assert set(HEADINGS[words]) <= printed
