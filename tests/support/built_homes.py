"""Homes with a built warehouse, made once and shared by all workers and runs.

A dbt build costs twenty seconds of processor time. A home is kept under a name and the hash of
everything that decides what is in it: the code that makes it, the models, the example, the locked
versions, Python, and the Finnish day (periods that are under way end on it). A home of another hash
is made anew, and the old one removed.

A home of :func:`built_home` is only to be read; one of :func:`changeable_home` is as it was made
each time it is asked for. A test whose home is kept must name in ``sources`` all that decides it.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from common import clock
from tests.support.places import ROOT

Made = TypeVar("Made")

# What decides the content of a home that is received and built.
SOURCES = (
    "common",
    "ingest",
    "simulation",
    "dbt_project",
    "vuosikello/warehouse",
    "examples",
    "tests/support/tiny_lake.py",
    "tests/support/built_homes.py",
    "tests/support/example_home.py",
    "requirements.txt",
)
# What decides the content of a home on which other rooms have worked too.
ALL_ROOMS = (*SOURCES, "expectations", "exports", "vuosikello", "dags", "tests/conftest.py")
IGNORED = ("__pycache__", "target", "logs")


def built_home(
    name: str, make: Callable[[Path], Made], sources: tuple[str, ...] = SOURCES
) -> tuple[Path, Made]:
    """Return a home and what making it returned; make it first, where nobody has yet.

    Args:
        name: which home; one maker for each name.
        make: fills and builds the home whose folder it is given; what it returns is pickled.
        sources: files and folders of the repository that decide what is made.
    """
    with _lock(name):
        folder, made = _kept(name, make, sources)
    return folder / "home", made


@contextmanager
def changeable_home(
    name: str, make: Callable[[Path], Made], sources: tuple[str, ...] = SOURCES
) -> Iterator[tuple[Path, Made]]:
    """Give a home that a test may change, each time as it was made and at the same path.

    The path stays the same since the views of a warehouse name the files of their home. One test
    module has the home at a time.

    Args:
        name: which home; one maker for each name.
        make: as for :func:`built_home`.
        sources: as for :func:`built_home`.
    """

    def make_and_keep(home: Path) -> Made:
        made = make(home)
        shutil.copytree(home, home.with_name("as_made"))
        return made

    with _lock(name):
        folder, made = _kept(name, make_and_keep, sources)
        shutil.rmtree(folder / "home", ignore_errors=True)
        shutil.copytree(folder / "as_made", folder / "home")
        yield folder / "home", made


def remember_project(built: Path, home: Path) -> None:
    """Give a new home what dbt has read of the project, so that it need not read it again."""
    shutil.copytree(built / "build" / "dbt", home / "build" / "dbt")


def _cache() -> Path:
    cache = Path(os.environ.get("VUOSIKELLO_TEST_CACHE", ROOT / ".test-homes"))
    cache.mkdir(parents=True, exist_ok=True)
    return cache


def _lock(name: str) -> FileLock:
    return FileLock(_cache() / f"{name}.lock")


def _kept(name: str, make: Callable[[Path], Made], sources: tuple[str, ...]) -> tuple[Path, Made]:
    """Return the folder kept under a name, and what making it returned."""
    cache = _cache()
    folder = cache / f"{name}-{clock.today():%Y%m%d}-{_hash(sources)[:16]}"
    result = folder / "result.pickle"
    if not result.exists():
        for old in cache.glob(f"{name}-[0-9]*"):
            shutil.rmtree(old, ignore_errors=True)
        folder.mkdir()
        made = make(folder / "home")
        aside = result.with_suffix(".part")
        aside.write_bytes(pickle.dumps(made))
        aside.rename(result)
    return folder, pickle.loads(result.read_bytes())


@functools.cache
def _hash(sources: tuple[str, ...]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for source in sources:
        top = ROOT / source
        files = sorted(top.rglob("*")) if top.is_dir() else [top]
        for file in files:
            if file.is_file() and not set(file.relative_to(ROOT).parts) & set(IGNORED):
                digest.update(f"{file.relative_to(ROOT).as_posix()}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
