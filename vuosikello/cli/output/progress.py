"""Progress bars and spinners on standard error, where it is a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich import progress as bars
from rich.markup import escape

from common.progress import Progress
from vuosikello.cli.output.streams import err


@contextmanager
def progress(what: str) -> Iterator[Progress]:
    """Show a bar while something runs.

    Args:
        what: what runs, such as *Receiving*.

    Yields:
        The function to call with the steps done, the steps in all and the name of the next one.
    """
    with bars.Progress(
        bars.TextColumn(f"{what} {{task.fields[step]}}", table_column=None),
        bars.BarColumn(bar_width=30),
        bars.MofNCompleteColumn(),
        bars.TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    ) as bar:
        task = bar.add_task(what, total=None, step="")

        def advance(done: int, total: int, step: str) -> None:
            bar.update(task, completed=done, total=total, step=escape(step))

        yield advance


@contextmanager
def spinner(what: str) -> Iterator[None]:
    """Show that something runs whose length is not known."""
    if err.is_terminal:
        with err.status(escape(what)):
            yield
    else:
        yield
