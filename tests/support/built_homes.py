"""Homes with a built warehouse, made once and shared by all workers and runs; only to be read.

A dbt build costs twenty seconds of processor time. A home is kept under a name and the hash of
everything that decides what is in it: the code that receives and builds, the models, the example,
the locked versions, and the Finnish day (periods that are under way end on it). A home of another
hash is made anew, and the old one removed.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from common import clock
from tests.support.places import ROOT

Made = TypeVar("Made")

# What decides the content of a built home.
SOURCES = (
    "common",
    "ingest",
    "simulation",
    "dbt_project",
    "vuosikello/warehouse",
    "examples",
    "tests/support/tiny_lake.py",
    "tests/support/built_homes.py",
    "requirements.txt",
)
IGNORED = ("__pycache__", "target", "logs")


def built_home(name: str, make: Callable[[Path], Made]) -> tuple[Path, Made]:
    """Return a home and what making it returned; make it first, where nobody has yet.

    Args:
        name: which home; one maker for each name.
        make: fills and builds the home whose folder it is given; what it returns is pickled.
    """
    cache = Path(os.environ.get("VUOSIKELLO_TEST_CACHE", ROOT / ".test-homes"))
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"{name}-{clock.today():%Y%m%d}-{_hash()[:16]}"
    result = folder / "result.pickle"
    with FileLock(cache / f"{name}.lock"):
        if not result.exists():
            for old in cache.glob(f"{name}-*"):
                shutil.rmtree(old, ignore_errors=True)
            folder.mkdir()
            result.write_bytes(pickle.dumps(make(folder / "home")))
    return folder / "home", pickle.loads(result.read_bytes())


@functools.cache
def _hash() -> str:
    digest = hashlib.sha256()
    for source in SOURCES:
        top = ROOT / source
        files = sorted(top.rglob("*")) if top.is_dir() else [top]
        for file in files:
            if file.is_file() and not set(file.relative_to(ROOT).parts) & set(IGNORED):
                digest.update(f"{file.relative_to(ROOT).as_posix()}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
