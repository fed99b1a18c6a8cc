"""The environment of Airflow's processes keeps what is set, and adds what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from vuosikello.orchestration import airflow_environment
from vuosikello.orchestration.airflow_environment import AirflowProblem, environment

ROOT = str(Path(__file__).resolve().parents[3])


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (None, ROOT),
        ("", ROOT),
        ("/opt/other", f"{ROOT}:/opt/other"),
        (f"/opt/other:{ROOT}", f"/opt/other:{ROOT}"),
        (f"{ROOT}-old", f"{ROOT}:{ROOT}-old"),
        (f"{ROOT}/lib:/opt/other", f"{ROOT}:{ROOT}/lib:/opt/other"),
    ],
)
def test_the_packages_are_found_whatever_folder_has_a_similar_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, present: str | None, expected: str
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    if present is not None:
        monkeypatch.setenv("PYTHONPATH", present)
    assert environment(tmp_path)["PYTHONPATH"] == expected


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
@pytest.mark.parametrize(
    ("present", "expected"),
    [
        ("intra.example.fi", "127.0.0.1,localhost,intra.example.fi"),
        ("127.0.0.1, localhost", "127.0.0.1, localhost"),
        ("localhost", "127.0.0.1,localhost"),
        ("127.0.0.1,localhost.example.fi", "localhost,127.0.0.1,localhost.example.fi"),
        ("127.0.0.1,localhosts", "localhost,127.0.0.1,localhosts"),
    ],
)
def test_no_proxy_is_asked_for_this_machine_whatever_name_is_similar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, present: str, expected: str
) -> None:
    monkeypatch.setenv(name, present)
    assert environment(tmp_path)[name] == expected


def test_a_missing_package_is_advised_with_what_can_be_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(airflow_environment.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(AirflowProblem, match="install Vuosikello again"):
        airflow_environment.dags_folder()
