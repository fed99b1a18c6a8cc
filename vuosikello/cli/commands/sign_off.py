"""``vuosikello sign-off``: approve or reject a year."""

from __future__ import annotations

from typing import Annotated

import typer

from vuosikello.cli.command import Call, Outcome, command
from vuosikello.cli.options import RequiredYearOption


@command()
def sign_off(
    call: Call,
    year: RequiredYearOption,
    by: Annotated[str, typer.Option("--by", help="Who signs: a role or a name. Published.")],
    reason: Annotated[str, typer.Option(help="Why. Published; no personal data.")],
    override: Annotated[
        str | None, typer.Option(help="Why failed checks are overridden. Published.")
    ] = None,
    reject: Annotated[bool, typer.Option("--reject", help="Reject the year instead.")] = False,
    early: Annotated[
        bool, typer.Option("--early", help="Sign although the window has not opened.")
    ] = False,
) -> Outcome:
    """Sign a year off on its last readiness result: nothing is released without it."""
    from vuosikello.cli.output.window import show_sign_off
    from vuosikello.reporting import sign_off as reporting

    signed = reporting.sign_off(
        call.home.root,
        year,
        by=by,
        reason=reason,
        decision="rejected" if reject else "approved",
        override_reason=override,
        early=early,
    )
    values = signed.model_dump(mode="json", exclude={"readiness": {"failures"}})
    return Outcome(values, lambda: show_sign_off(signed))
