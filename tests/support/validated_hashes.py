"""Prints the hashes of what validating the files of a folder gives, for a submission with fixed id.

Run as ``python -m tests.support.validated_hashes FOLDER THREADS``, each file named
``<feed>.<extension>``: for tests that compare machines with other settings.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from datetime import date
from pathlib import Path

from ingest.contracts import load_contracts
from ingest.keys import PseudonymKey
from ingest.periods import parse_period
from ingest.readers import fingerprint
from ingest.validate import Limits, SubmittedFile, validate

SUBMISSION = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def main(folder: Path, threads: int) -> None:
    """Validate each file and print the hash of every file that comes out."""
    hashes: dict[str, str | None] = {}
    period = parse_period("2019")
    assert period is not None
    for path in sorted(folder.iterdir()):
        feed, _, extension = path.name.partition(".")
        file = SubmittedFile(
            path=path,
            extension=extension,
            contract=load_contracts()[feed],
            organisation="essote",
            period=period,
            submission_id=SUBMISSION,
            received_on=date(2020, 1, 15),
            fingerprint=fingerprint(path, as_text=extension in ("csv", "jsonl")),
        )
        with tempfile.TemporaryDirectory() as work:
            outcome = validate(
                file, PseudonymKey("k0", b"k" * 32), Path(work), Limits(threads=threads)
            )
            for name in ("accepted", "rejected", "errors"):
                written = getattr(outcome, name)
                found = hashlib.sha256(written.read_bytes()).hexdigest() if written else None
                hashes[f"{path.name}: {name}"] = found
    print(json.dumps(hashes))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
