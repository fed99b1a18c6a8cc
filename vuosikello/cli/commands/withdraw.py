"""``vuosikello withdraw``: take a wrong submission back."""

from __future__ import annotations

from typing import Annotated

import typer

from vuosikello.cli.command import Call, Outcome, command


@command()
def withdraw(
    call: Call,
    submission_id: Annotated[
        str, typer.Argument(metavar="ID", help="Which submission; the id stands in its receipt.")
    ],
    by: Annotated[str, typer.Option("--by", help="Who withdraws it.")],
    reason: Annotated[
        str, typer.Option(help="Why; the submitter reads it in the receipt. No personal data.")
    ],
) -> Outcome:
    """Take an accepted submission back, as if it had never been accepted.

    What stood before it is in force again after the next build. The ledger and the receipt keep
    both the submission and its withdrawal. After a release it is a correction of the release.
    """
    from ingest import withdrawal
    from vuosikello.cli.output.receipts import show_withdrawal

    try:
        receipt = withdrawal.withdraw(call.home, submission_id, by=by, reason=reason)
    except ValueError as problem:
        raise typer.BadParameter(str(problem)) from None
    return Outcome(receipt, lambda: show_withdrawal(receipt))
