"""Homes with a warehouse in them. A build takes many seconds, so the tests share theirs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from vuosikello.warehouse import build

sys.path.insert(0, str(Path(__file__).parent))

from tiny_lake import Built, fill


@pytest.fixture(scope="session")
def new_home(tmp_path_factory: pytest.TempPathFactory, iso_sos: Path) -> Callable[[], Path]:
    """Make a home that dbt need not read the whole project for again."""

    def make() -> Path:
        home = tmp_path_factory.mktemp("home")
        shutil.copytree(iso_sos / "build" / "dbt", home / "build" / "dbt")
        return home

    return make


@pytest.fixture(scope="session")
def empty(new_home: Callable[[], Path]) -> Built:
    """A home that nothing was ever sent to, built."""
    home = new_home()
    told: list[tuple[int, int, str]] = []
    result = build.build(home, progress=lambda *step: told.append(step))
    return Built(home, result, told)


@pytest.fixture(scope="session")
def tiny(new_home: Callable[[], Path]) -> Built:
    """The home of :func:`fill`, built."""
    home = new_home()
    fill(home)
    told: list[tuple[int, int, str]] = []
    result = build.build(home, progress=lambda *step: told.append(step))
    return Built(home, result, told)


@pytest.fixture
def published(tiny: Built) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tiny warehouse, opened as a reader opens it."""
    with tiny.connect() as connection:
        yield connection
