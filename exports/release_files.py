"""The files of a release folder: which there are, their hashes, and whether they are as they were.

The folder may come from anywhere and is not trusted: only files that lie in it are read, no path of
a manifest is opened, and no link is followed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from exports.manifest import MANIFEST, SIGNATURE, FileStatement


def all_files(folder: Path) -> Iterator[Path]:
    """Yield everything in a folder that is no folder itself, in the order of its path."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_dir():
            yield path


def release_files(folder: Path) -> Iterator[Path]:
    """Yield the files that the manifest of a release names: all but itself and its signature."""
    for path in all_files(folder):
        if path not in (folder / MANIFEST, folder / SIGNATURE):
            yield path


def statement_of(path: Path, folder: Path) -> FileStatement:
    """Return what the manifest says of a file."""
    return FileStatement(relative(path, folder), path.stat().st_size, sha256(path))


def damages(folder: Path, files: Mapping[str, FileStatement]) -> list[str]:
    """Compare the files of a release with its manifest; return a sentence for each that differs.

    Args:
        folder: the release as it lies there.
        files: what its manifest says of each file, by path.
    """
    present = {relative(path, folder): path for path in release_files(folder)}
    found = [f"{name} is missing." for name in sorted(files.keys() - present.keys())]
    found += [f"{name} does not belong to it." for name in sorted(present.keys() - files.keys())]
    for name in sorted(present.keys() & files.keys()):
        path = present[name]
        if path.is_symlink() or not path.is_file():
            found.append(f"{name} is no file of its own.")
        elif path.stat().st_size != files[name].bytes or sha256(path) != files[name].sha256:
            found.append(f"{name} has been changed.")
    return found


def differences(one: Path, other: Path) -> list[str]:
    """Compare two release folders byte for byte; return a sentence for each file that differs.

    Args:
        one: the folder of a release.
        other: the folder of another; manifests and signatures are compared too.
    """
    first = {relative(path, one): path for path in all_files(one)}
    second = {relative(path, other): path for path in all_files(other)}
    found = [f"{name} is there only once." for name in sorted(first.keys() ^ second.keys())]
    found += [
        f"{name} differs."
        for name in sorted(first.keys() & second.keys())
        if sha256(first[name]) != sha256(second[name])
    ]
    return found


def relative(path: Path, folder: Path) -> str:
    """Return the path of a file in a release, with slashes."""
    return path.relative_to(folder).as_posix()


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
