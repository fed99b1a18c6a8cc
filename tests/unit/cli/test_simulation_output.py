"""What is printed of a simulation: numbers are grouped, the folder stays as it is."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from common.home import Home
from vuosikello.cli.output.simulation import show_simulation


def test_grouping_a_number_leaves_the_path_in_the_same_line_as_it_is(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "made,up" / "1,234"
    result: Any = SimpleNamespace(
        first_year=2026,
        last_year=2026,
        feeds={},
        made=[],
        mistaken=(),
        files=1,
        rows=1,
        bad_rows=0,
        organisations=["hva-20"],
        size=1_234_500_000,
        seconds=1.0,
        folder=folder,
    )
    show_simulation(result, Home(tmp_path))
    assert f"1 234.5 MB in 1.0 s: {folder}\n" in capsys.readouterr().out
