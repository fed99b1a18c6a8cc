"""Airflow reads where it lives when it is first imported: that is set here, and taken back after.

No test module of this folder imports Airflow at its top.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from vuosikello.orchestration.airflow_environment import environment


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one home of these tests: Airflow, once imported, keeps to it."""
    return tmp_path_factory.mktemp("airflow")


@pytest.fixture(scope="module", autouse=True)
def airflow_settings(airflow_home: Path) -> Iterator[None]:
    """Set Airflow's settings for one module at a time, so that no other folder's tests see them."""
    with mock.patch.dict(os.environ, environment(airflow_home)):
        yield
