"""What Airflow's database remembers by a former path is still found there, for one version."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tests.support.places import ROOT


def import_string(path: str) -> Any:
    """Import what a dotted path names, as Airflow does with what it has kept."""
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


def test_a_remembered_trigger_is_made_again_from_its_former_path() -> None:
    # A running trigger is kept in the database by its class path and its arguments.
    former = import_string("dags.inbox_trigger.InboxTrigger")
    path, arguments = former(home="/srv/vuosikello", settle_seconds=1.0).serialize()
    assert path == "vuosikello.orchestration.inbox_trigger.InboxTrigger"
    assert import_string(path) is former
    assert import_string(path)(**arguments).serialize() == (path, arguments)


def test_a_remembered_deadline_is_called_by_its_former_path() -> None:
    former = import_string("dags.window_steps.deadline_passed")
    assert former is import_string("vuosikello.orchestration.window_tasks.deadline_passed")


def test_the_dags_folder_holds_dags_assets_pools_and_the_former_places_only() -> None:
    texts = {path.name: path.read_text("utf-8") for path in (ROOT / "dags").glob("*.py")}
    others = {name for name, text in texts.items() if "@dag(" not in text}
    assert others == {
        "__init__.py",
        "assets.py",
        "inbox_trigger.py",
        "pools.py",
        "window_steps.py",
    }
    ignored = (ROOT / "dags" / ".airflowignore").read_text(encoding="utf-8").split()
    assert set(ignored) == others
