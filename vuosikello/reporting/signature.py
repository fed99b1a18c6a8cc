"""The signature of a release: Ed25519 over the bytes of its public manifest.

The manifest names every file with its SHA-256, so the signature covers the whole release. It is 64
raw bytes (RFC 8032) and the key a PEM file (RFC 8410), so that OpenSSL checks them as they are. The
same key and manifest give the same signature.

This module must not know where a private key is kept.
"""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)


class NoPublicKey(ValueError):
    """A text holds no Ed25519 public key in PEM form."""


def is_signed_by(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether a signature of a message is by the owner of a public key.

    Args:
        public_key: in PEM form.
        message: what was signed.
        signature: 64 bytes; anything else is no signature.

    Raises:
        NoPublicKey: the public key is none.
    """
    try:
        _parsed(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def fingerprint(public_key: bytes) -> str:
    """Return the fingerprint by which people compare public keys.

    Args:
        public_key: in PEM form.

    Returns:
        The SHA-256 of the key in DER form, in hexadecimal digits.

    Raises:
        NoPublicKey: the public key is none.
    """
    der = _parsed(public_key).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def _parsed(public_key: bytes) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(public_key)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise NoPublicKey("It holds no Ed25519 public key in PEM form.")
    return key
