"""A small SQLAlchemy dialect through which Great Expectations reads a DuckDB file.

Great Expectations fetches a query's rows after it has closed the connection, when DuckDB's own
unbuffered result is gone: here a cursor takes its rows the moment a statement is executed. The
file is attached read-only to an in-memory DuckDB of the validation's own, so that neither another
process nor another connection of this process is ever kept from it, whatever its settings.

The dialect knows nothing of the checks. Its URL is ``duckdb+gx:///:memory:``; the file goes into
``connect_args`` (see `connect_arguments`), where a path needs no quoting.
"""

from __future__ import annotations

import os
import tempfile
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import duckdb
import duckdb_engine
from sqlalchemy.dialects import registry

from common.sql import identifier, literal

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection

URL = "duckdb+gx:///:memory:"
_TAKEN_NAMES = frozenset({"memory", "system", "temp"})


def connect_arguments(warehouse: Path) -> dict[str, Any]:
    """Return the ``connect_args`` that open a warehouse file read-only.

    Args:
        warehouse: an existing DuckDB file.
    """
    return {"attached": str(warehouse.absolute())}


class BufferedCursor(duckdb_engine.CursorWrapper):
    """A cursor that holds its result, so that it outlives the connection."""

    def __init__(self, raw: duckdb.DuckDBPyConnection, connection: BufferedConnection) -> None:
        """Wrap the DuckDB connection that the statements run on."""
        super().__init__(raw, connection)
        self._raw = raw
        self._rows: deque[tuple[Any, ...]] = deque()
        self._description: Any = None

    def execute(self, statement: str, parameters: Any = None, context: Any = None) -> None:
        """Run one statement and take all its rows."""
        super().execute(statement, parameters, context)
        self._description = self._raw.description
        self._rows = deque(self._raw.fetchall() if self._description else ())

    @property
    def description(self) -> Any:
        """The columns of the last result, as DB-API says."""
        return self._description

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row, or None."""
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """Return the next ``size`` rows, or what is left."""
        return [self._rows.popleft() for _ in range(min(size or 1, len(self._rows)))]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows that are left."""
        rows = list(self._rows)
        self._rows.clear()
        return rows


class BufferedConnection(duckdb_engine.ConnectionWrapper):
    """A connection whose cursors hold their results."""

    def __init__(self, raw: duckdb.DuckDBPyConnection) -> None:
        """Wrap a DuckDB connection."""
        super().__init__(raw)
        self._raw = raw

    def cursor(self) -> BufferedCursor:
        """Open a cursor."""
        return BufferedCursor(self._raw, self)


class Dialect(duckdb_engine.Dialect):
    """DuckDB for Great Expectations: read-only and buffered."""

    supports_statement_cache = False

    def connect(self, *_arguments: Any, **options: Any) -> DBAPIConnection:
        """Open an in-memory DuckDB that sees the file ``attached`` and cannot write to it.

        The file keeps the catalog name that it has when it is opened by itself, since a view may
        name its catalog.
        """
        attached: str = options["attached"]
        # What does not fit into memory must not spill into the folder a person happens to be in.
        spill = Path(tempfile.gettempdir()) / f"vuosikello-validation-{os.getpid()}"
        raw = duckdb.connect(":memory:", config={"temp_directory": str(spill)})
        name = Path(attached).stem
        catalog = identifier(f"{name}_file" if name in _TAKEN_NAMES else name)
        raw.execute(f"ATTACH {literal(attached)} AS {catalog} (READ_ONLY)")
        raw.execute(f"USE {catalog}")
        return cast("DBAPIConnection", BufferedConnection(raw))


def register() -> None:
    """Make the URL scheme ``duckdb+gx`` known to SQLAlchemy."""
    registry.register("duckdb.gx", __name__, "Dialect")
