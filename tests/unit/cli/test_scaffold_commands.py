"""``vuosikello new-feed`` and ``new-indicator``: what cannot be begun is said in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vuosikello.cli.app import app
from vuosikello.cli.output.scaffold import show_written
from vuosikello.scaffold import Written


def test_a_feed_that_is_there_is_not_begun_again() -> None:
    run = CliRunner().invoke(app, ["new-feed", "contacts"])
    assert run.exit_code == 1
    assert "ingest/contracts/contacts.yaml is there already. Choose another name." in run.output


def test_an_indicator_of_an_unknown_feed_is_an_error_in_json_too() -> None:
    arguments = ["new-indicator", "access.calls", "--feed", "phone_calls", "--json"]
    run = CliRunner().invoke(app, arguments)
    assert run.exit_code == 1
    assert json.loads(run.stdout)["error"].startswith(
        "There is no feed phone_calls. Begin it first: vuosikello new-feed phone_calls."
    )


def test_what_was_written_is_listed_with_what_to_do_next(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_written(Written((Path("a.yml"),), (Path("b.sql"),), ("Write a.yml.",)))
    said = capsys.readouterr().out
    assert [said.index(word) for word in ("a.yml", "b.sql", "Write a.yml.")] == sorted(
        said.index(word) for word in ("a.yml", "b.sql", "Write a.yml.")
    )
