"""What was published before: the values of warehouses that a build with other definitions replaced.

A build replaces the published warehouse. When the new one was built by other models or code lists,
the values and the catalogue of the old one are copied first, so that published can be compared with
published: built again, the earlier values would have today's definitions. Every replacement is one
line of ``<home>/published/log.jsonl``; the copies are beside it.

This module knows when which warehouse was published; it compares nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from common import clock
from common.files import atomic_replace
from common.home import Home
from common.jsonl import append_line, whole_lines
from common.sql import identifier, literal

# What is copied: enough to say which value was published and by which version of its definition.
_COPIED = (
    ("indicators", "indicator_values"),
    ("indicators", "indicator_catalogue"),
    ("staging", "build_info"),
)

_BUILD = """
    select built_at, greatest(built_at, newest_known_at) as known_at, project_hash, code_version
    from staging.build_info
    where as_of is null
"""


@dataclass(frozen=True, slots=True)
class Publication:
    """A warehouse that is or was published.

    Attributes:
        built_at: when its build began (UTC).
        known_at: the moment whose knowledge it shows (UTC): a build that is as of this moment
            knows the same submissions.
        replaced_at: when another took its place (UTC); None: it is published now.
        project_hash: of the models and code lists that it was built by.
        code_version: the version of Vuosikello.
        values: the copy of its values; None: they were not kept, since the warehouse that took its
            place was built by the same models and code lists, or since it is published now.
    """

    built_at: datetime
    known_at: datetime
    replaced_at: datetime | None
    project_hash: str
    code_version: str
    values: Path | None


def keep_replaced(home: Home, next_project_hash: str) -> None:
    """Note that the published warehouse is about to be replaced, and keep its values if need be.

    A build calls this under its lock, just before it publishes. Called again before the same
    warehouse is replaced, it keeps the same.

    Args:
        home: the installation's home.
        next_project_hash: of the models and code lists of the warehouse that takes its place.

    Raises:
        duckdb.Error: the published warehouse cannot be read, or the copy not written.
        OSError: the copy or the line cannot be written.
    """
    current = _current(home)
    if current is None:
        return
    home.published.mkdir(parents=True, exist_ok=True)
    values = None
    if current.project_hash != next_project_hash:
        values = home.published / f"{current.built_at:%Y-%m-%dT%H%M%S.%fZ}.duckdb"
        with atomic_replace(values) as draft:
            _copy(home.warehouse, draft)
    append_line(
        home.published / "log.jsonl",
        {
            "built_at": current.built_at.isoformat(),
            "known_at": current.known_at.isoformat(),
            "replaced_at": clock.now().isoformat(),
            "project_hash": current.project_hash,
            "code_version": current.code_version,
            "values": values.name if values else None,
        },
    )


def publications(home: Home) -> list[Publication]:
    """Return what is known to have been published, oldest first; the last is published now."""
    lines = whole_lines(home.published / "log.jsonl")
    # A build that was killed before it published has left a line; the next build wrote another.
    replaced = {line["built_at"]: _of_line(home, line) for line in lines}
    current = _current(home)
    if current is not None:
        replaced.pop(current.built_at.isoformat(), None)
    found = sorted(replaced.values(), key=lambda one: one.built_at)
    return [*found, current] if current is not None else found


def published_at(known: Sequence[Publication], moment: datetime) -> Publication | None:
    """Return the warehouse that was published at a moment; None where that is not known.

    Args:
        known: what :func:`publications` returned.
        moment: with a time zone.
    """
    since: datetime | None = None
    for one in known:
        start = max(since or one.built_at, one.built_at)
        if start <= moment and (one.replaced_at is None or moment < one.replaced_at):
            return one
        since = one.replaced_at
    return None


def _current(home: Home) -> Publication | None:
    if not home.warehouse.is_file():
        return None
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        try:
            row = connection.execute(_BUILD).fetchone()
        except (duckdb.CatalogException, duckdb.BinderException):
            return None  # an earlier version did not note it
    if row is None:
        return None
    built_at, known_at, project_hash, code_version = row
    return Publication(
        built_at.replace(tzinfo=UTC),
        known_at.replace(tzinfo=UTC),
        None,
        project_hash,
        code_version,
        None,
    )


def _of_line(home: Home, line: Mapping[str, Any]) -> Publication:
    values = home.published / line["values"] if line["values"] else None
    return Publication(
        datetime.fromisoformat(line["built_at"]),
        datetime.fromisoformat(line["known_at"]),
        datetime.fromisoformat(line["replaced_at"]),
        line["project_hash"],
        line["code_version"],
        values if values is not None and values.is_file() else None,
    )


def _copy(warehouse: Path, copy: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(warehouse)} as published (read_only)")
        connection.execute(f"attach {literal(copy)} as copy")
        for schema, table in _COPIED:
            connection.execute(f"create schema if not exists copy.{identifier(schema)}")
            connection.execute(
                f"create table {identifier('copy', schema, table)} as "
                f"from {identifier('published', schema, table)}"
            )
        connection.execute("detach copy")
    copy.chmod(0o444)
