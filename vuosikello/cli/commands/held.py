"""``vuosikello held``: the submissions that wait for a person, and the decisions about them."""

from __future__ import annotations

from typing import Annotated

import typer

from vuosikello.cli import completion
from vuosikello.cli.command import Call, Outcome, command

held_app = typer.Typer(
    help="List the submissions that wait for a person, and decide about them.",
    invoke_without_command=True,
    rich_markup_mode="rich",
)

HeldId = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        autocompletion=completion.held,
        help="Which submission, as vuosikello held lists it.",
    ),
]
ByOption = Annotated[str, typer.Option("--by", help="Who decides.")]


@held_app.callback()
@command()
def held(call: Call) -> Outcome:
    """List the submissions that wait for a person, and decide about them.

    A submission waits when it would change a year's volume more than usual, when it has nothing
    to report though there are rows or open spells, or when another organisation has sent the
    same bytes. What was accepted
    before stays in force until somebody has decided.
    """
    from ingest import receiver
    from vuosikello.cli.output.receipts import show_held

    waiting = receiver.held(call.home)
    values = [receipt.model_dump(mode="json", exclude={"errors"}) for receipt in waiting]
    return Outcome(values, lambda: show_held(waiting))


@held_app.command()
@command()
def accept(
    call: Call,
    submission_id: HeldId,
    by: ByOption,
    reason: Annotated[
        str | None,
        typer.Option(help="Why; it is written into the receipt. No personal data."),
    ] = None,
) -> Outcome:
    """Accept a held submission."""
    from ingest import receiver
    from vuosikello.cli.output.receipts import show_decision

    try:
        receipt = receiver.accept_held(call.home, submission_id, by=by, reason=reason)
    except ValueError as problem:
        raise typer.BadParameter(str(problem)) from None
    return Outcome(receipt, lambda: show_decision(receipt))


@held_app.command()
@command()
def refuse(
    call: Call,
    submission_id: HeldId,
    by: ByOption,
    reason: Annotated[
        str, typer.Option(help="Why; the submitter reads it in the receipt. No personal data.")
    ],
) -> Outcome:
    """Refuse a held submission; what was accepted before stays in force."""
    from ingest import receiver
    from vuosikello.cli.output.receipts import show_decision

    try:
        receipt = receiver.refuse_held(call.home, submission_id, by=by, reason=reason)
    except ValueError as problem:
        raise typer.BadParameter(str(problem)) from None
    return Outcome(receipt, lambda: show_decision(receipt))
