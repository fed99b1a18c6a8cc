"""Files that appear whole under their final name, or not at all.

A file is written aside, flushed to the disk, and renamed into place; the rename is flushed too, so
that it survives a power cut.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp


def publish(source: Path, target: Path) -> None:
    """Move a finished file to its final name in one step that survives a power cut.

    Args:
        source: the finished file, on the same file system as the target.
        target: the final name; replaced if it exists.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    sync_file(source)
    source.replace(target)
    sync_folder(target.parent)


def sync_file(path: Path) -> None:
    """Make the content of a file durable."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def atomic_replace(target: Path, *, durable: bool = True) -> Iterator[Path]:
    """Give a path to write to; on success the file written there replaces the target.

    After an error the target is as it was, and nothing stays behind.

    Args:
        target: the final name; its folder exists.
        durable: whether the file must survive a power cut. A file that can be made again, or that
            is made durable later, need not, and is written faster.
    """
    draft = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        yield draft
        if durable:
            publish(draft, target)
        else:
            draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def write_text(target: Path, text: str) -> None:
    """Write a whole UTF-8 text file in one step, with line ends as they stand in the text."""
    with atomic_replace(target) as draft:
        draft.write_text(text, encoding="utf-8", newline="")


def replace_folder(target: Path, finished: Path) -> None:
    """Put a finished folder in place of the last one; a reader finds one of the two.

    Args:
        target: the final name; the folder there, if any, is removed.
        finished: the folder, on the same file system; it becomes readable to everybody. The caller
            lets in one writer at a time.
    """
    old = Path(mkdtemp(prefix=".old-", dir=target.parent))
    if target.exists():
        target.replace(old / target.name)
    finished.chmod(0o755)
    finished.replace(target)
    shutil.rmtree(old, ignore_errors=True)
