"""Files and folders appear whole under their final name, or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from common import files


def test_a_folder_takes_the_place_of_the_last_one_and_leaves_nothing_beside_it(
    tmp_path: Path,
) -> None:
    for content in ("first", "second"):
        finished = tmp_path / ".building"
        finished.mkdir(mode=0o700)
        (finished / "page.html").write_text(content, encoding="utf-8")
        files.replace_folder(tmp_path / "pages", finished)
        assert (tmp_path / "pages" / "page.html").read_text(encoding="utf-8") == content
        assert [path.name for path in tmp_path.iterdir()] == ["pages"]
    assert stat.S_IMODE((tmp_path / "pages").stat().st_mode) == 0o755


def test_after_an_error_the_file_is_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    files.write_text(target, "first\r\n")
    with pytest.raises(RuntimeError), files.atomic_replace(target) as draft:
        draft.write_text("half", encoding="utf-8")
        raise RuntimeError
    assert target.read_bytes() == b"first\r\n"
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
