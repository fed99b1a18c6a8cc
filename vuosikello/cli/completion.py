"""What the shell proposes when a person presses Tab: feeds, organisations, indicators, releases.

Everything is read from files; nothing is computed, and no error is ever shown.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

import ingest

if TYPE_CHECKING:
    from common.home import Home

_INGEST = Path(ingest.__file__).parent


def feeds(incomplete: str) -> list[str]:
    """Return the feeds."""
    return _beginning(incomplete, (path.stem for path in _INGEST.glob("contracts/*.yaml")))


def organisations(incomplete: str) -> list[tuple[str, str]]:
    """Return the organisations with their names."""
    return [(code, name) for code, name in _organisations() if code.startswith(incomplete)]


def areas(incomplete: str) -> list[tuple[str, str]]:
    """Return the country and the organisations with their names."""
    named = [("FI", "Finland"), *_organisations()]
    return [(code, name) for code, name in named if code.startswith(incomplete)]


def indicators(context: typer.Context, incomplete: str) -> list[str]:
    """Return the indicators of the published warehouse."""
    import duckdb

    codes: list[str] = []
    with suppress(duckdb.Error, OSError):
        home = _home(context)
        if home is not None and home.warehouse.is_file():
            with duckdb.connect(str(home.warehouse), read_only=True) as connection:
                query = "SELECT indicator FROM indicators.indicator_catalogue"
                codes = [code for (code,) in connection.execute(query).fetchall()]
    return _beginning(incomplete, codes)


def releases(context: typer.Context, incomplete: str) -> list[str]:
    """Return the releases of the home."""
    home = _home(context)
    return _beginning(incomplete, _folders(home.releases) if home else ())


def held(context: typer.Context, incomplete: str) -> list[str]:
    """Return the submissions that wait for a person."""
    home = _home(context)
    return _beginning(incomplete, _folders(home.held) if home else ())


def _organisations() -> Iterator[tuple[str, str]]:
    with (_INGEST / "codes" / "organisations.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["code"], row["label_en"]


def _home(context: typer.Context) -> Home | None:
    """Return the home that the words so far name, or else the environment; None is unknown."""
    from vuosikello.cli.errors import SettingsError, settings_of

    chosen: Path | None = context.params.get("home")
    parent = context.parent
    while chosen is None and parent is not None:
        chosen = parent.params.get("home")
        parent = parent.parent
    try:
        return settings_of(chosen).folders
    except SettingsError:
        return None


def _folders(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))
