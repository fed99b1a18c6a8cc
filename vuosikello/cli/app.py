"""The command ``vuosikello``: its subcommands in the order of the help, and its entry point.

Exit code 0: all well; 1: something was refused or a check failed; 2: wrong usage. Each command is a
file of :mod:`vuosikello.cli.commands`; what they share stands in :mod:`vuosikello.cli.command`.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from vuosikello.cli.command import HomeOption, JsonOption, SharedOptions
from vuosikello.cli.commands.attack import attack
from vuosikello.cli.commands.build import build
from vuosikello.cli.commands.check import check
from vuosikello.cli.commands.demo import demo
from vuosikello.cli.commands.diff import diff
from vuosikello.cli.commands.docs import docs
from vuosikello.cli.commands.down import down
from vuosikello.cli.commands.explain import explain
from vuosikello.cli.commands.export import export
from vuosikello.cli.commands.held import held_app
from vuosikello.cli.commands.metrics import metrics
from vuosikello.cli.commands.new_feed import new_feed
from vuosikello.cli.commands.new_indicator import new_indicator
from vuosikello.cli.commands.receive import receive
from vuosikello.cli.commands.release import release
from vuosikello.cli.commands.releases import releases
from vuosikello.cli.commands.remind import remind
from vuosikello.cli.commands.reproduce import reproduce
from vuosikello.cli.commands.run import run
from vuosikello.cli.commands.sign_off import sign_off
from vuosikello.cli.commands.simulate import simulate
from vuosikello.cli.commands.status import status
from vuosikello.cli.commands.up import up
from vuosikello.cli.commands.upgrade import upgrade
from vuosikello.cli.commands.validate import validate
from vuosikello.cli.commands.verify import verify
from vuosikello.cli.commands.window import window
from vuosikello.cli.commands.withdraw import withdraw
from vuosikello.cli.errors import ErrorReport, Kind
from vuosikello.cli.output import streams

app = typer.Typer(
    name="vuosikello",
    help="Receive submissions, build the warehouse, validate it and export the indicators.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def print_version(asked: bool) -> None:
    """Print the version and end, where it is asked for."""
    if asked:
        from importlib.metadata import version

        print(f"vuosikello {version('vuosikello')}")
        raise typer.Exit


@app.callback()
def shared_options(
    context: typer.Context,
    home: HomeOption = None,
    as_json: JsonOption = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Keep the options that stand before the command."""
    context.obj = SharedOptions(home, as_json)


app.command()(check)
app.command()(receive)
app.add_typer(held_app, name="held")
app.command()(withdraw)
app.command()(build)
app.command()(validate)
app.command()(export)
app.command()(run)
app.command()(status)
app.command()(simulate)
app.command()(docs)
app.command()(metrics)
app.command()(explain)
app.command()(diff)
app.command()(release)
app.command()(releases)
app.command()(reproduce)
app.command()(verify)
app.command()(attack)
app.command()(window)
app.command()(remind)
app.command("sign-off")(sign_off)
app.command("new-feed")(new_feed)
app.command("new-indicator")(new_indicator)
app.command()(upgrade)
app.command()(up)
app.command()(down)
app.command()(demo)


def main() -> None:
    """Run the command and end with its exit code; every error is a sentence, or JSON."""
    streams.make_encoding_safe()
    words = sys.argv[1:]
    options = words[: words.index("--")] if "--" in words else words
    try:
        if "--json" in options:
            sys.exit(_run_with_json_errors())
        app()
    except BrokenPipeError:
        sys.exit(1)


def _run_with_json_errors() -> int:
    """Run the command with wrong usage reported as JSON; return the exit code."""
    try:
        result = app(standalone_mode=False)
    except typer.TyperException as error:
        hint = "Read the options: vuosikello COMMAND --help"
        report = ErrorReport(Kind.USAGE, error.format_message(), hint, error.exit_code)
        report.print(as_json=True)
        return report.exit_code
    except typer.Abort:
        return 1
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    main()
