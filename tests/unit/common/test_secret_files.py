"""Secret files are made once, whole, and for their owner only."""

from __future__ import annotations

import stat
from pathlib import Path

from common.secret_files import create_once


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "one.key"
    assert create_once(path, lambda: "first")
    assert not create_once(path, lambda: "second")
    assert path.read_text("ascii") == "first\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]
