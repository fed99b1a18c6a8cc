"""Whether a release is whole, unchanged, and signed by the house: with its public key alone.

Reads the folder of a release and nothing else: no home, no warehouse, no private key. The folder is
not trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from exports.manifest import MANIFEST, PUBLIC_KEY, SIGNATURE, FileStatement, Manifest
from exports.release_files import damages
from vuosikello.reporting.release_problem import ReleaseProblem
from vuosikello.reporting.signature import NoPublicKey, fingerprint, is_signed_by


class Signature(StrEnum):
    """What the signature of a release shows."""

    VALID = "valid"
    INVALID = "invalid"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether a release is as it was signed.

    Attributes:
        release: its name, as its manifest has it; None where that cannot be read.
        folder: where it lies.
        is_verified: whether every file is as the manifest says and the manifest as it was signed.
        files: how many files the manifest names.
        signature: what the signature shows.
        fingerprint: of the public key that it was checked with; None where it was not checked.
        is_key_given: whether that key was given, and not taken from the release itself.
        problems: what is wrong, in sentences.
        remarks: what the reader should know, in sentences.
    """

    release: str | None
    folder: Path
    is_verified: bool
    files: int
    signature: Signature
    fingerprint: str | None
    is_key_given: bool
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def verify(folder: Path, public_key: Path | None = None) -> Verified:
    """Compare a release with its manifest, and the manifest with its signature.

    Args:
        folder: the release.
        public_key: the file of the house's public key; None takes the one in the release, which
            shows that nothing was changed since it was signed, but not who signed it.

    Raises:
        ReleaseProblem: there is no release in the folder, or no public key in the file.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise ReleaseProblem(f"There is no release in {folder}: it has no {MANIFEST}.")
    content = path.read_bytes()
    name: str | None = None
    files: Mapping[str, FileStatement] = {}
    is_former = False
    try:
        manifest = Manifest.parse(content)
        name, files, is_former = manifest.release, manifest.files, manifest.is_former
        problems = damages(folder, files)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        problems = [f"{MANIFEST} cannot be read, so no file can be compared with it."]
    signature, key_fingerprint, said = _check_signature(folder, content, public_key, is_former)
    remarks = []
    if signature is Signature.VALID and public_key is None:
        remarks.append(
            "The public key was taken from the release itself. Compare its fingerprint with the "
            "one that the house tells, or give its key with --public-key: without that, nothing "
            "shows who signed."
        )
    problems += said
    return Verified(
        release=name,
        folder=folder,
        is_verified=not problems,
        files=len(files),
        signature=signature,
        fingerprint=key_fingerprint,
        is_key_given=public_key is not None,
        problems=problems,
        remarks=remarks,
    )


def signature_problems(folder: Path, manifest: Manifest) -> list[str]:
    """Check the signature of a release with the public key in it; return what is wrong.

    Args:
        folder: the release; one of the former form has no signature.
        manifest: its manifest.
    """
    if manifest.is_former:
        return []
    _, _, problems = _check_signature(folder, (folder / MANIFEST).read_bytes(), None, False)
    return problems


def _check_signature(
    folder: Path, content: bytes, public_key: Path | None, is_former: bool
) -> tuple[Signature, str | None, list[str]]:
    """Return what the signature shows, the key's fingerprint, and what is wrong."""
    signature = folder / SIGNATURE
    if not signature.is_file():
        why = (
            "it was made before releases were signed"
            if is_former
            else f"{SIGNATURE} is missing, and a release of this form has it"
        )
        return Signature.NONE, None, [f"It has no signature: {why}. Nothing shows who made it."]
    path = public_key or folder / PUBLIC_KEY
    try:
        key = path.read_bytes()
        print_of_key = fingerprint(key)
    except (FileNotFoundError, NoPublicKey):
        sentence = f"{path} holds no Ed25519 public key in PEM form"
        if public_key is not None:
            raise ReleaseProblem(f"{sentence}.") from None
        return Signature.INVALID, None, [f"{sentence}, so the signature cannot be checked."]
    if is_signed_by(key, content, signature.read_bytes()):
        return Signature.VALID, print_of_key, []
    problem = (
        f"The signature does not fit: {MANIFEST} was changed, or it was signed with another key "
        f"than the one with the fingerprint {print_of_key}."
    )
    return Signature.INVALID, print_of_key, [problem]
