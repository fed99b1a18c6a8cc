"""The reference of all commands and options, as Markdown, from the command itself.

Run as ``python -m vuosikello.cli.reference FILE`` to write it, with ``--check`` to compare it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
import typer.main
from typer.cli import get_docs_for_click

from common.files import write_text
from vuosikello.cli.app import app

_PROGRAM = "vuosikello"
_WRITE = "python -m vuosikello.cli.reference"


def command_reference() -> str:
    """Return the reference: a table of all commands, then each with its options."""
    group = typer.main.get_command(app)
    context = typer.Context(group)
    sections = [
        "# Commands",
        "The options `--home`, `--json` and `--version` may stand before the command too. Exit "
        "code 0: all well; 1: something was refused or a check failed; 2: wrong usage. With "
        "`--json` an error is an object with `error`, `kind` and `hint` on standard output.",
        "\n".join(["| command | does |", "|---|---|", *_table_rows(group)]),
        *(
            get_docs_for_click(obj=command, ctx=context, name=f"{_PROGRAM} {name}", indent=1)
            for name, command in group.commands.items()  # type: ignore[attr-defined]
            if not command.hidden
        ),
    ]
    return "\n\n".join(section.strip() for section in sections) + "\n"


def _table_rows(group: Any, path: str = _PROGRAM) -> Iterator[str]:
    for name, command in group.commands.items():
        if command.hidden:
            continue
        words = f"{path} {name}"
        anchor = words.replace(" ", "-")
        first_paragraph = " ".join((command.help or "").split("\n\n")[0].split())
        yield f"| [`{words}`](#{anchor}) | {first_paragraph} |"
        if hasattr(command, "commands"):
            yield from _table_rows(command, words)


def main(arguments: list[str] | None = None) -> int:
    """Write the reference to a file, or compare it with the file.

    Args:
        arguments: the words of the command line; None are those of this process.

    Returns:
        0, or 1 where the file is not the reference.
    """
    parser = argparse.ArgumentParser(prog=_WRITE, description="Write the reference of commands.")
    parser.add_argument("file", type=Path, nargs="?", help="the Markdown file; none: print it")
    parser.add_argument("--check", action="store_true", help="compare it, and write nothing")
    given = parser.parse_args(arguments)
    text = command_reference()
    if given.file is None:
        print(text, end="")
        return 0
    if not given.check:
        write_text(given.file, text)
        return 0
    if given.file.is_file() and given.file.read_text(encoding="utf-8") == text:
        return 0
    print(
        f"{given.file} is not the reference of the commands. Write it: {_WRITE} {given.file}",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
