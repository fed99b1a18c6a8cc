"""One running Airflow for every scenario of this folder; they follow one another in its one home.

Each scenario has organisations of its own: the burst those of today (hva-01 – hva-21), the
withdrawal hva-90, the held submissions three of 2019; the sign-off looks at the year 2019. All tests
of the folder run in one worker, in the order of their files: each may count on those before it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest

from common.clock import today
from common.home import Home
from expectations.reporting_calendar import OTHER_WINDOWS
from ingest import receiver
from tests.support.airflow_house import EXAMPLE, Api, drop, free_port, log_in, visits, wait_for
from tests.support.built_homes import remember_project
from vuosikello.orchestration import local_airflow

PAUSED = "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION"
AT_ONCE = ("receive_submissions", "held_submissions", "refresh_warehouse", "export_indicators")
# The window has a scenario of its own, the last: a build would change what is to be signed.
WINDOW_DAG = "reporting_window"
YEAR = 2019
# What lies there before Airflow starts: three organisations with whole years, and all of Kainuu's.
ORGANISATIONS = ("essote", "sosteri", "pieksamaki")
WHOLE = 1200


@pytest.fixture(scope="session")
def home(iso_sos: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("airflow-house")).create()
    remember_project(iso_sos, home.root)
    drop(home, [(f"{one}/outreach/{YEAR}.csv", visits(WHOLE, one)) for one in ORGANISATIONS])
    kainuu = sorted((EXAMPLE / "kainuun-sote").glob("*/*.csv"))
    drop(home, [(path.relative_to(EXAMPLE).as_posix(), path.read_bytes()) for path in kainuu])
    received = receiver.receive(home)
    assert len(received) > 20
    assert all(receipt.is_accepted for receipt in received)
    return home


@pytest.fixture(scope="session")
def running(home: Home) -> Iterator[Api]:
    """The embedded Airflow, all components, as ``make up`` starts it; only the window waits.

    The year has a reporting window that has just opened.
    """
    days = [today() + timedelta(days) for days in (-60, -20, -2, -1, 100)]
    windows = home.root / "windows.csv"
    windows.write_text(
        "year,collection_opens,reminders,due,window_opens,results_due\n"
        f"{YEAR},{','.join(map(str, days))}\n",
        encoding="utf-8",
    )
    try:
        with mock.patch.dict(os.environ, {OTHER_WINDOWS: str(windows), PAUSED: "True"}):
            api = log_in(local_airflow.up(home.root, free_port()))
        wait_for("reading of every DAG", lambda: api.dags() >= {*AT_ONCE, WINDOW_DAG}, 120)
        for dag_id in AT_ONCE:
            api.pause(dag_id, is_paused=False)
        yield api
    finally:
        local_airflow.down(home.root, patience=5)
    assert local_airflow.status(home.root) is None
