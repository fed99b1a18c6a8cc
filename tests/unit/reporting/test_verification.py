"""A release is checked with the public key alone: by the command, and by OpenSSL without it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from common.home import Home
from exports.manifest import MANIFEST, PUBLIC_KEY, SIGNATURE
from tests.support import signed_release
from tests.support.command import run
from tests.support.manifests import former
from tests.support.places import ROOT
from vuosikello.cli.output import streams
from vuosikello.cli.output.verification import show_verified
from vuosikello.reporting.release_keys import house_key
from vuosikello.reporting.release_problem import ReleaseProblem
from vuosikello.reporting.signature import fingerprint
from vuosikello.reporting.verification import Signature, Verified, verify


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def release(home: Home, tmp_path: Path) -> Path:
    """A signed release as it came to somebody outside: its folder, and no home."""
    made = signed_release.write(home)
    return Path(shutil.copytree(made.folder, tmp_path / "outside" / "2019.2"))


@pytest.fixture
def public_key(home: Home, release: Path) -> Path:
    """The public key that the house handed out."""
    return home.keys / PUBLIC_KEY


def problems(folder: Path, public_key: Path | None = None) -> list[str]:
    found = verify(folder, public_key)
    assert found.is_verified == (not found.problems)
    return found.problems


def said(result: Verified) -> str:
    with streams.out.capture() as capture:
        show_verified(result)
    return " ".join(capture.get().split())


def test_a_release_as_it_was_signed_is_verified(release: Path, public_key: Path) -> None:
    found = verify(release, public_key)
    assert found.is_verified
    assert (found.release, found.files) == ("2019.2", len(signed_release.FILES) + 1)
    assert found.signature is Signature.VALID
    assert found.fingerprint == fingerprint(public_key.read_bytes())
    assert found.is_key_given
    assert found.remarks == []
    assert "Release 2019.2 is as it was signed: 3 files are there and unchanged" in said(found)


def test_with_the_key_in_the_release_it_says_what_that_does_not_show(release: Path) -> None:
    found = verify(release)
    assert found.is_verified
    assert not found.is_key_given
    (remark,) = found.remarks
    assert "nothing shows who signed" in remark
    assert found.fingerprint in said(found)


def test_a_tampered_file_is_found(release: Path, public_key: Path) -> None:
    page = release / "pages/fi/index.html"
    page.write_text("<p>Alvo</p>\n", encoding="utf-8")
    assert problems(release, public_key) == ["pages/fi/index.html has been changed."]


def test_an_extra_and_a_missing_file_are_found(release: Path, public_key: Path) -> None:
    (release / "pages/more.html").touch()
    (release / "indicators.csv").unlink()
    assert problems(release, public_key) == [
        "indicators.csv is missing.",
        "pages/more.html does not belong to it.",
    ]


def test_a_link_is_no_file_of_the_release(release: Path, public_key: Path, tmp_path: Path) -> None:
    moved = shutil.move(release / "indicators.csv", tmp_path / "elsewhere.csv")
    (release / "indicators.csv").symlink_to(moved)
    (release / "folder").symlink_to(tmp_path)
    assert problems(release, public_key) == [
        "folder does not belong to it.",
        "indicators.csv is no file of its own.",
    ]


def test_no_path_of_a_manifest_leads_out_of_the_release(release: Path, tmp_path: Path) -> None:
    secret = tmp_path / "outside" / "secret"
    secret.write_text("secret", encoding="utf-8")
    manifest = json.loads((release / MANIFEST).read_bytes())
    digest = hashlib.sha256(b"secret").hexdigest()
    manifest["files"] += [
        {"path": path, "bytes": 6, "sha256": digest} for path in ("../secret", str(secret))
    ]
    (release / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    assert [one for one in problems(release) if "secret" in one] == [
        "../secret is missing.",
        f"{secret} is missing.",
    ]


def test_a_tampered_manifest_is_found_though_it_fits_the_files(
    release: Path, public_key: Path
) -> None:
    table = release / "indicators.csv"
    table.write_text("a,b\n1,3\n", encoding="utf-8")
    manifest = json.loads((release / MANIFEST).read_bytes())
    for one in manifest["files"]:
        if one["path"] == "indicators.csv":
            one["sha256"] = hashlib.sha256(table.read_bytes()).hexdigest()
    (release / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    (problem,) = problems(release, public_key)
    assert problem.startswith("The signature does not fit: manifest.json was changed")


def test_a_release_that_somebody_else_signed_is_found_with_the_key_of_the_house(
    release: Path, public_key: Path, tmp_path: Path
) -> None:
    other = Home(tmp_path / "other")
    forged = signed_release.write(other, key=house_key(other, [])).folder
    assert problems(forged) == []
    (problem,) = problems(forged, public_key)
    assert "signed with another key" in problem
    # The key of the house in a release of somebody else does not help them.
    shutil.copyfile(release / PUBLIC_KEY, forged / PUBLIC_KEY)
    assert problems(forged) == [
        "signing_key.pub has been changed.",
        "The signature does not fit: manifest.json was changed, or it was signed with another key "
        f"than the one with the fingerprint {fingerprint(public_key.read_bytes())}.",
    ]


@pytest.mark.parametrize("signature", [b"", b"x", bytes(64), bytes(65)])
def test_what_is_no_signature_does_not_fit(
    release: Path, public_key: Path, signature: bytes
) -> None:
    (release / SIGNATURE).write_bytes(signature)
    assert verify(release, public_key).signature is Signature.INVALID


def test_a_release_whose_signature_was_taken_away_is_not_verified(
    release: Path, public_key: Path
) -> None:
    (release / SIGNATURE).unlink()
    (problem,) = problems(release, public_key)
    assert problem.startswith("It has no signature: manifest.json.sig is missing")


def test_a_release_made_before_there_were_signatures_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "2019.2"
    folder.mkdir()
    (folder / "indicators.csv").write_text("a,b\n", encoding="utf-8")
    manifest = former()
    digest = hashlib.sha256(b"a,b\n").hexdigest()
    manifest["files"] = [{"path": "indicators.csv", "bytes": 4, "sha256": digest}]
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    found = verify(folder)
    assert found.signature is Signature.NONE
    assert found.problems == [
        "It has no signature: it was made before releases were signed. Nothing shows who made it."
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"files": 3, "release": ""}',
        '{"files": [{"path": "a", "bytes": Infinity, "sha256": ""}], "release": ""}',
        "[" * 100_000,
    ],
)
def test_a_manifest_that_cannot_be_read_is_a_sentence(release: Path, text: str) -> None:
    (release / MANIFEST).write_text(text, encoding="utf-8")
    found = verify(release)
    assert found.problems[0] == "manifest.json cannot be read, so no file can be compared with it."
    assert not found.is_verified


def test_a_folder_without_release_and_a_file_without_key_are_told(
    release: Path, tmp_path: Path
) -> None:
    with pytest.raises(ReleaseProblem, match="There is no release in"):
        verify(tmp_path)
    with pytest.raises(ReleaseProblem, match="holds no Ed25519 public key in PEM form"):
        verify(release, release / "indicators.csv")
    (release / PUBLIC_KEY).write_text("nothing", encoding="utf-8")
    assert "so the signature cannot be checked." in problems(release)[-1]


def test_no_name_in_a_release_steers_the_terminal(release: Path) -> None:
    (release / "more\x1b[2J.html").touch()
    text = said(verify(release))
    assert "\x1b" not in text
    assert "does not belong to it." in text


def test_the_command_needs_no_home(release: Path, public_key: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    fine = run(nowhere, "verify", str(release), "--public-key", str(public_key), "--json")
    assert fine.returncode == 0, fine.stderr
    told = json.loads(fine.stdout)
    assert (told["is_verified"], told["signature"]) == (True, "valid")
    (release / "indicators.csv").unlink()
    wrong = run(nowhere, "verify", str(release))
    assert wrong.returncode == 1
    assert "indicators.csv is missing." in wrong.stdout
    assert not nowhere.exists()


def commands_of_the_page() -> str:
    """The commands that the documentation gives to somebody without the program."""
    page = (ROOT / "docs/how_to/verify_a_release.md").read_text(encoding="utf-8")
    section = page.split("## Without the program")[1].split("\n## ")[0]
    return "\n".join(line[4:] for line in section.splitlines() if line.startswith("    "))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="OpenSSL is not installed.")
def test_the_commands_of_the_documentation_verify_a_release_without_the_program(
    release: Path, public_key: Path
) -> None:
    def check() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", commands_of_the_page()],
            cwd=release,
            env={"PATH": os.environ["PATH"], "KEY": str(public_key)},
            capture_output=True,
            text=True,
            check=False,
        )

    fine = check()
    assert "Signature Verified Successfully" in fine.stdout, fine.stderr
    assert fingerprint(public_key.read_bytes()) in fine.stdout
    assert "indicators.csv: OK" in fine.stdout
    assert "FAILED" not in fine.stdout
    assert "every file is in the manifest" in fine.stdout

    (release / "indicators.csv").write_text("a,b\n1,3\n", encoding="utf-8")
    (release / "more.txt").touch()
    text = (release / MANIFEST).read_text(encoding="utf-8")
    (release / MANIFEST).write_text(text.replace("manager", "forger"), encoding="utf-8")
    wrong = check()
    assert "Signature Verification Failure" in wrong.stdout + wrong.stderr
    assert "indicators.csv: FAILED" in wrong.stdout
    assert "more.txt" in wrong.stdout
    assert "every file is in the manifest" not in wrong.stdout
