"""Homes with a warehouse in them. A build takes many seconds, so the tests share theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from tests.support.built_homes import built_home, remember_project
from tests.support.tiny_lake import Built, build_and_record, fill


@pytest.fixture(scope="session")
def new_home(tmp_path_factory: pytest.TempPathFactory, iso_sos: Path) -> Callable[[], Path]:
    """Make a home that dbt need not read the whole project for again."""

    def make() -> Path:
        home = tmp_path_factory.mktemp("home")
        remember_project(iso_sos, home)
        return home

    return make


@pytest.fixture(scope="session")
def empty(iso_sos: Path) -> Built:
    """A home that nothing was ever sent to, built."""

    def make(home: Path) -> Built:
        remember_project(iso_sos, home)
        return build_and_record(home)

    return built_home("empty", make)[1]


@pytest.fixture(scope="session")
def tiny(iso_sos: Path) -> Built:
    """The home of :func:`fill`, built."""

    def make(home: Path) -> Built:
        remember_project(iso_sos, home)
        fill(home)
        return build_and_record(home)

    return built_home("tiny", make)[1]


@pytest.fixture
def published(tiny: Built) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tiny warehouse, opened as a reader opens it."""
    with tiny.connect() as connection:
        yield connection
