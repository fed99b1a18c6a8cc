"""A command that a message or a document advises exists."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import typer

from vuosikello.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
TEXTS = (".py", ".md", ".yml", ".yaml", ".sh", ".j2", ".toml", "Makefile", "Dockerfile")
# In a sentence "make" is also an English verb: a command stands in backticks, on an indented line
# of its own, or after one of these words.
MAKE = re.compile(
    r"(?:`|^(?: {4,}|\t)|\b(?:run|with|by|use|say|type|try)[ ])make ([a-z][a-z-]*)(?=[`\s\"'.,;:)]|$)",
    re.MULTILINE,
)
COMMAND = re.compile(r"`vuosikello ([a-z][a-z-]*)|^ {4}vuosikello ([a-z][a-z-]*)", re.MULTILINE)


def texts() -> dict[str, str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {
        name: (ROOT / name).read_text(encoding="utf-8")
        for name in listed.stdout.splitlines()
        if name.endswith(TEXTS) and not name.startswith("tests/") and (ROOT / name).is_file()
    }


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    named = {
        (name, target)
        for name, text in texts().items()
        for target in MAKE.findall(text)
        # Prose in a docstring or a comment that happens to begin a line with the verb.
        if target not in ("the", "a", "an", "it", "its", "one", "of", "no", "sure", "up for")
    }
    assert {target for _, target in named} >= {"demo", "test"}
    assert {one for one in named if one[1] not in targets} == set()


def test_every_command_that_is_named_exists() -> None:
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    named = {
        (name, command)
        for name, text in texts().items()
        for pair in COMMAND.findall(text)
        for command in pair
        if command
    }
    assert {command for _, command in named} >= {"build", "sign-off"}
    assert {one for one in named if one[1] not in commands} == set()
