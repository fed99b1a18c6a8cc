"""Keys of releases: made once, the same from release to release, and never changed unnoticed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from common.home import Home
from exports.manifest import MANIFEST, PUBLIC_KEY, SIGNATURE
from exports.releases import releases
from ingest.keys import KeyProblem, pseudonym_key
from tests.support import signed_release
from tests.support.manifests import SUBMISSION, former, internal
from tests.support.places import ROOT
from vuosikello.cli.output import streams
from vuosikello.cli.output.releases import show_release
from vuosikello.reporting.internal_manifests import read_internal
from vuosikello.reporting.release_keys import (
    SIGNING_KEY_FILE,
    house_key,
    mac_key,
    private_key_path,
    public_key_path,
    repeater,
)
from vuosikello.reporting.release_problem import ReleaseProblem
from vuosikello.reporting.releases import Released
from vuosikello.reporting.signature import fingerprint, is_signed_by
from vuosikello.reporting.verification import signature_problems


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def another_key(path: Path) -> None:
    """Put a key in place of the one in a file, as an exchange by mistake would."""
    key = Ed25519PrivateKey.generate()
    path.unlink(missing_ok=True)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def test_the_first_use_makes_a_key_for_its_owner_and_says_so(home: Home) -> None:
    key = house_key(home, [])
    assert not home.keys.exists()
    public = key.public_key()
    assert stat.S_IMODE(private_key_path(home).stat().st_mode) == 0o600
    assert public_key_path(home).read_bytes() == public
    told = key.signed_with()
    assert told.new_in == private_key_path(home)
    assert told.fingerprint == fingerprint(public)
    # It is said until a release was signed with it, also where the first one was cut off.
    assert house_key(home, []).signed_with() == told
    signed_release.write(home)
    again = house_key(home, releases(home.releases)).signed_with()
    assert (again.new_in, again.fingerprint) == (None, told.fingerprint)
    assert b"PRIVATE" not in repr((key, told)).encode()


def test_the_command_says_where_the_keys_lie_and_what_to_do_with_them(home: Home) -> None:
    told = house_key(home, []).signed_with()
    made = Released(
        name="2019.1",
        folder=home.releases / "2019.1",
        vouching=home.disclosure_reports / "2019.1.html",
        internal=home.internal_manifests / "2019.1.json",
        corrects=None,
        files=3,
        size=1,
        values=1,
        published=1,
        primary=0,
        complementary=0,
        information_kept=1.0,
        revisions=0,
        submissions=1,
        signed_with=told,
        seconds=1.0,
    )
    with streams.out.capture() as capture:
        show_release(made)
    said = " ".join(capture.get().split())
    assert f"the first release that is signed with the key in {private_key_path(home)}" in said
    assert f"{public_key_path(home)} fingerprint {told.fingerprint}" in said


def test_the_same_key_and_message_give_the_same_signature(home: Home) -> None:
    first = house_key(home, []).sign(b"message")
    assert first == house_key(home, []).sign(b"message")
    assert len(first) == 64
    public = public_key_path(home)
    assert not public.exists()
    assert is_signed_by(house_key(home, []).public_key(), b"message", first)


def test_a_key_that_is_not_the_one_of_the_last_release_is_refused(home: Home) -> None:
    first = signed_release.write(home, "2019.1")
    mine = fingerprint((first.folder / PUBLIC_KEY).read_bytes())
    another_key(private_key_path(home))
    with pytest.raises(ReleaseProblem, match=r"is not the one that signed 2019\.1") as refused:
        house_key(home, releases(home.releases))
    assert mine in str(refused.value)
    assert "--new-signing-key" in str(refused.value)
    # Told once, it is the key of the releases that follow.
    key = house_key(home, releases(home.releases), accept_new=True)
    second = signed_release.write(home, "2019.2", key=key)
    assert public_key_path(home).read_bytes() == (second.folder / PUBLIC_KEY).read_bytes()
    assert house_key(home, releases(home.releases)).signed_with().new_in is None


def test_it_goes_by_the_release_that_was_signed_last_not_by_the_latest_year(home: Home) -> None:
    signed_release.write(home, "2020.1")
    another_key(private_key_path(home))
    key = house_key(home, releases(home.releases), accept_new=True)
    late = signed_release.write(home, "2019.2", key=key)
    manifest = json.loads((late.folder / MANIFEST).read_bytes())
    manifest["sign_off"]["at"] = "2030-01-01T00:00:00+00:00"
    (late.folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    house_key(home, releases(home.releases))


def test_a_key_that_is_gone_is_not_made_anew_unasked(home: Home) -> None:
    signed_release.write(home, "2019.1")
    private_key_path(home).unlink()
    with pytest.raises(ReleaseProblem, match="Bring it back from where it is kept"):
        house_key(home, releases(home.releases))
    assert not private_key_path(home).exists()
    key = house_key(home, releases(home.releases), accept_new=True)
    assert key.signed_with().new_in == private_key_path(home)


def test_a_public_key_that_was_handed_out_counts_before_the_first_release(home: Home) -> None:
    house_key(home, []).public_key()
    private_key_path(home).unlink()
    with pytest.raises(ReleaseProblem, match="The signing key that belongs to"):
        house_key(home, [])


def test_releases_made_before_there_was_a_key_ask_for_none(home: Home) -> None:
    folder = home.releases / "2019.1"
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_text(json.dumps(former()), encoding="utf-8")
    (old,) = releases(home.releases)
    assert house_key(home, [old]).signed_with().new_in == private_key_path(home)
    assert repeater(home, old) is None
    assert signature_problems(old.folder, old.manifest) == []
    assert read_internal(home, old).protection.threshold == 7


def test_the_key_may_be_kept_elsewhere(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "medium" / "signing.key"
    monkeypatch.setenv(SIGNING_KEY_FILE, str(elsewhere))
    with pytest.raises(ReleaseProblem, match=f"the file that {SIGNING_KEY_FILE} names"):
        house_key(home, [])
    elsewhere.parent.mkdir()
    another_key(elsewhere)
    house_key(home, []).public_key()
    assert list(home.keys.iterdir()) == [public_key_path(home)]


@pytest.mark.parametrize("content", [b"", b"no key", b"\xff\xfe"])
def test_a_file_without_key_is_told_and_not_shown(home: Home, content: bytes) -> None:
    home.keys.mkdir(parents=True)
    private_key_path(home).write_bytes(content)
    with pytest.raises(ReleaseProblem, match="holds no Ed25519 private key") as refused:
        house_key(home, [])
    assert "no key" not in str(refused.value)


def test_a_release_that_came_out_again_has_its_signature_with_and_without_the_key(
    home: Home,
) -> None:
    made = signed_release.write(home)
    message = (made.folder / MANIFEST).read_bytes()
    signature = (made.folder / SIGNATURE).read_bytes()
    again = repeater(home, made)
    assert again is not None
    assert again.public_key() == (made.folder / PUBLIC_KEY).read_bytes()
    # By the key, though the signature that lies there is damaged.
    (made.folder / SIGNATURE).write_bytes(b"damaged")
    by_key = repeater(home, made)
    assert by_key is not None
    assert by_key.sign(message) == signature
    assert signature_problems(made.folder, made.manifest) != []
    # By the signature, where the key is another, or is kept elsewhere.
    (made.folder / SIGNATURE).write_bytes(signature)
    for change in (another_key, Path.unlink):
        change(private_key_path(home))
        by_signature = repeater(home, made)
        assert by_signature is not None
        assert by_signature.sign(message) == signature
        assert by_signature.sign(message + b" ") is None
    assert signature_problems(made.folder, made.manifest) == []


def test_the_key_of_marks_is_of_one_release_and_one_house_and_is_never_made(
    home: Home, tmp_path: Path
) -> None:
    with pytest.raises(KeyProblem):
        mac_key(home, "2019.1")
    secret = pseudonym_key(home).secret
    other = Home(tmp_path / "other")
    pseudonym_key(other)
    keys = {mac_key(home, "2019.1"), mac_key(home, "2019.2"), mac_key(other, "2019.1")}
    assert len(keys) == 3
    assert secret not in keys
    assert mac_key(home, "2019.1") == mac_key(Home(home.root), "2019.1")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="OpenSSL is not installed.")
def test_an_auditor_proves_a_file_as_the_documentation_says(tmp_path: Path) -> None:
    content = b"visit_id;clients\n1;3\n"
    (tmp_path / "2019.csv").write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    kept = internal(bytes(range(32)), {**SUBMISSION, "sha256": sha256})
    page = (ROOT / "docs/how_to/releases.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^    (sha256sum FILE .*)$", page, re.MULTILINE)
    command = command.replace("FILE", "2019.csv")
    command = command.replace("PROOF_KEY", kept.submissions[0]["proof_key"])
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()[-1] in kept.raw_file_macs
