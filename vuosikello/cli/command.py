"""What commands share: ``--home`` and ``--json``, errors in a sentence, the published warehouse.

A command is a function that takes a :class:`Call` and its own options, and returns an
:class:`Outcome`. The decorator :func:`command` makes of it what Typer registers. The shared options
may stand before the command, behind it, or before a subcommand.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec

import typer

from common.home import LAYOUT
from vuosikello.cli import errors
from vuosikello.cli.errors import CommandError

if TYPE_CHECKING:
    from common.home import Home
    from vuosikello.settings import Settings

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home", file_okay=False, help="The home folder (else VUOSIKELLO_HOME, else ./var)."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text; errors too.")]

Options = ParamSpec("Options")


@dataclass(frozen=True, slots=True)
class SharedOptions:
    """The shared options as far as they have been read: before the command, then behind it."""

    home: Path | None = None
    as_json: bool = False

    def and_then(self, home: Path | None, as_json: bool) -> SharedOptions:
        """Return the options with those that stand further behind, which win."""
        return SharedOptions(home or self.home, as_json or self.as_json)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a command.

    Attributes:
        settings: the settings, with the home of the command line before that of the environment.
        as_json: whether JSON is asked for.
    """

    settings: Settings
    as_json: bool

    @property
    def home(self) -> Home:
        """The folders of the home."""
        return self.settings.folders


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command returns.

    Attributes:
        result: what ``--json`` prints: a result of a room, or JSON-able values.
        show: prints the same for a person.
        exit_code: 0 all well; 1 something was refused or a check failed.
    """

    result: Any
    show: Callable[[], None]
    exit_code: int = 0


def command(
    *, needs_warehouse: bool = False, any_layout: bool = False, has_home: bool = True
) -> Callable[[Callable[Concatenate[Call, Options], Outcome]], Callable[..., None]]:
    """Make a command, or the callback of a group of commands, of a function.

    Args:
        needs_warehouse: whether there must be a published warehouse; without one a sentence says
            what to do.
        any_layout: whether the command may be run on a home of another layout.
        has_home: whether the command works in a home; without one it takes no ``--home``, and is
            not stopped by the layout of the one that is set.

    Returns:
        The decorator. What it returns has the function's own options, then ``--home`` and
        ``--json``; it shows the outcome or the error and ends with the exit code.
    """

    def decorate(function: Callable[Concatenate[Call, Options], Outcome]) -> Callable[..., None]:
        def run(
            context: typer.Context,
            home: Path | None = None,
            as_json: bool = False,
            **options: Any,
        ) -> None:
            shared = _shared_options(context).and_then(home, as_json)
            context.obj = shared
            if context.invoked_subcommand is not None:
                return
            with errors.reported(as_json=shared.as_json, home=shared.home):
                call = Call(errors.settings_of(shared.home), shared.as_json)
                if has_home and not any_layout:
                    _require_layout(call)
                if needs_warehouse:
                    require_warehouse(call)
                outcome = function(call, **options)  # type: ignore[call-arg]
                _show(outcome, as_json=shared.as_json)
            if outcome.exit_code:
                raise typer.Exit(outcome.exit_code)

        _describe(run, function, has_home=has_home)
        return run

    return decorate


def _require_layout(call: Call) -> None:
    """Stop where the home was made by an older or a newer version of the program."""
    home = call.home
    if not home.root.is_dir():
        return
    if home.version.is_file() and home.version.read_bytes().strip() == str(LAYOUT).encode():
        return
    from ingest.layout import require_current

    require_current(home)


def require_warehouse(call: Call) -> None:
    """Stop where no warehouse has been published yet.

    Raises:
        CommandError: there is none; it says what to do.
    """
    if not call.home.warehouse.is_file():
        raise CommandError(
            f"There is no warehouse in {call.home.root} yet.", hint="Build it: vuosikello build"
        )


def _shared_options(context: typer.Context) -> SharedOptions:
    return context.obj if isinstance(context.obj, SharedOptions) else SharedOptions()


def _show(outcome: Outcome, *, as_json: bool) -> None:
    if not as_json:
        outcome.show()
        return
    from vuosikello.cli.output.json_values import json_values
    from vuosikello.cli.output.streams import print_json

    print_json(json_values(outcome.result))


def _describe(run: Callable[..., None], function: Callable[..., Any], *, has_home: bool) -> None:
    """Give the wrapper the name, the text and the options of the function, for Typer to read."""
    signature = inspect.signature(function, eval_str=True)
    own = [one for name, one in signature.parameters.items() if name != "call"]
    kind = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter("context", kind, annotation=typer.Context),
        *(one.replace(kind=kind) for one in own),
        inspect.Parameter("home", kind, default=None, annotation=HomeOption),
        inspect.Parameter("as_json", kind, default=False, annotation=JsonOption),
    ]
    if not has_home:
        parameters = [one for one in parameters if one.name != "home"]
    run.__name__ = function.__name__
    run.__doc__ = function.__doc__
    run.__module__ = function.__module__
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
