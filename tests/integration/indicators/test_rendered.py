"""The SQL that the macros write for one model, committed for whoever reads or changes them."""

from __future__ import annotations

from pathlib import Path

EXAMPLE = (
    Path(__file__).parents[3] / "docs" / "reference" / "rendered" / "int_indicators_outreach.sql"
)


def test_the_rendered_example_is_what_the_macros_write(iso_sos: Path) -> None:
    compiled = iso_sos / "build" / "dbt" / "target" / "compiled"
    (written,) = compiled.rglob(EXAMPLE.name)
    assert EXAMPLE.read_text(encoding="utf-8") == written.read_text(encoding="utf-8"), (
        f"The macros write other SQL than before. If that is meant: cp {written} {EXAMPLE}"
    )
