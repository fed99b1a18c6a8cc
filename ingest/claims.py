"""Claims: whole files taken out of the inbox, each into a folder of its own.

A claim fixes a submission's id and its moment of receipt. The note ``claim.json`` says what the
file is; then the file itself is moved beside it in one rename. A claim folder without the note or
the file does not count, and the next run removes it.

This module must not know what becomes of a claim.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath

from filelock import FileLock
from ulid import ULID

from common import clock
from common.files import atomic_replace, sync_folder
from common.home import Home
from ingest import held, ledger
from ingest.contracts import load_contracts, organisations
from ingest.identity_codes import masked
from ingest.ledger import Slot
from ingest.periods import Place, is_partial, read_path
from ingest.retention import destroy_expired


@dataclass(frozen=True, slots=True)
class Claim:
    """A file taken from the inbox whose receiving has not finished."""

    submission_id: str
    folder: Path
    file: str
    received_at: datetime
    place: Place

    @property
    def original(self) -> Path:
        """The file itself."""
        return self.folder / "original"

    @property
    def work(self) -> Path:
        """The folder that validation writes to."""
        return self.folder / "work"

    @property
    def slot(self) -> Slot:
        """What the submission would replace."""
        period = self.place.period.text if self.place.period else None
        return Slot(self.place.organisation, self.place.feed, period)

    @property
    def order(self) -> tuple[datetime, str]:
        """The sort key of claims: the order in which they were received."""
        return (self.received_at, self.submission_id)


def waiting(home: Home, settle_seconds: float = 0.0) -> bool:
    """Return whether there is anything to receive: a whole file in the inbox, or a claim.

    Args:
        home: the installation.
        settle_seconds: how long a file must be unchanged to count as whole.
    """
    if home.claims.is_dir() and all_claims(home):
        return True
    return next(_whole_files(home.inbox, settle_seconds), None) is not None


def count_waiting(home: Home) -> int:
    """Count the files that wait in the inbox, or are claimed and unfinished."""
    return sum(1 for _ in _whole_files(home.inbox, 0.0)) + len(all_claims(home))


def claim(home: Home, settle_seconds: float = 0.0, paths: list[Path] | None = None) -> list[str]:
    """Take every whole file out of the inbox, in path order.

    Args:
        home: the installation.
        settle_seconds: how long a file must be unchanged to count as whole.
        paths: take these files, or the files of these folders, instead. What lies outside the
            inbox is copied and stays where it is; its last three path parts are its place.

    Returns:
        The ids of all unfinished claims, in the order received, including those of killed runs.
        Held submissions are not claims.
    """
    home.create()
    with FileLock(home.locks / "claim.lock"):
        _remove_unfinished(home)
        held.remove_left_over(home)
        destroy_expired(home)
        latest = max((c.received_at for c in all_claims(home)), default=None)
        files = (
            _files_of(home, paths)
            if paths is not None
            else ((p, p.relative_to(home.inbox)) for p in _whole_files(home.inbox, settle_seconds))
        )
        for path, relative in sorted(files, key=lambda pair: pair[1].parts):
            latest = _claim_file(home, path, relative, latest)
    return [c.submission_id for c in all_claims(home)]


def all_claims(home: Home) -> list[Claim]:
    """Return the unfinished claims, in the order received."""
    claims = (read_claim(folder) for folder in home.claims.iterdir())
    return sorted((one for one in claims if one is not None), key=lambda one: one.order)


def read_claim(folder: Path) -> Claim | None:
    """Read a claim; None where it has ended, or was never complete."""
    if folder.name.startswith("."):
        return None
    try:
        note = json.loads((folder / "claim.json").read_text(encoding="ascii"))
        if not held.is_decided(folder):
            os.lstat(folder / "original")
    except (OSError, ValueError):
        return None
    relative = PurePath(os.fsdecode(bytes.fromhex(note["file"])))
    received_at = datetime.strptime(note["received_at"], "%Y-%m-%dT%H:%M:%S.%fZ")
    return Claim(
        folder.name,
        folder,
        masked(relative.as_posix()),
        received_at.replace(tzinfo=UTC),
        place_of(relative),
    )


def _remove_unfinished(home: Home) -> None:
    """Remove what a killed run left: claims without a file, and ended ones."""
    for folder in home.claims.iterdir():
        if read_claim(folder) is None:
            shutil.rmtree(folder, ignore_errors=True)


def place_of(relative: PurePath) -> Place:
    """Return what a path below the inbox says, by the contracts and organisations in force."""
    return read_path(relative, frozenset(organisations()), frozenset(load_contracts()))


def _claim_file(home: Home, path: Path, relative: PurePath, latest: datetime | None) -> datetime:
    """Claim one file: write the note, then move the file in one rename.

    Args:
        home: the installation.
        path: the file.
        relative: its path below the inbox, or what stands for it.
        latest: when the claim before was received; claims never have the same moment.

    Returns:
        When it was received; ``latest`` where it could not be claimed.
    """
    now = clock.now()
    received_at = max(now, latest + timedelta(microseconds=1)) if latest else now
    submission_id = str(ULID.from_datetime(received_at))
    folder = home.claims / submission_id
    folder.mkdir()
    note = {"file": os.fsencode(str(relative)).hex(), "received_at": ledger.timestamp(received_at)}
    (folder / "claim.json").write_text(json.dumps(note), encoding="ascii")
    original = folder / "original"
    try:
        if path.is_relative_to(home.inbox):
            _move(path, original)
        else:
            _copy(path, original)
    except OSError:
        # It disappeared or cannot be moved: the next run tries again.
        shutil.rmtree(folder, ignore_errors=True)
        return latest or received_at
    sync_folder(home.claims)
    return received_at


def _move(path: Path, target: Path) -> None:
    try:
        path.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:  # the inbox is on another file system
            raise
        _copy(path, target)
        path.unlink()


def _copy(path: Path, target: Path) -> None:
    if not path.is_file() or path.is_symlink():
        raise OSError(f"{path} is not a regular file")
    with atomic_replace(target) as draft:
        shutil.copyfile(path, draft)


def _files_of(home: Home, paths: list[Path]) -> Iterator[tuple[Path, PurePath]]:
    for given in paths:
        path = given.absolute()
        if path.is_relative_to(home.inbox.absolute()):
            inside = home.inbox / path.relative_to(home.inbox.absolute())
            files = _whole_files(inside, 0.0) if inside.is_dir() else iter([inside])
            yield from ((file, file.relative_to(home.inbox)) for file in files)
        elif path.is_dir():
            yield from ((file, PurePath(*file.parts[-3:])) for file in _whole_files(path, 0.0))
        else:
            yield path, PurePath(*path.parts[-3:])


def _whole_files(folder: Path, settle_seconds: float) -> Iterator[Path]:
    """Yield the whole files below a folder, and anything else that stands in the place of a file.

    A file is whole when no process writes to it. An empty folder in the place of a file is yielded
    too, and refused later.
    """
    quiet_since = clock.now().timestamp() - settle_seconds
    for parent, folders, files in os.walk(folder):
        depth = len(Path(parent).relative_to(folder).parts)
        folders[:] = [name for name in folders if not is_partial(name)]
        for name in [*files, *folders]:
            path = Path(parent, name)
            if is_partial(name):
                continue
            with suppress(FileNotFoundError, PermissionError):
                status = path.lstat()
                if name in folders and stat.S_ISDIR(status.st_mode):
                    if depth >= 2 and not any(path.iterdir()):
                        yield path
                elif status.st_mtime <= quiet_since and not _is_being_written(path, status):
                    yield path


def _is_being_written(path: Path, status: os.stat_result) -> bool:
    """Return whether a process has a file open for writing, where the kernel can say so."""
    if not stat.S_ISREG(status.st_mode):
        return False
    try:
        import fcntl

        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except (ImportError, OSError):
        return False
    try:
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
    return False
