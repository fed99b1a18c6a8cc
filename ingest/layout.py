"""The layout of a home: which version it has, and taking an older one over to this program's.

``VERSION`` in the home names the layout. Layout 1 had no such file and kept client ids as they
were sent; layout 2 holds their pseudonyms. :func:`upgrade` rewrites each Parquet file in one
rename, leaves the ledger as it is, and names the layout last: killed at any step, it goes on where
it stopped. What is a pseudonym already is left alone, so it may be repeated.

This module must not know the warehouse beyond its path: it is built anew from the lake.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import duckdb
from filelock import FileLock

from common.files import atomic_replace, write_text
from common.home import LAYOUT, Home
from common.sql import identifier, literal
from ingest import ledger
from ingest.contracts import Kind, load_contracts
from ingest.identity_codes import MASK
from ingest.keys import PseudonymKey, pseudonym_key
from ingest.readers.cleaning import cleaned_sql
from ingest.value_sql import identifier_message, pseudonym

# The one column that layout 1 kept as it was sent: every other identifier has been a pseudonym from
# the first version of its contract on.
KEPT_AS_SENT = "client_id"
PSEUDONYM = "k[0-9a-f]{8}:[0-9a-f]{64}"
# The folders of rows, each with any depth of folders below it.
_PARQUET = "**/*.parquet"


class HomeProblem(Exception):
    """The home is of another layout than the program's; the text says what to do."""


def layout_of(home: Home) -> int:
    """Return the layout of a home; one without files is of this program's.

    Raises:
        HomeProblem: the home does not say it in a way that this program reads.
    """
    if home.version.is_file():
        text = home.version.read_text(encoding="ascii", errors="replace").strip()
        if not text.isdecimal():
            raise HomeProblem(f"{home.version} does not name a layout. Restore it from a back-up.")
        return int(text)
    return 1 if _was_filled_by_version_1(home) else LAYOUT


def require_current(home: Home) -> None:
    """Stop where a home is of another layout.

    Raises:
        HomeProblem: it is older, or newer than this program; the text says what to do.
    """
    layout = layout_of(home)
    if layout < LAYOUT:
        raise HomeProblem(
            f"The home {home.root} was made by an older version of the program. "
            "Take it over: vuosikello upgrade"
        )
    if layout > LAYOUT:
        raise HomeProblem(
            f"The home {home.root} was made by a newer version of the program (layout {layout}, "
            f"this program knows {LAYOUT}). Install the newer version."
        )


def name_layout(home: Home) -> None:
    """Write the layout into a home of this program's layout that does not name it yet.

    Raises:
        HomeProblem: the home is of another layout.
    """
    require_current(home)
    if not home.version.is_file():
        home.root.mkdir(parents=True, exist_ok=True)
        write_text(home.version, f"{LAYOUT}\n")


def upgrade(home: Home, progress: Callable[[int, int, str], None] | None = None) -> int:
    """Take a home over to this program's layout; it may be repeated.

    Args:
        home: the installation. Nothing else may receive or build meanwhile.
        progress: called before each file with how many are done, how many there are and its name.

    Returns:
        How many files were rewritten.

    Raises:
        HomeProblem: the home is newer than the program, a file of it cannot be read, or its rows
            were received under another key of pseudonyms.
        KeyProblem: the key of pseudonyms cannot be used.
    """
    home.locks.mkdir(parents=True, exist_ok=True)
    with FileLock(home.locks / "upgrade.lock"):
        layout = layout_of(home)
        if layout >= LAYOUT:
            name_layout(home)
            return 0
        key = _key_of(home)
        _remove_drafts(home)
        paths = list(_files_with_ids(home))
        for done, path in enumerate(paths):
            if progress:
                progress(done, len(paths), path.relative_to(home.root).as_posix())
            _rewrite(path, key)
        # Both hold client ids as they were sent, and are built anew from the lake.
        home.warehouse.unlink(missing_ok=True)
        for folder in (home.as_of, home.build):
            with suppress(FileNotFoundError):
                shutil.rmtree(folder)
        write_text(home.version, f"{LAYOUT}\n")
        return len(paths)


def _key_of(home: Home) -> PseudonymKey:
    """Return the key of pseudonyms, if the home was filled under it.

    Under another one the clients of before and of after would never be the same again.
    """
    key = pseudonym_key(home)
    known = {str(event["key_id"]) for event in ledger.events(home) if event.get("key_id")}
    if known and key.id not in known:
        if key.created_at:
            key.created_at.unlink()
        raise HomeProblem(
            f"The key of pseudonyms is not the one under which {home.root} was filled "
            f"({', '.join(sorted(known))}). Set VUOSIKELLO_PSEUDONYM_KEY_FILE as for receiving, or "
            f"restore {home.keys / 'pseudonym.key'}, and upgrade again."
        )
    return key


def _was_filled_by_version_1(home: Home) -> bool:
    """Whether a home has submissions whose client ids were kept as they were sent."""
    feeds = {
        feed
        for feed, contract in load_contracts().items()
        if any(column.kind is Kind.ID for column in contract.columns)
    }
    of_version_1 = any(
        event.get("feed") in feeds and _is_version_1(event.get("contract_version"))
        for event in ledger.events(home)
    )
    return of_version_1 or next(_held_rows(home), None) is not None


def _is_version_1(version: object) -> bool:
    first = str(version or "").split(".")[0]
    return first.isdecimal() and int(first) < LAYOUT


def _files_with_ids(home: Home) -> Iterator[Path]:
    """Yield the files in which client ids stand as they were sent, by path."""
    for folder in (home.accepted, home.rejected):
        yield from (path for path in sorted(folder.glob(_PARQUET)) if _has_ids(path))
    yield from _held_rows(home)


def _held_rows(home: Home) -> Iterator[Path]:
    """Yield the files of held submissions and of claims in which ids stand as they were sent."""
    for folder in (home.held, home.claims):
        yield from (
            path
            for path in sorted(folder.glob("*/work/*.parquet"))
            if path.name in ("accepted.parquet", "rejected.parquet", "candidate.parquet")
            # A claim that was killed while it was written is validated again from its file.
            and _has_ids(path, may_be_broken=folder == home.claims)
        )


def _has_ids(path: Path, *, may_be_broken: bool = False) -> bool:
    """Whether a file has a client id that is neither a pseudonym nor masked.

    Raises:
        HomeProblem: it cannot be read, though it was written whole.
    """
    with duckdb.connect() as connection:
        try:
            (found,) = connection.execute(
                f"SELECT count(*) FROM (SELECT {KEPT_AS_SENT} FROM read_parquet({literal(path)}) "
                f"WHERE {_is_as_sent()} LIMIT 1)"
            ).fetchone() or (0,)
        except duckdb.BinderException:  # no such column
            return False
        except duckdb.Error:
            if may_be_broken:
                return False
            raise HomeProblem(
                f"{path} cannot be read, so that nobody can tell whether it holds client ids. "
                "Restore it from a back-up, and upgrade again."
            ) from None
    return bool(found)


def _is_as_sent() -> str:
    name = identifier(KEPT_AS_SENT)
    return (
        f"{name} IS NOT NULL AND {name} <> {literal(MASK)} "
        f"AND NOT regexp_full_match({name}, {literal(PSEUDONYM)})"
    )


def _rewrite(path: Path, key: PseudonymKey) -> None:
    """Replace the client ids of a file, its rows in their order, in one rename."""
    column = load_contracts()["clients"].column(KEPT_AS_SENT)
    # As it would be read today: version 1 did not make one form of every letter.
    clean = f"({cleaned_sql(KEPT_AS_SENT, None)})"
    message = identifier_message(column, clean).replace("$organisation", "organisation")
    value = f"CASE WHEN {_is_as_sent()} THEN {pseudonym(message)} ELSE {KEPT_AS_SENT} END"
    with duckdb.connect() as connection, atomic_replace(path) as draft:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(
            f"COPY (SELECT * REPLACE ({value} AS {KEPT_AS_SENT}) "
            f"FROM read_parquet({literal(path)})) "
            f"TO {literal(draft)} (FORMAT parquet, COMPRESSION zstd, WRITE_BLOOM_FILTER false)",
            {"inner": key.inner, "outer": key.outer, "key_id": key.id},
        )
        draft.chmod(path.stat().st_mode & 0o777)


def _remove_drafts(home: Home) -> None:
    """Remove what a killed upgrade left beside the files that it rewrote."""
    for folder in (home.accepted, home.rejected, home.held, home.claims):
        for draft in folder.glob("**/.*.parquet.*"):
            draft.unlink(missing_ok=True)
