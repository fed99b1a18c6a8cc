"""Keys of releases: the one that signs them, and the one of the marks of submitted files.

The signing key is a file of the home, or one that the environment names, so that it can be kept in
custody and be there only while a release is made. The first release makes it. From then on a
release is signed by the key of the release before, or refused: whoever has the public key must be
told of another one.

Nothing here prints, logs or returns a private key in a text.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from common.files import atomic_replace
from common.home import Home
from common.secret_files import create_once
from exports.manifest import PUBLIC_KEY, SIGNATURE
from exports.releases import Release
from ingest.keys import pseudonym_key
from vuosikello.reporting.release_problem import ReleaseProblem
from vuosikello.reporting.signature import NoPublicKey, fingerprint, is_signed_by

SIGNING_KEY_FILE = "VUOSIKELLO_SIGNING_KEY_FILE"


@dataclass(frozen=True, slots=True)
class SignedWith:
    """The key that a release was signed with, as far as it is public.

    Attributes:
        public_key: the file to hand out to whoever is to verify releases.
        fingerprint: of the public key, to compare by telephone or on a page.
        new_in: the file of the private key, where no release was signed with it before; else None.
    """

    public_key: Path
    fingerprint: str
    new_in: Path | None


class HouseKey:
    """The signing key of a house; where there is none yet, the first use makes it.

    Args:
        home: the installation.
        path: the file of the private key.
        before: the public key of the release that was signed last; None where none was signed.
    """

    def __init__(self, home: Home, path: Path, before: bytes | None = None) -> None:
        self._home, self._path, self._before = home, path, before
        self._private: Ed25519PrivateKey | None = None

    def public_key(self) -> bytes:
        """Return the public key, in PEM form, and write it where it can be taken from."""
        public = _public_pem(self._key())
        target = public_key_path(self._home)
        if not target.is_file() or target.read_bytes() != public:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with atomic_replace(target) as draft:
                draft.write_bytes(public)
                draft.chmod(0o644)
        return public

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message: 64 bytes."""
        return self._key().sign(message)

    def signed_with(self) -> SignedWith:
        """Return what may be told of the key."""
        public = self.public_key()
        return SignedWith(
            public_key_path(self._home),
            fingerprint(public),
            self._path if public != self._before else None,
        )

    def _key(self) -> Ed25519PrivateKey:
        if self._private is None:
            create_once(self._path, _new_private_pem)
            self._private = _read_private(self._path)
        return self._private


class Repeater:
    """Signs a release that is made again: by the house's key, or by the signature that it has.

    An Ed25519 signature is one and the same for one key and message. So where the key is not in the
    house, and the manifest came out again as it was, the signature that lies there is the one.

    Args:
        folder: the release as it lies there, signed.
        private_key: the file of the house's key; it may be another, and it need not exist.
    """

    def __init__(self, folder: Path, private_key: Path) -> None:
        self._public = (folder / PUBLIC_KEY).read_bytes()
        signature = folder / SIGNATURE
        self._signature = signature.read_bytes() if signature.is_file() else b""
        self._path = private_key

    def public_key(self) -> bytes:
        """Return the public key that the release has."""
        return self._public

    def sign(self, message: bytes) -> bytes | None:
        """Return the signature of a message; None where neither key nor signature fits."""
        if self._path.is_file():
            private = _read_private(self._path)
            if _public_pem(private) == self._public:
                return private.sign(message)
        try:
            is_valid = is_signed_by(self._public, message, self._signature)
        except NoPublicKey:
            is_valid = False
        return self._signature if is_valid else None


def house_key(home: Home, earlier: list[Release], *, accept_new: bool = False) -> HouseKey:
    """Return the key that the next release is signed with.

    Args:
        home: the installation.
        earlier: the releases so far.
        accept_new: whether it may be another than the one of the release before.

    Raises:
        ReleaseProblem: the key is not there though a release was signed by it, is another, or
            cannot be read; the text says what to do.
    """
    path = private_key_path(home)
    last = _last_signed(earlier)
    by = f"signed {last.name}" if last is not None else f"belongs to {public_key_path(home)}"
    known = last.folder / PUBLIC_KEY if last is not None else public_key_path(home)
    if path.is_file():
        present = _public_pem(_read_private(path))
        if known.is_file() and present != known.read_bytes() and not accept_new:
            raise ReleaseProblem(
                f"The signing key in {path} (fingerprint {fingerprint(present)}) is not the one "
                f"that {by} (fingerprint {_fingerprint_of(known)}). Put that one back. If it is "
                "lost or has leaked, tell everybody who verifies releases the new fingerprint, "
                "and release once with --new-signing-key."
            )
    elif os.environ.get(SIGNING_KEY_FILE):
        raise ReleaseProblem(
            f"The signing key is not in {path}, the file that {SIGNING_KEY_FILE} names. Put it "
            "there. Where there has never been one, release without that variable: the first "
            "release makes the key."
        )
    elif known.is_file() and not accept_new:
        raise ReleaseProblem(
            f"The signing key that {by} (fingerprint {_fingerprint_of(known)}) is not in {path}. "
            f"Bring it back from where it is kept, or name its file in {SIGNING_KEY_FILE}. If it "
            "is lost, release once with --new-signing-key, and tell everybody who verifies "
            "releases the new fingerprint."
        )
    return HouseKey(home, path, (last.folder / PUBLIC_KEY).read_bytes() if last else None)


def repeater(home: Home, release: Release) -> Repeater | None:
    """Return what signs a release that is made again; None where it was never signed."""
    is_signed = (release.folder / PUBLIC_KEY).is_file()
    return Repeater(release.folder, private_key_path(home)) if is_signed else None


def private_key_path(home: Home) -> Path:
    """Where the private key lies: the file that the environment names, or one of the home."""
    named = os.environ.get(SIGNING_KEY_FILE)
    return Path(named) if named else home.keys / "signing.key"


def public_key_path(home: Home) -> Path:
    """Where the public key of the house lies, to be handed out."""
    return home.keys / PUBLIC_KEY


def mac_key(home: Home, release: str) -> bytes:
    """Return the key of the marks of one release: 32 bytes, derived for this purpose only.

    It follows from the key of pseudonyms (HKDF with SHA-256, RFC 5869), which cannot be calculated
    from it. So the house has no further secret to keep, and a mark is of one release only.

    Args:
        home: the installation.
        release: its name.

    Raises:
        KeyProblem: the key of pseudonyms is not there.
    """
    derive = HKDF(SHA256(), 32, salt=None, info=f"vuosikello release {release} marks".encode())
    return derive.derive(pseudonym_key(home, create=False).secret)


def _last_signed(earlier: list[Release]) -> Release | None:
    """Return the release that was signed off last, of those that have a public key."""
    signed = [one for one in earlier if (one.folder / PUBLIC_KEY).is_file()]
    return max(signed, key=lambda one: one.manifest.signed_at, default=None)


def _new_private_pem() -> str:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode("ascii").rstrip("\n")


def _read_private(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ReleaseProblem(
            f"{path} holds no Ed25519 private key in PEM form without a password. Put back the "
            "file that the first release made."
        )
    return key


def _public_pem(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _fingerprint_of(path: Path) -> str:
    try:
        return fingerprint(path.read_bytes())
    except NoPublicKey:
        return "unknown"
