"""Receiving submissions: from a file in the inbox to the lake, the ledger and a receipt.

The algorithm, in the order of its steps:

1. *Claim.* Whole files are taken out of the inbox in path order, each by one rename into a folder
   of its own under ``claims/``. That fixes the submission's id and its moment of receipt.
2. *Judge.* The claimed file is read, checked and pseudonymised into the claim's work folder.
3. *Lay down.* Accepted rows, rejected rows and the encrypted original get their final names.
   Nobody reads them yet: only what the ledger names exists.
4. *Commit.* One line is appended to the ledger. Before it the submission has not happened; after
   it, it has.
5. *Finish.* The receipt gets its final name and the claim is removed.

A submission that would change a year's volume more than usual pauses after step 2: its claim moves
to the held ones in one rename, and back when a person has decided; steps 3 to 5 follow then, under
the same id. Submissions that arrive meanwhile do not wait for it. What is received later for the
same period has the last word: it closes what is held, unless it is itself refused.

Killed before step 4, the next run judges the same claim anew, under the same id; killed after it,
the next run finishes. Every step may be repeated. Claims of one organisation and feed are received
one after another, and of one period in the order claimed; all others in parallel.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath
from typing import Any

import pyrage
from filelock import FileLock
from ulid import ULID

from common import clock
from common.files import atomic_replace, publish, sync_folder
from common.home import Home
from common.progress import Progress
from ingest import held as holding
from ingest import ledger, receipts, volume
from ingest.contracts import Contract, load_contracts, organisations
from ingest.held import Decided, Decision
from ingest.identity_codes import masked
from ingest.keys import PseudonymKey, ephemeral_key, originals_recipient, pseudonym_key
from ingest.ledger import Slot
from ingest.periods import Place, is_partial, read_path
from ingest.readers import Problem, fingerprint
from ingest.receipts import Receipt, Status
from ingest.retention import destroy_expired
from ingest.validate import Limits, Outcome, SubmittedFile, refusal, validate

TEXT_FORMATS = ("csv", "jsonl")
# From so many bytes on, the original is encrypted while the engine works.
LARGE = 1 << 24


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
        """Where the outcome is written."""
        return self.folder / "work"

    @property
    def slot(self) -> Slot:
        """What the submission would replace."""
        period = self.place.period.text if self.place.period else None
        return Slot(self.place.organisation, self.place.feed, period)

    @property
    def order(self) -> tuple[datetime, str]:
        """Where the claim stands among others."""
        return (self.received_at, self.submission_id)


def waiting(home: Home, settle_seconds: float = 0.0) -> bool:
    """Tell whether anything is there to receive: a whole file in the inbox, or a claim.

    Args:
        home: the installation.
        settle_seconds: how long a file must have lain unchanged to be thought whole.
    """
    if home.claims.is_dir() and any(home.claims.iterdir()):
        return True
    return next(_whole_files(home.inbox, settle_seconds), None) is not None


def count_waiting(home: Home) -> int:
    """Count the files that wait in the inbox, or are claimed and unfinished."""
    return sum(1 for _ in _whole_files(home.inbox, 0.0)) + len(_claims(home))


def claim(home: Home, settle_seconds: float = 0.0, paths: list[Path] | None = None) -> list[str]:
    """Take every whole file out of the inbox, in path order.

    Args:
        home: the installation.
        settle_seconds: how long a file must have lain unchanged to be thought whole.
        paths: take these files, or the files of these folders, instead. What lies outside the
            inbox is copied and stays where it is; its last three path parts say what it is.

    Returns:
        The ids of all unfinished claims, in the order received, those of killed runs included.
        Held submissions are none.
    """
    home.create()
    with FileLock(home.locks / "claim.lock"):
        _sweep(home)
        holding.sweep(home)
        destroy_expired(home)
        latest = max((c.received_at for c in _claims(home)), default=None)
        found = (
            _given(home, paths)
            if paths is not None
            else ((p, p.relative_to(home.inbox)) for p in _whole_files(home.inbox, settle_seconds))
        )
        for path, relative in sorted(found, key=lambda pair: pair[1].parts):
            latest = _take(home, path, relative, latest)
    return [c.submission_id for c in _claims(home)]


def receive_one(home: Home, submission_id: str, limits: Limits | None = None) -> Receipt:
    """Receive one claimed file; safe to repeat and safe beside others.

    Claims of the same slot that came before it are received first.

    Args:
        home: the installation.
        submission_id: as :func:`claim` returned it.
        limits: what receiving may use.

    Returns:
        The receipt; one of the status ``held``, of which no file is kept, if it waits for a person.

    Raises:
        LookupError: there is neither a claim nor a receipt of that id.
    """
    claimed = _read_claim(home.claims / submission_id)
    if claimed is None:
        return _receipt(home, submission_id)
    with _slot_lock(home, claimed.slot):
        for earlier in _claims(home):
            if earlier.slot == claimed.slot and earlier.order <= claimed.order:
                _receive(home, earlier, limits or Limits())
        return _receipt(home, submission_id)


def held(home: Home) -> list[Receipt]:
    """Return the receipts of the submissions that wait for a person, in the order received."""
    return holding.waiting(home)


def accept_held(home: Home, submission_id: str, *, by: str, reason: str | None = None) -> Receipt:
    """Let a held submission in, as a person decided.

    It stands where it would have stood had it not been held: among others by the moment it was
    received. Known it is from now on.

    Args:
        home: the installation.
        submission_id: which.
        by: who decided.
        reason: why, in a person's words; what looks like an identity code is left out.

    Returns:
        Its receipt.

    Raises:
        NotHeld: it does not wait for a person, or no longer.
        ValueError: nobody is named.
    """
    return _decide(home, submission_id, holding.decision_of(True, by, reason))


def refuse_held(home: Home, submission_id: str, *, by: str, reason: str) -> Receipt:
    """Refuse a held submission, as a person decided; what was accepted before stays in force.

    Args:
        home: the installation.
        submission_id: which.
        by: who decided.
        reason: why, in a person's words; what looks like an identity code is left out.

    Returns:
        Its receipt.

    Raises:
        NotHeld: it does not wait for a person, or no longer.
        ValueError: nobody is named, or no reason is given.
    """
    return _decide(home, submission_id, holding.decision_of(False, by, reason))


def receive(
    home: Home,
    paths: list[Path] | None = None,
    *,
    limits: Limits | None = None,
    settle_seconds: float = 0.0,
    progress: Progress | None = None,
) -> list[Receipt]:
    """Receive these files, or all in the inbox, in path order.

    Args:
        home: the installation.
        paths: files or folders; None is the inbox.
        limits: what receiving may use.
        settle_seconds: how long a file must have lain unchanged to be thought whole.
        progress: called before each file with how many are done, how many there are, and which.

    Returns:
        The receipts, in the order received.
    """
    ids = claim(home, settle_seconds, paths)
    received = []
    for done, submission_id in enumerate(ids):
        if progress:
            claimed = _read_claim(home.claims / submission_id)
            progress(done, len(ids), claimed.file if claimed else "")
        received.append(receive_one(home, submission_id, limits))
    # What was held may have been closed by a later file since.
    return [
        _receipt(home, one.submission_id) if one.status is Status.HELD else one for one in received
    ]


def check(
    path: Path,
    *,
    feed: str,
    organisation: str,
    period: str,
    home: Home | None = None,
    limits: Limits | None = None,
) -> tuple[Receipt, str]:
    """Judge a file as :func:`receive` would and keep nothing.

    Args:
        path: the file; its extension tells the format.
        feed: the feed it is for.
        organisation: who would submit it.
        period: the period it would be for.
        home: the installation that tells what it would replace; nothing is written there.
        limits: what may be used.

    Returns:
        The receipt, and the table of all errors as CSV text.
    """
    name = f"{period}{path.suffix}"
    with tempfile.TemporaryDirectory(prefix="vuosikello-") as folder:
        claimed = Claim(
            str(ULID()),
            Path(folder),
            masked(path.name),
            clock.now(),
            _place(PurePath(organisation, feed, name)),
        )
        claimed.work.mkdir()
        receipt, outcome = _judged(claimed, path, ephemeral_key(), limits or Limits(), home)
        errors = outcome.errors.read_text(encoding="utf-8") if outcome.errors else ""
    return receipt, errors


def _receive(home: Home, claimed: Claim, limits: Limits) -> None:
    """Take one claim through judging, laying down, commit and finish, or to the held ones."""
    if ledger.find(home, claimed.slot, claimed.submission_id) is None:
        decided = holding.decided(claimed.folder)
        if decided is not None:
            receipt, outcome = _settled(claimed, decided, home)
            key_id = decided.key_id
        else:
            shutil.rmtree(claimed.work, ignore_errors=True)
            claimed.work.mkdir()
            key = pseudonym_key(home)
            receipt, outcome = _judged(
                claimed, claimed.original, key, limits, home, lambda: _encrypt(home, claimed)
            )
            key_id = key.id
            _close_earlier(home, claimed, receipt, limits)
            if receipt.status is Status.HELD:
                assert outcome.accepted is not None
                outcome.accepted.rename(_accepted(claimed))
                _encrypt(home, claimed)
                holding.hold(home, claimed.folder, receipt, key_id)
                return
        lake_path = _lay_down(home, claimed, receipt, outcome)
        ledger.append(home, claimed.slot, _event(claimed, receipt, lake_path, key_id))
    _finish(home, claimed)


def _accepted(claimed: Claim) -> Path:
    """Where the rows of a held submission wait that would be accepted."""
    return claimed.work / "accepted.parquet"


def _decide(home: Home, submission_id: str, decision: Decision) -> Receipt:
    waiting_one = holding.find(home, submission_id)
    if waiting_one is None:
        if submission_id.isalnum() and holding.is_decided(home.claims / submission_id):
            # Decided a moment ago: somebody else's decision comes to its end first.
            receive_one(home, submission_id)
        raise holding.not_held(home, submission_id)
    slot = Slot(waiting_one.organisation, waiting_one.feed, waiting_one.period)
    with _slot_lock(home, slot):
        _settle(home, submission_id, decision, Limits())
    return _receipt(home, submission_id)


def _settle(home: Home, submission_id: str, decision: Decision, limits: Limits) -> None:
    """Take a held submission to its end; its slot is locked."""
    claimed = _read_claim(holding.resume(home, submission_id, decision))
    assert claimed is not None
    _receive(home, claimed, limits)


def _close_earlier(home: Home, claimed: Claim, receipt: Receipt, limits: Limits) -> None:
    """Refuse what is held of the same slot, where a later submission has taken its place.

    A refused one takes no place, and neither does one more copy of what is held.
    """
    is_copy = any(finding.rule == "duplicate_of_held" for finding in receipt.errors)
    if receipt.status is Status.REFUSED or is_copy:
        return
    order = (receipt.received_at, receipt.submission_id)
    for one in holding.waiting(home, claimed.slot):
        if (one.received_at, one.submission_id) < order:
            _settle(home, one.submission_id, holding.replaced(), limits)


def _settled(claimed: Claim, decided: Decided, home: Home) -> tuple[Receipt, Outcome]:
    """Return what a held submission's outcome is after a decision; may be repeated."""
    decision, receipt = decided.decision, decided.receipt
    held = receipt.held
    assert held is not None
    receipt.held = held.model_copy(
        update=decision.model_dump(include={"decided_at", "decided_by", "reason"})
    )
    if decision.is_accepted:
        before = ledger.current(home, claimed.slot, claimed.received_at)
        receipt.supersedes = before["submission_id"] if before else None
        receipt.rows_loaded = held.rows
        receipt.status = Status.ACCEPTED_WITH_REJECTS if receipt.rows_rejected else Status.ACCEPTED
        rejected = claimed.work / "rejected.parquet" if receipt.rows_rejected else None
        outcome = Outcome(accepted=_accepted(claimed), rejected=rejected)
    else:
        problem = Problem(str(decision.rule), holding.refusal_values(held))
        outcome = refusal([problem], claimed.work)
        receipt.status = Status.REFUSED
        receipt.rows_rejected = receipt.rows_warned = 0
        receipt.derived_period = None
        receipt.errors, receipt.errors_total = outcome.findings, outcome.findings_total
    receipts.write(receipt, claimed.work)
    return receipt, outcome


def _judged(
    claimed: Claim,
    path: Path,
    key: PseudonymKey,
    limits: Limits,
    home: Home | None,
    alongside: Callable[[], object] | None = None,
) -> tuple[Receipt, Outcome]:
    """Judge a file into the claim's work folder and write its receipt there.

    What is given as ``alongside`` may be done meanwhile, where the file is large.
    """
    place = claimed.place
    contract = load_contracts().get(place.feed or "")
    receipt = Receipt(
        submission_id=claimed.submission_id,
        organisation=place.organisation,
        feed=place.feed,
        period=place.period.text if place.period else None,
        file=claimed.file,
        sha256=None,
        received_at=ledger.timestamp(claimed.received_at),
        contract_version=contract.version if contract else None,
        status=Status.REFUSED,
    )
    if not stat.S_ISREG(path.lstat().st_mode):
        outcome = refusal([Problem("not_a_file")], claimed.work)
    else:
        found = fingerprint(path, as_text=place.extension in TEXT_FORMATS)
        receipt.sha256 = found.sha256
        before = None
        if home is not None and place.problem is None:
            before = ledger.current(home, claimed.slot, claimed.received_at)
        if place.problem is not None:
            outcome = refusal([Problem(place.problem, dict(place.problem_values))], claimed.work)
        elif before is not None and before["sha256"] == found.sha256:
            receipt.status = Status.DUPLICATE
            outcome = refusal([Problem("duplicate_submission")], claimed.work)
        elif home is not None and _waits_already(home, claimed, found.sha256):
            receipt.status = Status.DUPLICATE
            outcome = refusal([Problem("duplicate_of_held")], claimed.work)
        else:
            subject = _subject(claimed, path, contract, found)
            is_large = found.size >= LARGE
            outcome = validate(subject, key, claimed.work, limits, alongside if is_large else None)
            if not outcome.is_refused:
                receipt.supersedes = before["submission_id"] if before else None
                receipt.status = (
                    Status.ACCEPTED_WITH_REJECTS if outcome.rows_rejected else Status.ACCEPTED
                )
    _fill(receipt, outcome)
    if receipt.is_accepted and home is not None:
        _pause_if_unusual(home, claimed, receipt, limits)
    receipts.write(receipt, claimed.work)
    return receipt, outcome


def _waits_already(home: Home, claimed: Claim, sha256: str) -> bool:
    """Whether the last word on the slot is held, and is of the same bytes."""
    earlier = [
        one
        for one in holding.waiting(home, claimed.slot)
        if one.received_at < ledger.timestamp(claimed.received_at)
    ]
    return bool(earlier) and earlier[-1].sha256 == sha256


def _pause_if_unusual(home: Home, claimed: Claim, receipt: Receipt, limits: Limits) -> None:
    """Give a receipt the status ``held`` if its volume is unusual."""
    period = claimed.place.period
    assert period is not None
    in_force = [
        volume.InForce(
            event["period"],
            event["rows_loaded"],
            datetime.fromisoformat(event["received_at"]).astimezone(clock.FINLAND).date(),
        )
        for event in ledger.all_current(home, claimed.slot)
    ]
    today = claimed.received_at.astimezone(clock.FINLAND).date()
    found = volume.unusual(in_force, period, receipt.rows_loaded, today, limits.volume)
    if found is not None:
        receipt.held = holding.held_for(found, receipt.rows_loaded)
        receipt.status = Status.HELD
        receipt.supersedes = None
        receipt.rows_loaded = 0


def _subject(claimed: Claim, path: Path, contract: Contract | None, found: Any) -> SubmittedFile:
    place = claimed.place
    assert contract and place.organisation and place.period and place.extension
    return SubmittedFile(
        path=path,
        extension=place.extension,
        contract=contract,
        organisation=place.organisation,
        period=place.period,
        submission_id=claimed.submission_id,
        received_on=claimed.received_at.astimezone(clock.FINLAND).date(),
        fingerprint=found,
    )


def _fill(receipt: Receipt, outcome: Outcome) -> None:
    receipt.rows_read = outcome.rows_read
    receipt.rows_loaded = outcome.rows_loaded
    receipt.rows_rejected = outcome.rows_rejected
    receipt.rows_warned = outcome.rows_warned
    receipt.derived_period = outcome.derived_period
    receipt.errors = outcome.findings
    receipt.errors_total = outcome.findings_total


def _lay_down(home: Home, claimed: Claim, receipt: Receipt, outcome: Outcome) -> str | None:
    """Give rows and original their final names; return where the accepted rows lie."""
    name = f"{claimed.submission_id}.parquet"
    lake_path = None
    if receipt.is_accepted and outcome.accepted is not None:
        target = home.accepted / str(receipt.feed) / str(receipt.organisation) / name
        _publish(outcome.accepted, target)
        lake_path = target.relative_to(home.root).as_posix()
    if outcome.rejected is not None:
        _publish(
            outcome.rejected,
            home.rejected / str(receipt.feed) / str(receipt.organisation) / name,
        )
    if receipt.sha256 is not None:
        kept = home.originals / f"{claimed.submission_id}.age"
        if (claimed.work / "original.age").exists() or not kept.exists():
            publish(_encrypt(home, claimed), kept)
    return lake_path


def _publish(source: Path, target: Path) -> None:
    """Publish a file of the work folder, unless a killed run has done so.

    What is judged anew is there anew; what was judged before it was held is not.
    """
    if source.exists() or not target.exists():
        publish(source, target)


def _encrypt(home: Home, claimed: Claim) -> Path:
    """Encrypt the original into the claim's work folder, unless that was done meanwhile."""
    encrypted = claimed.work / "original.age"
    if not encrypted.exists():
        with atomic_replace(encrypted, durable=False) as draft:
            pyrage.encrypt_file(str(claimed.original), str(draft), [originals_recipient(home)])
    return encrypted


def _event(claimed: Claim, receipt: Receipt, lake_path: str | None, key_id: str) -> dict[str, Any]:
    """Return the ledger's line of a submission."""
    period = claimed.place.period
    event = receipt.model_dump(mode="json", exclude={"errors", "errors_total"})
    if receipt.held is not None:
        event["held"] = {
            name: value for name, value in event["held"].items() if not name.startswith("message_")
        }
    return {
        "event": "submission",
        **event,
        "period_start": period.first.isoformat() if period else None,
        "period_end": period.last.isoformat() if period else None,
        "lake_path": lake_path,
        "key_id": key_id,
        # Later than received_at, by much where a person had to decide: what is known as of a
        # moment must never grow afterwards.
        "known_at": ledger.timestamp(clock.now()),
    }


def _finish(home: Home, claimed: Claim) -> None:
    """Publish the receipt and remove the claim; what is done already is passed over."""
    for suffix in ("errors.csv", "html", "json"):
        source = claimed.work / (suffix if suffix == "errors.csv" else f"receipt.{suffix}")
        if source.exists():
            publish(source, home.receipts / f"{claimed.submission_id}.{suffix}")
    # Gone in one step: a half-removed claim must not look like one that waits.
    done = home.claims / f".done-{claimed.submission_id}"
    with suppress(FileNotFoundError):
        claimed.folder.rename(done)
    shutil.rmtree(done, ignore_errors=True)


def _receipt(home: Home, submission_id: str) -> Receipt:
    waiting_one = holding.find(home, submission_id)
    if waiting_one is not None:
        return waiting_one
    path = home.receipts / f"{submission_id}.json"
    if not path.is_file():
        raise LookupError(f"there is no submission {submission_id} to receive and no receipt of it")
    return receipts.read(path)


def _take(home: Home, path: Path, relative: PurePath, latest: datetime | None) -> datetime:
    """Claim one file: note first what it is, then move it in one rename."""
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
        # It went away or cannot be moved: it stays where it is, to be looked at again.
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


def _given(home: Home, paths: list[Path]) -> Iterator[tuple[Path, PurePath]]:
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
    """Yield what is whole below a folder: files nobody writes to, and oddities to be refused.

    A folder is only a way to files, unless it stands where a file should and is empty.
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
    """Ask the kernel whether some process has a file open for writing, where it can tell."""
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


def _claims(home: Home) -> list[Claim]:
    """Return the unfinished claims, in the order received."""
    found = (_read_claim(folder) for folder in home.claims.iterdir())
    return sorted((c for c in found if c is not None), key=lambda c: c.order)


def _read_claim(folder: Path) -> Claim | None:
    """Read a claim; None where it is finished, or was never completed."""
    if folder.name.startswith("."):
        return None
    try:
        note = json.loads((folder / "claim.json").read_text(encoding="ascii"))
        if not holding.is_decided(folder):
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
        _place(relative),
    )


def _sweep(home: Home) -> None:
    """Remove what a killed run left behind: claims without a file, and finished ones."""
    for folder in home.claims.iterdir():
        if _read_claim(folder) is None:
            shutil.rmtree(folder, ignore_errors=True)


def _place(relative: PurePath) -> Place:
    return read_path(relative, frozenset(organisations()), frozenset(load_contracts()))


@contextmanager
def _slot_lock(home: Home, slot: Slot) -> Iterator[None]:
    with FileLock(home.locks / f"slot.{slot.name}.lock"):
        yield
