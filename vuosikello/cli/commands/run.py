"""``vuosikello run``: the main job in one go."""

from __future__ import annotations

from vuosikello.cli.command import Call, Outcome, command
from vuosikello.cli.commands.build import build_warehouse
from vuosikello.cli.commands.export import export_indicators
from vuosikello.cli.commands.receive import is_fine, receive_files
from vuosikello.cli.commands.validate import run_suite
from vuosikello.cli.options import Suite, YearOption

# The suites that must hold before anything is exported.
_SUITES = (Suite.FEEDS, Suite.WAREHOUSE)


@command()
def run(call: Call, year: YearOption = None) -> Outcome:
    """Receive, build, validate and export: the main job in one go.

    What does not pass validation is not exported. Whether the year is ready to be reported is
    another question: vuosikello validate --suite readiness.
    """
    from vuosikello.cli.output.builds import show_build
    from vuosikello.cli.output.exports import show_export
    from vuosikello.cli.output.receipts import show_receipts
    from vuosikello.cli.output.validation import show_validation

    receipts = receive_files(call)
    built = build_warehouse(call)
    validated = [] if built.failures else [run_suite(call, suite, year) for suite in _SUITES]
    is_valid = bool(validated) and all(result.success for result in validated)
    exported = export_indicators(call, year) if is_valid else None

    def show() -> None:
        show_receipts(receipts, call.home)
        show_build(built)
        if validated:
            show_validation(*validated)
        if exported is not None:
            show_export(exported)

    values = {"receipts": receipts, "build": built, "validation": validated, "export": exported}
    is_well = exported is not None and all(map(is_fine, receipts))
    return Outcome(values, show, 0 if is_well else 1)
