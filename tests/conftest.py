"""What all tests share: quiet tools, and the ISO SOS example received and built once."""

from __future__ import annotations

import json
import os
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.example_home import example_home
from tests.support.places import SUPPORT

os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
os.environ.setdefault("AIRFLOW__USAGE_DATA_COLLECTION__ENABLED", "False")


# Seconds that each test file took when it was last recorded; see pytest_runtest_logreport.
DURATIONS = SUPPORT / "durations.json"
UNKNOWN_SECONDS = 5.0
# Nearly all long files wait for the home of the example. This one does without: it begins first, on a
# worker that would else wait while another makes that home.
WITHOUT_THE_EXAMPLES_HOME = "tests/scenarios/test_main_job.py"
# Folders whose test files share something that is too dear to be made for each worker.
SHARED_HOUSES = ("tests/scenarios/airflow",)
_recorded: Counter[str] = Counter()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that records how long each file takes, and that of a random order."""
    parser.addoption("--record-durations", action="store_true", help=f"write {DURATIONS.name}")
    parser.addoption(
        "--shuffle", metavar="SEED", help="run files, and the tests of each, in a random order"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin the longest files first: the workers then end at about the same time.

    A scenario's tests follow one another; unit tests must not, and ``--shuffle`` shows it.
    """
    if seed := config.getoption("--shuffle"):
        chance = random.Random(seed)
        items.sort(key=lambda item: item.nodeid)
        places = {_file_of(item.nodeid): chance.random() for item in items}
        items.sort(key=lambda item: (places[_file_of(item.nodeid)], chance.random()))
        return
    recorded: dict[str, float] = json.loads(DURATIONS.read_text(encoding="utf-8"))
    seconds: dict[str, float] = defaultdict(float)
    for file in {_file_of(item.nodeid) for item in items}:
        seconds[_scope_of(file)] += recorded.get(file, UNKNOWN_SECONDS)
    seconds[WITHOUT_THE_EXAMPLES_HOME] = float("inf")
    items.sort(key=lambda item: -seconds[_scope_of(item.nodeid)])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give the tests of a file, and those of a folder that shares a house, to one worker."""
    from xdist.scheduler import LoadFileScheduling

    class ByScope(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _scope_of(nodeid)

    return ByScope(config, log)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up what each file takes, set-up included."""
    _recorded[_file_of(report.nodeid)] += report.duration


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what was recorded, if asked for, in the process that saw every test."""
    if session.config.getoption("--record-durations") and "PYTEST_XDIST_WORKER" not in os.environ:
        seconds = {file: round(took, 1) for file, took in sorted(_recorded.items()) if took >= 1}
        DURATIONS.write_text(json.dumps(seconds, indent=1) + "\n", encoding="utf-8")


def _file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def _scope_of(nodeid: str) -> str:
    """The tests that go to one worker, one after another: a file's, or those of a shared house."""
    file = _file_of(nodeid)
    return next((house for house in SHARED_HOUSES if file.startswith(f"{house}/")), file)


@pytest.fixture(scope="module", autouse=True)
def same_environment() -> Iterator[None]:
    """Fail a module that leaves settings behind: they would change what later modules start."""
    before = _settings()
    yield
    assert _settings() == before


def _settings() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("AIRFLOW", "DBT_", "GX_", "VUOSIKELLO"))
    }


@pytest.fixture(scope="session")
def iso_sos() -> Path:
    """The home folder of the example, received and built; only to be read."""
    return example_home()
