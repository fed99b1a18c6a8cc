"""``vuosikello docs``: write the pages of the documentation."""

from __future__ import annotations

from vuosikello.cli.command import Call, Outcome, command


@command(needs_warehouse=True)
def docs(call: Call) -> Outcome:
    """Write the pages that explain the feeds, the indicators and the warehouse."""
    from vuosikello.cli.output.documentation import show_documentation
    from vuosikello.cli.output.progress import progress
    from vuosikello.docs_site import site

    with progress("Writing") as advance:
        result = site.write(call.home, advance)
    return Outcome(result, lambda: show_documentation(result))
