"""What the public manifest may say, and what stays in the internal one."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
import stat
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exports import manifest as written
from exports.internal_manifest import InternalManifest, former_protection, save
from exports.manifest import Manifest, PublicManifest
from tests.support.manifests import (
    PATHS,
    RESULT,
    SUBMISSION,
    former,
    internal,
    paths,
    public,
)

KEY = bytes(range(32))


def types_of(kind: Any) -> Iterator[Any]:
    """Yield every type that a field of a statement may have, those of its own fields too."""
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        for one in dataclasses.fields(kind):
            yield from types_of(hints[one.name])
    elif typing.get_origin(kind) in (tuple, types.UnionType):
        for one in typing.get_args(kind):
            if one is not Ellipsis:
                yield from types_of(one)
    else:
        yield kind


def test_the_public_manifest_has_just_these_keys() -> None:
    assert set(paths(json.loads(public().to_bytes()))) == PATHS


def test_no_field_of_it_takes_whatever_is_given() -> None:
    assert set(types_of(PublicManifest)) <= {str, int, bool, type(None)}


def test_an_unknown_field_cannot_get_in() -> None:
    with pytest.raises(TypeError, match="suppressed_primary"):
        public(suppressed_primary=7)


def test_it_says_nothing_of_a_submission_and_no_figure_of_disclosure_control() -> None:
    text = public(internal(KEY)).to_bytes().decode()
    for secret in (*(str(one) for one in SUBMISSION.values() if one != 1), "suppressed", "0.875"):
        if secret not in ("kainuun-sote", "outreach", "2019"):  # coverage, and the year
            assert secret not in text
    kept = internal(KEY).values
    assert kept["disclosure_control"]["suppressed_primary"] == RESULT.primary
    assert kept["submissions"][0]["sha256"] == SUBMISSION["sha256"]
    assert kept["failures"][0]["organisation"] == "sosteri"


def test_a_file_of_one_row_cannot_be_tried_out_without_the_key() -> None:
    """An attacker knows every row that the file may hold, and everything that is published."""
    candidates = [f"visit_id;clients\n1;{clients}\n".encode() for clients in range(200)]
    hashes = [hashlib.sha256(one).hexdigest() for one in candidates]
    truth = 137
    kept = internal(KEY, {**SUBMISSION, "sha256": hashes[truth]})
    published = public(kept)
    (mark,) = published.submissions.raw_file_macs
    text = published.to_bytes()
    guessed_keys = [b"", bytes(32), b"2019.2", SUBMISSION["submission_id"].encode(), text]
    tried = set(hashes)
    for one in (*hashes, *candidates):
        message = one if isinstance(one, bytes) else one.encode()
        tried |= {hmac.digest(key, message, "sha256").hex() for key in guessed_keys}
        tried.add(hashlib.sha256(message).hexdigest())
    assert mark not in tried
    assert not any(one.encode() in text for one in hashes)
    # Every row is as good a guess as any other: each has a mark that looks just as much like it.
    assert (
        len({internal(KEY, {**SUBMISSION, "sha256": one}).raw_file_macs for one in hashes}) == 200
    )
    # The house can prove it, for this file alone, with what it keeps of the file.
    proof_key = bytes.fromhex(kept.submissions[0]["proof_key"])
    proved = [
        number
        for number, one in enumerate(hashes)
        if hmac.digest(proof_key, one.encode(), "sha256").hex() == mark
    ]
    assert proved == [truth]


def test_the_same_file_has_another_mark_in_another_submission_and_another_release() -> None:
    again = {**SUBMISSION, "submission_id": "01J0000000000000000000000B"}
    marks = {
        *internal(KEY, SUBMISSION, again).raw_file_macs,
        *internal(bytes(32), SUBMISSION, again).raw_file_macs,
    }
    assert len(marks) == 4


def test_the_order_of_the_marks_tells_nothing_of_the_order_of_submissions() -> None:
    many = [{**SUBMISSION, "submission_id": f"S{number}"} for number in range(20)]
    marks = internal(KEY, *many).raw_file_macs
    assert list(marks) == sorted(marks)
    assert [one["submission_id"] for one in internal(KEY, *many).submissions] == [
        one["submission_id"] for one in many
    ]


def test_the_internal_manifest_is_for_its_owner_only_and_a_change_of_it_shows(
    tmp_path: Path,
) -> None:
    kept = internal(KEY)
    path = tmp_path / "inside" / "2019.2.json"
    save(kept, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert InternalManifest.parse(path.read_bytes()).mac == kept.mac
    changed = path.read_bytes().replace(b'"rows_loaded": 1', b'"rows_loaded": 2')
    assert InternalManifest.parse(changed).mac != kept.mac


def test_both_forms_are_read_alike() -> None:
    now, then = Manifest(json.loads(public().to_bytes())), Manifest(former())
    assert (now.is_former, then.is_former) == (False, True)
    told = [
        name
        for name, one in vars(Manifest).items()
        if isinstance(one, property)
        and name
        not in (
            "is_former",
            "former_internal",
            "internal_manifest_mac",
            "publication_plan_sha256",
        )
    ]
    assert len(told) > 10
    for name in told:
        assert getattr(now, name) == getattr(then, name), name
    assert now.former_internal is None
    assert then.internal_manifest_mac is None


def test_the_settings_of_disclosure_control_are_found_in_both_forms() -> None:
    protection = former_protection(Manifest(former()))
    assert protection is not None
    assert (protection.threshold, protection.share) == (7, 0.2)
    assert former_protection(Manifest(json.loads(public().to_bytes()))) is None
    assert internal(KEY).protection.threshold == 5


def test_what_is_no_manifest_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / written.MANIFEST
    for text in ("", "[]", "no JSON"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ValueError):
            Manifest.read(path)
