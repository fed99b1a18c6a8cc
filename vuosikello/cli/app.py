"""The command ``vuosikello``: one thin function for each command.

Each command calls public functions of the rooms and shows what they return. Exit code 0: all well;
1: something was refused or a check failed; 2: wrong usage. ``--json`` prints the same as JSON on
standard output; progress and remarks go to standard error. Errors are told without a traceback;
the traceback of an unforeseen one is kept under ``<home>/logs``.
"""

from __future__ import annotations

import errno
import json
import sys
import tempfile
import traceback
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError

from common import clock
from common.database_locks import lock_message
from expectations.reporting_calendar import WindowError
from ingest import receiver
from ingest.contracts import ContractError
from ingest.held import NotHeld
from ingest.keys import KeyProblem
from ingest.periods import parse_period
from ingest.receipts import Receipt
from vuosikello.cli.output import console
from vuosikello.lineage.compiled_sql import NotExplained
from vuosikello.orchestration.local_airflow import AirflowProblem
from vuosikello.settings import Settings

app = typer.Typer(
    name="vuosikello",
    help="Receive submissions, build the warehouse, validate it and export the indicators.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

held_app = typer.Typer(
    help="List the submissions that wait for a person, and decide about them.",
    invoke_without_command=True,
    rich_markup_mode="rich",
)
app.add_typer(held_app, name="held")

# The suites that an export waits for.
EXPORTED_AFTER = ("feeds", "warehouse")

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="The home folder (else VUOSIKELLO_HOME, else ./var)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
YearOption = Annotated[int | None, typer.Option("--year", min=1950, max=2100, help="The year.")]


# The settings of the running command, for the one place that is reached without them: an error.
_used: list[Settings] = []
# What a person can see to: a full disk, one that is only read, a file where a folder should be.
_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ENOTDIR)


class Failure(Exception):
    """A command cannot do what was asked; the text says why and what to do."""


@app.callback()
def common(context: typer.Context, home: HomeOption = None) -> None:
    """Take the options that stand before the command."""
    context.obj = home


def settings_of(context: typer.Context, home: Path | None) -> Settings:
    """Return the settings, with the home of the command line before that of the environment."""
    chosen = home or context.obj
    settings = Settings(home=chosen) if chosen else Settings()
    _used.append(settings)
    return settings


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The file to look at.")],
    feed: Annotated[str, typer.Option(help="The feed it is for.")],
    organisation: Annotated[str, typer.Option(help="Who would submit it.")],
    period: Annotated[str, typer.Option(help="Year, month or day: 2019, 2019-03, 2019-03-14.")],
    context: typer.Context,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at a file as receiving would, and keep nothing (a dry run)."""
    settings = settings_of(context, home)
    if not file.is_file():
        raise typer.BadParameter(f"there is no file {file}", param_hint="FILE")
    if parse_period(period) is None:
        raise typer.BadParameter("write a year, month or day, such as 2019 or 2019-03")
    with console.spinner(f"Looking at {file.name}"):
        receipt, _ = receiver.check(
            file,
            feed=feed,
            organisation=organisation,
            period=period,
            home=settings.folders,
            limits=settings.limits,
        )
    _show(receipt.model_dump(mode="json"), as_json, lambda: console.receipt(receipt))
    raise typer.Exit(0 if receipt.is_accepted else 1)


@app.command()
def receive(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Files or folders to receive; none: all in the inbox."),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Receive these files, or all in the inbox, in path order."""
    settings = settings_of(context, home)
    for path in paths or []:
        if not path.exists() and not path.is_symlink():
            raise typer.BadParameter(f"there is no file {path}", param_hint="PATH")
    received = _receive(settings, paths)
    values = [receipt.model_dump(mode="json") for receipt in received]
    _show(values, as_json, lambda: console.receipts(received, settings.folders))
    raise typer.Exit(1 if any(not _is_fine(receipt) for receipt in received) else 0)


@held_app.callback()
def held(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the submissions that wait for a person, and decide about them.

    A submission waits when it would change a year's volume more than usual. What was accepted
    before stays in force until somebody has decided.
    """
    context.obj = home or context.obj
    if context.invoked_subcommand is not None:
        return
    settings = settings_of(context, home)
    waiting = receiver.held(settings.folders)
    values = [receipt.model_dump(mode="json", exclude={"errors"}) for receipt in waiting]
    _show(values, as_json, lambda: console.held(waiting))


HeldId = Annotated[str, typer.Argument(metavar="ID", help="Which, as vuosikello held lists it.")]
ByOption = Annotated[str, typer.Option("--by", help="Who decides.")]


@held_app.command()
def accept(
    submission_id: HeldId,
    by: ByOption,
    context: typer.Context,
    reason: Annotated[
        str | None, typer.Option(help="Why; it stands in the receipt. No person's data.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a held submission in."""
    settings = settings_of(context, home)
    try:
        receipt = receiver.accept_held(settings.folders, submission_id, by=by, reason=reason)
    except ValueError as problem:
        raise typer.BadParameter(str(problem)) from None
    _show(receipt.model_dump(mode="json"), as_json, lambda: console.decided(receipt))


@held_app.command()
def refuse(
    submission_id: HeldId,
    by: ByOption,
    reason: Annotated[
        str, typer.Option(help="Why; the submitter reads it in the receipt. No person's data.")
    ],
    context: typer.Context,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Refuse a held submission; what was accepted before stays in force."""
    settings = settings_of(context, home)
    try:
        receipt = receiver.refuse_held(settings.folders, submission_id, by=by, reason=reason)
    except ValueError as problem:
        raise typer.BadParameter(str(problem)) from None
    _show(receipt.model_dump(mode="json"), as_json, lambda: console.decided(receipt))


@app.command()
def build(
    context: typer.Context,
    home: HomeOption = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Build everything anew.")
    ] = False,
    as_of: Annotated[
        str | None,
        typer.Option(help="The warehouse as it was known then, beside the published one."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Build the warehouse from the lake and publish it in one step."""
    settings = settings_of(context, home)
    result = _build(settings, as_of=_moment(as_of), full_refresh=full_refresh)
    _show(console.plain(result), as_json, lambda: console.build(result))
    raise typer.Exit(1 if result.failures else 0)


@app.command()
def validate(
    context: typer.Context,
    suite: Annotated[
        str | None, typer.Option(help="feeds, warehouse or readiness; none: all.")
    ] = None,
    year: YearOption = None,
    on: Annotated[
        str | None,
        typer.Option(help="As strict as on this day, such as 2027-01-31 (readiness); none: today."),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Validate the feeds, the warehouse and the readiness for the reporting window."""
    if suite not in (None, "feeds", "warehouse", "readiness"):
        raise typer.BadParameter("feeds, warehouse or readiness", param_hint="--suite")
    settings = settings_of(context, home)
    result = _validate(settings, suite, year, _day(on, "--on"))
    _show(console.plain(result), as_json, lambda: console.validation(result))
    raise typer.Exit(0 if result.success else 1)


@app.command()
def export(
    context: typer.Context,
    year: YearOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Export the indicators, with what could tell of a client left out."""
    settings = settings_of(context, home)
    result = _export(settings, year)
    _show(console.plain(result), as_json, lambda: console.export(result))


@app.command()
def run(
    context: typer.Context,
    year: YearOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Receive, build, validate and export: the main job in one go.

    What does not pass validation is not exported. Whether the year is ready to be reported is
    another question: [bold]vuosikello validate --suite readiness[/bold].
    """
    settings = settings_of(context, home)
    received = _receive(settings, None)
    built = _build(settings)
    checked = [] if built.failures else [_validate(settings, one, year) for one in EXPORTED_AFTER]
    is_valid = bool(checked) and all(result.success for result in checked)
    exported = _export(settings, year) if is_valid else None
    values = {
        "receipts": [receipt.model_dump(mode="json") for receipt in received],
        "build": console.plain(built),
        "validation": console.plain(checked),
        "export": console.plain(exported),
    }

    def show() -> None:
        console.receipts(received, settings.folders)
        console.build(built)
        if checked:
            console.validation(*checked)
        if exported is not None:
            console.export(exported)

    _show(values, as_json, show)
    raise typer.Exit(0 if exported is not None and all(map(_is_fine, received)) else 1)


@app.command()
def status(
    context: typer.Context,
    year: YearOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who has submitted what for the year, what is missing, refused or late."""
    from vuosikello.reporting.submission_status import status_of

    settings = settings_of(context, home)
    result = status_of(settings.folders, year)
    _show(console.plain(result), as_json, lambda: console.status(result))


@app.command()
def simulate(
    context: typer.Context,
    organisations: Annotated[
        int, typer.Option(help="How many organisations, in the order of the code list.")
    ] = 3,
    years: Annotated[int, typer.Option(help="How many whole years.")] = 2,
    clients: Annotated[
        int, typer.Option(help="Open client relationships of an organisation, on average.")
    ] = 200,
    seed: Annotated[int, typer.Option(help="Another seed gives other rows.")] = 1,
    last_year: Annotated[int | None, typer.Option(help="The last of the years.")] = None,
    errors: Annotated[
        float | None,
        typer.Option(help="About which share of the rows breaks a rule, 0 to 0.1."),
    ] = None,
    file_format: Annotated[str, typer.Option("--format", help="csv or parquet.")] = "csv",
    to: Annotated[Path | None, typer.Option(help="Where to; none: the inbox.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make up the submissions of some organisations and years, for trying things out.

    The same options give the same files, byte for byte. No row is about anybody.
    """
    from simulation import Format, Request, RequestProblem, SimulationProblem
    from simulation import simulate as make

    if file_format not in tuple(Format):
        raise typer.BadParameter("csv or parquet", param_hint="--format")
    given = {"last_year": last_year, "errors": errors}
    request = Request(
        organisations=organisations,
        years=years,
        clients=clients,
        seed=seed,
        format=Format(file_format),
        **{name: value for name, value in given.items() if value is not None},  # type: ignore[arg-type]
    )
    settings = settings_of(context, home)
    folder = (to or settings.folders.inbox).expanduser().absolute()
    try:
        with console.progress("Making up") as progress:
            made = make(request, folder, threads=settings.threads, progress=progress)
    except RequestProblem as problem:
        raise typer.BadParameter(str(problem)) from None
    except SimulationProblem as problem:
        raise Failure(str(problem)) from None
    values = console.plain(made)
    _show(values, as_json, lambda: console.simulated(made, settings.folders))


@app.command()
def docs(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Write the pages that explain the feeds, the indicators and the warehouse."""
    from vuosikello.docs_site import site
    from vuosikello.warehouse.dbt_docs import ProjectProblem

    settings = settings_of(context, home)
    _need_warehouse(settings)
    try:
        with console.progress("Writing") as progress:
            result = site.write(settings.folders, progress)
    except ProjectProblem as error:
        raise Failure(str(error)) from error
    _show(console.plain(result), as_json, lambda: console.documentation(result))


@app.command()
def metrics(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(help="Metrics; none: a list of all there are.")
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(help="Divide by this: year, month, organisation, nature … Repeat for more."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(help="Only where this holds: year=2019, nature=home_visit. Repeat for more."),
    ] = None,
    sql: Annotated[bool, typer.Option("--sql", help="Show the query instead.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the warehouse for metrics by what divides them (the semantic layer)."""
    from vuosikello.warehouse import dbt_docs
    from vuosikello.warehouse.semantic_layer import QuestionProblem, SemanticLayer, UnknownValue

    settings = settings_of(context, home)
    _need_warehouse(settings)
    try:
        with console.spinner("Asking"):
            layer = SemanticLayer(dbt_docs.semantic_manifest(settings.folders))
            if not names:
                known = list(layer.metrics.values())
                _show(console.plain(known), as_json, lambda: console.metrics(known))
                return
            answer = layer.ask(settings.folders.warehouse, names, by or [], where or [])
            dimensions = layer.short_dimensions(names)
    except UnknownValue as error:
        raise typer.BadParameter(str(error), param_hint="--where") from None
    except (QuestionProblem, dbt_docs.ProjectProblem) as error:
        raise Failure(str(error)) from error
    if sql and not as_json:
        console.out.print(answer.sql, markup=False, soft_wrap=True)
        return
    _show(console.plain(answer), as_json, lambda: console.answer(answer, dimensions))


@app.command()
def explain(
    indicator: Annotated[str, typer.Argument(help="Its code, such as outreach.visits.")],
    area: Annotated[
        str, typer.Option(help="Code of a municipality, organisation or welfare area, or FI.")
    ],
    period: Annotated[str, typer.Option(help="A year or month: 2019, 2019-03.")],
    context: typer.Context,
    breakdown: Annotated[
        str | None, typer.Option(help="NAME=VALUE, such as nature=partner; none: undivided.")
    ] = None,
    area_type: Annotated[
        str | None, typer.Option(help="Which is meant, where a code is that of several.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Tell too what has changed since this moment.")
    ] = None,
    language: Annotated[str, typer.Option(help="Of the definition: fi, sv or en.")] = "en",
    rows: Annotated[
        Path | None, typer.Option(help="Write all the rows to this .csv or .parquet file.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain a value: its definition, its rows, their submissions, and what has changed."""
    from vuosikello.cli.output import explanation
    from vuosikello.lineage import explain as explaining
    from vuosikello.lineage import lookup

    if language not in lookup.LANGUAGES:
        raise typer.BadParameter("fi, sv or en", param_hint="--language")
    if area_type not in (None, *lookup.AREA_TYPES):
        raise typer.BadParameter(" or ".join(lookup.AREA_TYPES), param_hint="--area-type")
    moment = _moment(as_of)
    settings = settings_of(context, home)
    _need_warehouse(settings)
    state = _earlier_state(settings, moment) if moment else None
    earlier = _known_at(settings, state.known_at) if state else None
    try:
        with console.spinner("Explaining"):
            result = explaining.explain(
                settings.folders.warehouse,
                indicator,
                area=area,
                period=period,
                area_type=area_type,
                breakdown=breakdown,
                earlier=earlier,
                published=state.published if state else None,
                remarks=state.remarks if state else (),
                language=language,
                rows_to=rows,
            )
    except lookup.UnknownBreakdownValue as error:
        raise typer.BadParameter(str(error), param_hint="--breakdown") from None
    _show(console.plain(result), as_json, lambda: explanation.explanation(result))
    raise typer.Exit(0 if result.is_exact else 1)


@app.command()
def diff(
    context: typer.Context,
    since: Annotated[str, typer.Option("--from", help="The earlier moment.")],
    until: Annotated[
        str | None, typer.Option("--to", help="The later one; none: the published warehouse.")
    ] = None,
    indicator: Annotated[
        str | None, typer.Option(help="Only these: a code or the beginning of codes.")
    ] = None,
    values: Annotated[
        Path | None, typer.Option(help="Write all the values to this .csv or .parquet file.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the values that changed between two moments, and the submissions that did it."""
    from vuosikello.cli.output import explanation
    from vuosikello.lineage import diff as comparing
    from vuosikello.warehouse.freshness import build_is_due

    first, last = _moment(since, "--from"), _moment(until, "--to")
    assert first is not None
    if last is not None and last <= first:
        raise typer.BadParameter("give a moment after --from", param_hint="--to")
    settings = settings_of(context, home)
    _need_warehouse(settings)
    state = _earlier_state(settings, first, last)
    earlier = _known_at(settings, state.known_at)
    if last is None and build_is_due(settings.folders.root):
        console.remark(
            "Something has come in since the warehouse was built, and is not part of this. "
            "Build it: vuosikello build"
        )
    later = _known_at(settings, last) if last else settings.folders.warehouse
    with console.spinner("Comparing"):
        result = comparing.difference(
            later,
            earlier,
            published=state.published,
            indicator=indicator,
            values_to=values,
            remarks=state.remarks,
        )
    _show(console.plain(result), as_json, lambda: explanation.difference(result))


@app.command()
def release(
    year: Annotated[int, typer.Option("--year", min=1950, max=2100, help="The year.")],
    context: typer.Context,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the release that the year's last sign-off stands for: files, pages, report."""
    from vuosikello.reporting import releases as releasing

    settings = settings_of(context, home)
    _need_warehouse(settings)
    try:
        with console.progress("Releasing") as progress:
            result = releasing.release(
                settings.folders.root, year, settings=settings, progress=progress
            )
    except releasing.ReleaseProblem as problem:
        raise Failure(str(problem)) from None
    _show(console.plain(result), as_json, lambda: console.released(result))


@app.command()
def releases(
    context: typer.Context,
    year: YearOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the releases, and what has come since that waits for a correction."""
    from vuosikello.reporting import releases as releasing

    settings = settings_of(context, home)
    result = releasing.states(settings.folders.root, year)
    _show(console.plain(result), as_json, lambda: console.releases(result))


@app.command()
def reproduce(
    name: Annotated[str, typer.Argument(metavar="RELEASE", help="Its name, such as 2019.1.")],
    context: typer.Context,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a release again from the lake and compare it byte for byte."""
    from vuosikello.reporting import releases as releasing

    settings = settings_of(context, home)
    try:
        with console.progress("Reproducing") as progress:
            result = releasing.reproduce(settings.folders.root, name, progress=progress)
    except releasing.ReleaseProblem as problem:
        raise Failure(str(problem)) from None
    _show(console.plain(result), as_json, lambda: console.reproduced(result))
    raise typer.Exit(0 if result.is_same else 1)


@app.command()
def window(
    context: typer.Context,
    year: YearOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the year's reporting window: its days, readiness, sign-off and alerts."""
    from vuosikello.reporting.reporting_window import window_state
    from vuosikello.reporting.sign_off import SigningProblem

    settings = settings_of(context, home)
    try:
        result = window_state(settings.folders.root, year)
    except SigningProblem as problem:
        raise Failure(str(problem)) from None
    _show(console.plain(result), as_json, lambda: console.window(result))


@app.command()
def remind(
    context: typer.Context,
    year: YearOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge the year's readiness and write a reminder for each who has something to mend."""
    from common.clock import today
    from expectations.reporting_calendar import current_window
    from vuosikello.reporting.reminders import ReminderProblem, write_reminders

    settings = settings_of(context, home)
    asked = year or current_window(today()).year
    judged = _validate(settings, "readiness", asked).suites["readiness"]
    try:
        result = write_reminders(settings.folders.root, judged)
    except ReminderProblem as problem:
        raise Failure(str(problem)) from None
    _show(console.plain(result), as_json, lambda: console.reminders(result))


@app.command("sign-off")
def sign_off(
    year: Annotated[int, typer.Option("--year", min=1950, max=2100, help="The year.")],
    by: Annotated[str, typer.Option("--by", help="Who signs: a role or a name. Published.")],
    reason: Annotated[str, typer.Option(help="Why. Published; no person's data.")],
    context: typer.Context,
    override: Annotated[
        str | None, typer.Option(help="Why failed checks are overridden. Published.")
    ] = None,
    reject: Annotated[bool, typer.Option("--reject", help="Reject the year instead.")] = False,
    early: Annotated[
        bool, typer.Option("--early", help="Sign although the window has not opened.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign a year off, as readiness was judged last: nothing is released without it."""
    from vuosikello.reporting import sign_off as signing

    settings = settings_of(context, home)
    try:
        signed = signing.sign_off(
            settings.folders.root,
            year,
            by=by,
            reason=reason,
            decision="rejected" if reject else "approved",
            override_reason=override,
            early=early,
        )
    except signing.SigningProblem as problem:
        raise Failure(str(problem)) from None
    values = signed.model_dump(mode="json", exclude={"readiness": {"failures"}})
    _show(values, as_json, lambda: console.signed(signed))


@app.command()
def up(
    context: typer.Context,
    home: HomeOption = None,
    port: Annotated[int | None, typer.Option(help="The port of Airflow's page.")] = None,
) -> None:
    """Start Airflow on this machine and print its address and how to log in."""
    from vuosikello.orchestration import local_airflow

    settings = settings_of(context, home)
    settings.folders.create()
    with console.spinner("Starting Airflow"):
        service = local_airflow.up(settings.folders.root, port or settings.port)
    console.service(service, settings.folders)


@app.command()
def down(context: typer.Context, home: HomeOption = None) -> None:
    """Stop what [bold]up[/bold] started."""
    from vuosikello.orchestration import local_airflow

    with console.spinner("Stopping Airflow"):
        stopped = local_airflow.down(settings_of(context, home).folders.root)
    console.out.print("Airflow stopped." if stopped else "Airflow was not running.")


@app.command(hidden=True)
def demo(context: typer.Context, home: HomeOption = None) -> None:
    """Run the main job on the ISO SOS example and show what came out."""
    from vuosikello.cli.demo import run_demo

    raise typer.Exit(run_demo(settings_of(context, home)))


def main() -> None:
    """Run the command; tell every error in a sentence."""
    try:
        app()
    except (
        Failure,
        KeyProblem,
        ContractError,
        AirflowProblem,
        NotExplained,
        WindowError,
        NotHeld,
    ) as error:
        console.error(str(error))
        sys.exit(1)
    except ValidationError as error:
        names = ", ".join(f"VUOSIKELLO_{str(e['loc'][0]).upper()}" for e in error.errors())
        console.error(f"These settings cannot be used: {names}. Correct them in the environment.")
        sys.exit(2)
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(1)
    except PermissionError as error:
        console.error(f"No permission for {error.filename}. Choose another --home or mend it.")
        sys.exit(1)
    except OSError as error:
        if error.errno not in _OF_THE_DISK:
            _unforeseen(error)
        place = f" ({error.filename})" if error.filename else ""
        console.error(
            f"{error.strerror}{place}. Mend it or choose another --home, and run it again."
        )
        sys.exit(1)
    except Exception as error:
        if (message := lock_message(error)) is None:
            _unforeseen(error)
        console.error(message)
        sys.exit(1)


def _unforeseen(error: Exception) -> NoReturn:
    console.error(
        f"Something unforeseen stopped the command ({type(error).__name__}). Nothing half-done "
        f"stays behind; run it again. If it stops again, send {_keep_traceback()} to the "
        "developers."
    )
    sys.exit(1)


def _receive(settings: Settings, paths: list[Path] | None) -> list[Receipt]:
    from ingest.keys import pseudonym_key

    home = settings.folders.create()
    key = pseudonym_key(home)
    if key.created_at is not None:
        console.remark(
            f"A key for pseudonyms was created in {key.created_at} (key id {key.id}). Keep a copy "
            "of it in a safe place, apart from the lake: without it the same person gets another "
            "pseudonym. In production, give it in VUOSIKELLO_PSEUDONYM_KEY_FILE."
        )
    with console.progress("Receiving") as progress:
        return receiver.receive(home, paths, limits=settings.limits, progress=progress)


def _build(settings: Settings, *, as_of: datetime | None = None, full_refresh: bool = False) -> Any:
    from vuosikello.warehouse import build as warehouse

    with console.progress("Building") as progress:
        return warehouse.build(
            settings.folders.create().root,
            as_of=as_of,
            full_refresh=full_refresh,
            progress=progress,
        )


def _validate(
    settings: Settings, suite: str | None, year: int | None, on: date | None = None
) -> Any:
    import expectations

    _need_warehouse(settings)
    with console.spinner("Validating"):
        return expectations.validate(settings.folders.root, suite, year, on=on)


def _export(settings: Settings, year: int | None) -> Any:
    import exports

    _need_warehouse(settings)
    with console.progress("Disclosure control:") as progress:
        return exports.publish(
            settings.folders.warehouse,
            settings.folders.root / "exports",
            year=year,
            protection=settings.protection,
            earlier=settings.publications,
            progress=progress,
        )


def _need_warehouse(settings: Settings) -> None:
    if not settings.folders.warehouse.is_file():
        raise Failure(
            f"There is no warehouse in {settings.folders.root} yet. Build it: vuosikello build"
        )


def _earlier_state(settings: Settings, moment: datetime, until: datetime | None = None) -> Any:
    """Find out by which definitions the values of an earlier moment can be had."""
    from vuosikello.lineage.diff.moments import earlier_state

    return earlier_state(settings.folders, moment, until)


def _known_at(settings: Settings, moment: datetime) -> Path:
    """Return the warehouse as it was known then; built beside the published one if need be."""
    from vuosikello.warehouse import build as warehouse

    with console.progress(f"Building what was known at {moment:%Y-%m-%d %H:%M} UTC:") as progress:
        result = warehouse.known_at(settings.folders.root, moment, progress)
    if result.failures:
        raise Failure(" ".join(result.failures))
    return result.path


def _moment(text: str | None, option: str = "--as-of") -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            "write a time such as 2026-01-31 or 2026-01-31T12:00:00Z", param_hint=option
        ) from None
    return moment.replace(tzinfo=moment.tzinfo or clock.FINLAND).astimezone(UTC)


def _day(text: str | None, option: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write a day such as 2027-01-31", param_hint=option) from None


def _is_fine(receipt: Receipt) -> bool:
    return receipt.status not in ("refused", "held")


def _show(values: Any, as_json: bool, show: Callable[[], None]) -> None:
    if as_json:
        print(json.dumps(values, ensure_ascii=False, indent=2, default=str))
    else:
        show()


def _keep_traceback() -> Path:
    """Write the traceback where a developer can find it; local values are not part of it."""
    settings = _used[-1] if _used else Settings()
    folder = settings.folders.root / "logs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # the home may be what is wrong
        folder = Path(tempfile.mkdtemp(prefix="vuosikello-"))
    path = folder / f"error-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.txt"
    path.write_text(traceback.format_exc(), encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
