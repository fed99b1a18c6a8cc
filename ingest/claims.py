"""Claims: whole files taken out of the inbox, each into a folder of its own.

A claim fixes a submission's id, its moment of receipt and its place among all submissions
(:mod:`ingest.arrival_numbers`). The note ``claim.json`` says what the
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
from collections import defaultdict
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
from ingest import arrival_numbers, held, ledger
from ingest.contracts import load_contracts, organisations
from ingest.identity_codes import masked
from ingest.layout import name_layout
from ingest.ledger import Order, Slot
from ingest.periods import Place, is_left_alone, order_in_run, read_path
from ingest.retention import destroy_expired


@dataclass(frozen=True, slots=True)
class Claim:
    """A file taken from the inbox whose receiving has not finished.

    Attributes:
        submission_id: its id.
        folder: where it lies.
        file: its path below the inbox; anything like an identity code is masked.
        received_at: when it was claimed.
        place: what its path says.
        arrival_no: its place among all submissions; None where it was claimed by an older version.
        same_slot: the ids of all files of the same run and slot, in their order; empty where it
            is the only one.
    """

    submission_id: str
    folder: Path
    file: str
    received_at: datetime
    place: Place
    arrival_no: int | None = None
    same_slot: tuple[str, ...] = ()

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
    def order(self) -> Order:
        """The sort key of claims: the order in which they were received."""
        return (self.arrival_no or 0, ledger.timestamp(self.received_at), self.submission_id)


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
    """Take every whole file out of the inbox, in the order of :func:`order_in_run`.

    Args:
        home: the installation.
        settle_seconds: how long a file must be unchanged to count as whole.
        paths: take these files, or the files of these folders, instead. What lies outside the
            inbox is copied and stays where it is; its last three path parts are its place.

    Returns:
        The ids of all unfinished claims, in the order received, including those of killed runs.
        Held submissions are not claims.

    Raises:
        HomeProblem: the home is of another layout than the program's.
    """
    name_layout(home)
    home.create()
    with FileLock(home.locks / "claim.lock"):
        _remove_unfinished(home)
        held.remove_left_over(home)
        destroy_expired(home)
        unfinished = all_claims(home)
        files = (
            _files_of(home, paths)
            if paths is not None
            else ((p, p.relative_to(home.inbox)) for p in _whole_files(home.inbox, settle_seconds))
        )
        _claim_files(home, sorted(files, key=lambda pair: order_in_run(pair[1])), unfinished)
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
        note.get("arrival_no"),
        tuple(note.get("same_slot", ())),
    )


def _remove_unfinished(home: Home) -> None:
    """Remove what a killed run left: claims without a file, and ended ones."""
    for folder in home.claims.iterdir():
        if read_claim(folder) is None:
            shutil.rmtree(folder, ignore_errors=True)


def place_of(relative: PurePath) -> Place:
    """Return what a path below the inbox says, by the contracts and organisations in force."""
    return read_path(relative, frozenset(organisations()), frozenset(load_contracts()))


def _claim_files(home: Home, files: list[tuple[Path, PurePath]], unfinished: list[Claim]) -> None:
    """Claim files, of which there may be none.

    Args:
        home: the installation.
        files: the files in their order, each with its path below the inbox.
        unfinished: the claims that there are; no two claims have the same moment.
    """
    if not files:
        return
    latest = max((one.received_at for one in unfinished), default=None)
    folders = [*(one.folder for one in unfinished), *home.held.glob("*")]
    numbers = arrival_numbers.take(home, len(files), folders)
    of_slot: dict[Slot, list[str]] = defaultdict(list)
    for one in unfinished:
        of_slot[one.slot].append(one.submission_id)
    claims = []
    for number, (path, relative) in zip(numbers, files, strict=True):
        now = clock.now()
        latest = max(now, latest + timedelta(microseconds=1)) if latest else now
        submission_id = str(ULID.from_datetime(latest))
        place = place_of(relative)
        claimed = Claim(
            submission_id, home.claims / submission_id, str(relative), latest, place, number
        )
        if place.problem is None:
            of_slot[claimed.slot].append(submission_id)
        claims.append((path, claimed))
    for path, claimed in claims:
        _claim_file(home, path, claimed, of_slot[claimed.slot])
    sync_folder(home.claims)


def _claim_file(home: Home, path: Path, claimed: Claim, of_slot: list[str]) -> None:
    """Claim one file: write the note, then move the file in one rename.

    Args:
        home: the installation.
        path: the file.
        claimed: the claim that it becomes, with its path below the inbox as it is.
        of_slot: the ids of all files of its slot that are received together.
    """
    claimed.folder.mkdir()
    note: dict[str, object] = {
        "file": os.fsencode(claimed.file).hex(),
        "received_at": ledger.timestamp(claimed.received_at),
        "arrival_no": claimed.arrival_no,
    }
    if len(of_slot) > 1:
        note["same_slot"] = of_slot
    (claimed.folder / "claim.json").write_text(json.dumps(note), encoding="ascii")
    try:
        if path.is_relative_to(home.inbox):
            _move(path, claimed.original)
        else:
            _copy(path, claimed.original)
    except OSError:
        # It disappeared or cannot be moved: the next run tries again.
        shutil.rmtree(claimed.folder, ignore_errors=True)


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
        folders[:] = [name for name in folders if not is_left_alone(name)]
        for name in [*files, *folders]:
            path = Path(parent, name)
            if is_left_alone(name):
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
