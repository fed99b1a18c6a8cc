"""``vuosikello remind``: reminders to those who have something to correct."""

from __future__ import annotations

from vuosikello.cli.command import Call, Outcome, command
from vuosikello.cli.commands.validate import run_suite
from vuosikello.cli.options import Suite, YearOption


@command(needs_warehouse=True)
def remind(call: Call, year: YearOption = None) -> Outcome:
    """Judge the year's readiness and write a reminder for each who has something to correct."""
    from common import clock
    from expectations.reporting_calendar import current_window
    from vuosikello.cli.output.names import names_in
    from vuosikello.cli.output.window import show_reminders
    from vuosikello.reporting.reminders import write_reminders

    reporting_year = year or current_window(clock.today()).year
    validated = run_suite(call, Suite.READINESS, reporting_year)
    result = write_reminders(call.home.root, validated.suites[Suite.READINESS])
    return Outcome(result, lambda: show_reminders(result, names_in("en")))
