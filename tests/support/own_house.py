"""What every test of the receiver stands on: an installation of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.home import Home
from tests.support.house import House


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """Return an installation that nobody else uses, with no key of the environment."""
    for name in ("PSEUDONYM_KEY", "PSEUDONYM_KEY_FILE", "ORIGINALS_RECIPIENT"):
        monkeypatch.delenv(f"VUOSIKELLO_{name}", raising=False)
    return House(Home(tmp_path / "home"))
