"""Files that appear whole under their final name, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.files import atomic_replace, write_text


@pytest.mark.parametrize("durable", [True, False])
def test_a_file_replaces_another_only_when_it_is_finished(tmp_path: Path, durable: bool) -> None:
    target = tmp_path / "state.json"
    target.write_text("before", encoding="utf-8")
    with atomic_replace(target, durable=durable) as draft:
        draft.write_text("after", encoding="utf-8")
        assert target.read_text(encoding="utf-8") == "before"
    assert target.read_text(encoding="utf-8") == "after"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("durable", [True, False])
def test_an_error_leaves_the_file_as_it_was_and_no_draft(tmp_path: Path, durable: bool) -> None:
    target = tmp_path / "state.json"
    target.write_text("before", encoding="utf-8")
    with pytest.raises(OSError, match="full"), atomic_replace(target, durable=durable) as draft:
        draft.write_text("half", encoding="utf-8")
        raise OSError("the disk is full")
    assert target.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_line_ends_of_a_text_are_written_as_they_are(tmp_path: Path) -> None:
    write_text(tmp_path / "table.csv", "a\r\nä\n")
    assert (tmp_path / "table.csv").read_bytes() == "a\r\nä\n".encode()
