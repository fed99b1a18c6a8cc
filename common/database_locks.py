"""Who holds a DuckDB file that cannot be opened, in a sentence.

DuckDB lets one process open a file for writing, or many for reading. One that opened the published
warehouse for writing keeps all others out until it closes; DuckDB's error names its process id.
"""

from __future__ import annotations

import re

import psutil

_LOCKED = re.compile(r'Could not set lock on file "(?P<file>[^"]+)"')
_HOLDER = re.compile(r"\(PID (?P<pid>\d+)\)")


def lock_message(error: BaseException) -> str | None:
    """Say who holds a database file and what to do.

    Args:
        error: what was raised when the file was opened, or an error that was caused by it.

    Returns:
        The file, the process (id, name, user) and the remedy; None where the error, and what
        caused it, is not that another process holds a file.
    """
    cause: BaseException | None = error
    while cause is not None:
        text = str(cause)
        if locked := _LOCKED.search(text):
            holder = _HOLDER.search(text)
            return (
                f"{locked['file']} is held by {_process(int(holder['pid']) if holder else None)}, "
                "which has opened it for writing. Close it there, or open it there only to read: "
                f"duckdb.connect({locked['file']!r}, read_only=True), or duckdb -readonly."
            )
        cause = cause.__cause__ or cause.__context__
    return None


def _process(pid: int | None) -> str:
    if pid is None:
        return "another process"
    try:
        process = psutil.Process(pid)
        return f"{process.name()} (process {pid} of user {process.username()})"
    except psutil.Error:  # it has ended, or it is another user's and nothing is known of it
        return f"process {pid}"
