"""Keys: the secret behind pseudonyms, and the one that encrypts originals.

A key comes from an environment variable or a file; in the embedded set-up it is created on first
use under ``<home>/keys``, readable by its owner only. It lives outside the lake and the warehouse.
Nothing here prints, logs or returns a key in a text.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

import pyrage

from common.home import Home
from common.secret_files import create_once

PSEUDONYM_KEY = "VUOSIKELLO_PSEUDONYM_KEY"
PSEUDONYM_KEY_FILE = "VUOSIKELLO_PSEUDONYM_KEY_FILE"
ORIGINALS_RECIPIENT = "VUOSIKELLO_ORIGINALS_RECIPIENT"
_BLOCK = 64


class KeyProblem(Exception):
    """A key cannot be used; the text says which and what to do, never the key."""


@dataclass(frozen=True, slots=True)
class PseudonymKey:
    """The HMAC-SHA-256 key of pseudonyms (RFC 2104).

    ``id`` identifies the key, so that keys can be rotated; it is derived from the key by HMAC and
    reveals nothing about it. ``created_at`` is the file that the key was just created in, if so.
    """

    id: str
    secret: bytes = field(repr=False)
    created_at: Path | None = None

    @property
    def inner(self) -> bytes:
        """The inner padded key block."""
        return bytes(byte ^ 0x36 for byte in self._block)

    @property
    def outer(self) -> bytes:
        """The outer padded key block."""
        return bytes(byte ^ 0x5C for byte in self._block)

    @property
    def _block(self) -> bytes:
        secret = self.secret
        if len(secret) > _BLOCK:
            secret = hashlib.sha256(secret).digest()
        return secret.ljust(_BLOCK, b"\0")


def pseudonym_key(home: Home, *, create: bool = True) -> PseudonymKey:
    """Return the key of pseudonyms: from the environment, its file, or the home's own.

    Args:
        home: the installation.
        create: whether a home that has none yet gets one. Only receiving begins with a new key.

    Raises:
        KeyProblem: the key given is not 32 bytes or more, written as hexadecimal digits; or there
            is none and none is to be created.
    """
    given = os.environ.get(PSEUDONYM_KEY)
    if given:
        return _pseudonym_key(given, f"the environment variable {PSEUDONYM_KEY}")
    named = os.environ.get(PSEUDONYM_KEY_FILE)
    if named:
        try:
            return _pseudonym_key(Path(named).read_text(encoding="ascii"), named)
        except (OSError, UnicodeError) as error:
            raise KeyProblem(
                f"the key file named by {PSEUDONYM_KEY_FILE} cannot be read: {named}"
            ) from error
    path = home.keys / "pseudonym.key"
    if not create and not path.is_file():
        raise KeyProblem(
            f"the key of pseudonyms is neither in {path} nor named by {PSEUDONYM_KEY_FILE}; bring "
            "it back from where it is kept"
        )
    created = create_once(path, lambda: secrets.token_hex(32))
    key = _pseudonym_key(path.read_text(encoding="ascii"), str(path))
    return PseudonymKey(key.id, key.secret, path if created else None)


def ephemeral_key() -> PseudonymKey:
    """Return a key that is kept nowhere, for a dry run."""
    return _pseudonym_key(secrets.token_hex(32), "a dry run")


def originals_recipient(home: Home) -> pyrage.x25519.Recipient:
    """Return the public key that originals are encrypted to.

    Where only ``VUOSIKELLO_ORIGINALS_RECIPIENT`` is given, this machine can encrypt what it
    receives but not decrypt it.

    Raises:
        KeyProblem: the recipient given is not an age public key.
    """
    given = os.environ.get(ORIGINALS_RECIPIENT)
    try:
        if given:
            return pyrage.x25519.Recipient.from_str(given)
        path = home.keys / "originals.key"
        create_once(path, lambda: str(pyrage.x25519.Identity.generate()))
        return pyrage.x25519.Identity.from_str(path.read_text(encoding="ascii").strip()).to_public()
    except (pyrage.IdentityError, pyrage.RecipientError, ValueError) as error:
        source = f"in {ORIGINALS_RECIPIENT}" if given else str(home.keys / "originals.key")
        raise KeyProblem(f"the key of originals {source} is not an age key") from error


def _pseudonym_key(text: str, source: str) -> PseudonymKey:
    try:
        secret = bytes.fromhex(text.strip())
    except ValueError:
        secret = b""
    if len(secret) < 32:
        raise KeyProblem(
            f"the pseudonym key in {source} must be at least 64 hexadecimal digits (32 bytes); "
            "make one with: openssl rand -hex 32"
        )
    digest = hmac.new(secret, b"vuosikello key id", hashlib.sha256).hexdigest()
    return PseudonymKey(f"k{digest[:8]}", secret)
