"""``vuosikello receive``: receive files, or all in the inbox."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vuosikello.cli.command import Call, Outcome, command

if TYPE_CHECKING:
    from ingest.receipts import Receipt


def check_paths(paths: list[Path] | None) -> list[Path] | None:
    """Return the paths; a symbolic link that leads nowhere is refused when it is received.

    Raises:
        typer.BadParameter: there is no such file or folder.
    """
    for path in paths or []:
        if not path.exists() and not path.is_symlink():
            raise typer.BadParameter(f"there is no file {path}")
    return paths


@command()
def receive(
    call: Call,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            callback=check_paths, help="Files or folders to receive; none: all in the inbox."
        ),
    ] = None,
) -> Outcome:
    """Receive these files, or all in the inbox.

    They go by organisation, feed and period, a year before its months, and of several for one
    period by the rest of the name: 2019.csv, 2019.2-corrected.csv, 2019.10.csv.
    """
    from vuosikello.cli.output.receipts import show_receipts

    receipts = receive_files(call, paths)
    exit_code = 0 if all(map(is_fine, receipts)) else 1
    return Outcome(receipts, lambda: show_receipts(receipts, call.home), exit_code)


def receive_files(call: Call, paths: list[Path] | None = None) -> list[Receipt]:
    """Receive files with a progress bar.

    Args:
        call: the running command.
        paths: the files and folders; None is the whole inbox.
    """
    from ingest import receiver
    from ingest.keys import pseudonym_key
    from vuosikello.cli.output.progress import progress
    from vuosikello.cli.output.streams import note

    home = call.home.create()
    key = pseudonym_key(home)
    if key.created_at is not None:
        note(
            f"A key for pseudonyms was created in {key.created_at} (key id {key.id}). Keep a copy "
            "of it in a safe place, apart from the lake: without it the same person gets another "
            "pseudonym. In production, give it in VUOSIKELLO_PSEUDONYM_KEY_FILE."
        )
    with progress("Receiving") as advance:
        return receiver.receive(home, paths, limits=call.settings.limits, progress=advance)


def is_fine(receipt: Receipt) -> bool:
    """Return whether a submission needs no attention."""
    return receipt.status not in ("refused", "held")
