"""The reference of the commands is what the command takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from vuosikello.cli.reference import command_reference, main


def test_every_command_stands_in_the_table_and_has_a_section() -> None:
    text = command_reference()
    for words in ("check", "held", "held accept", "sign-off", "explain"):
        assert f"[`vuosikello {words}`]" in text
        assert f"# `vuosikello {words}`" in text
    assert "--area-type <country|welfare_area|organisation|municipality|team>" in text
    assert "..." not in text.split("## ")[0]


def test_the_reference_does_not_depend_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = command_reference()
    monkeypatch.setenv("COLUMNS", "40")
    assert command_reference() == wide


def test_a_file_that_differs_is_reported_and_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "commands.md"
    assert main(["--check", str(file)]) == 1
    assert main([str(file)]) == 0
    assert main(["--check", str(file)]) == 0
    file.write_text(file.read_text() + "\n")
    assert main(["--check", str(file)]) == 1
    assert "Write it:" in capsys.readouterr().err
    assert file.read_text().endswith("\n\n")
