"""Pseudonyms and their keys: the same person everywhere, and nothing that leads back."""

from __future__ import annotations

import hashlib
import hmac
import re
import stat
from datetime import date
from pathlib import Path

import pytest

from common.home import Home
from ingest import ledger, receiver
from ingest.keys import KeyProblem, pseudonym_key
from ingest.validate.pseudonyms import SMALL_TEXT
from tests.support.byte_search import found_in
from tests.support.house import House, csv_text, good
from tests.support.tables import identity_code

SECRET = "0f" * 32
CODE = identity_code(date(1952, 10, 13), 308)


def hmac_of(secret: bytes, text: str) -> str:
    """Compute as RFC 2104 says, with Python's own hmac."""
    return hmac.new(secret, text.encode("utf-8"), hashlib.sha256).hexdigest()


def own_key(house: House) -> bytes:
    """Return the key that the installation made for itself."""
    return bytes.fromhex((house.home.keys / "pseudonym.key").read_text("ascii").strip())


def person(house: House, code: str = CODE, organisation: str = "essote") -> str:
    """Receive one client and return the pseudonym."""
    # The same bytes of two organisations would wait for a person.
    row = good("clients", 1 if organisation == "essote" else 2, person_id=code)
    content = csv_text("clients", [row])
    receipt = house.receive(content, feed="clients", organisation=organisation)
    return str(house.column(receipt, "person_id")[0])


def worker(house: House, name: str, feed: str = "contacts", organisation: str = "essote") -> str:
    """Receive one row of a worker and return the pseudonym."""
    row = good(feed, 1 if organisation == "essote" else 2, worker_id=name)
    content = csv_text(feed, [row])
    receipt = house.receive(content, feed=feed, organisation=organisation)
    return str(house.column(receipt, "worker_id")[0])


def test_a_pseudonym_is_the_hmac_under_the_key_and_carries_the_keys_id(house: House) -> None:
    found = person(house)
    key_id, digest = found.split(":")
    assert re.fullmatch(r"k[0-9a-f]{8}:[0-9a-f]{64}", found)
    assert digest == hmac_of(own_key(house), CODE)
    assert key_id == pseudonym_key(house.home).id
    assert ledger.submissions(house.home)[0]["key_id"] == key_id


@pytest.mark.parametrize("name", ["w1", "Ääkkönen 7", 'o\'brien "x"', "W" * 300, "日本"])
def test_a_workers_pseudonym_is_made_of_organisation_and_worker_id(house: House, name: str) -> None:
    found = worker(house, '"' + name.replace('"', '""') + '"')
    assert found.split(":")[1] == hmac_of(own_key(house), f"essote/{name.upper()}")


def client(house: House, name: str, feed: str = "contacts", organisation: str = "essote") -> str:
    """Receive one row of a client relationship and return the pseudonym."""
    # The same bytes of two organisations would wait for a person.
    row = good(feed, 1 if organisation == "essote" else 2, client_id=name)
    receipt = house.receive(csv_text(feed, [row]), feed=feed, organisation=organisation)
    return str(house.column(receipt, "client_id")[0])


@pytest.mark.parametrize("name", ["c1", "C1", "007", "7", "Ääkkönen 7", "12.5", "A.0", "日本"])
def test_an_ids_pseudonym_is_made_of_organisation_and_the_id_as_it_is(
    house: House, name: str
) -> None:
    found = client(house, name)
    assert found == (
        f"{pseudonym_key(house.home).id}:{hmac_of(own_key(house), f'essote/id/{name}')}"
    )


def test_a_whole_number_is_the_same_id_with_and_without_decimals(house: House) -> None:
    """Spreadsheets and data frames write 12 as 12.0; a leading zero makes it another."""
    assert {client(house, name) for name in ("12", "12.0", " 12.00 ")} == {client(house, "12")}
    assert client(house, "012") != client(house, "12")


@pytest.mark.parametrize("feed", ["contacts", "measurements", "assessments"])
def test_a_client_is_the_same_in_every_feed_of_the_organisation_and_in_no_other(
    house: House, feed: str
) -> None:
    of_clients = client(house, "k7", "clients")
    assert client(house, "k7", feed) == of_clients
    assert client(house, "k7", feed, "sosteri") != of_clients


def test_a_client_and_a_worker_of_the_same_id_are_two(house: House) -> None:
    assert client(house, "id/7") != worker(house, "id/7")
    assert client(house, "7") != worker(house, "id/7")


def test_the_same_person_has_the_same_pseudonym_in_every_organisation(house: House) -> None:
    assert person(house) == person(house, CODE.lower(), organisation="sosteri")


def test_the_same_worker_has_the_same_pseudonym_in_every_feed(house: House) -> None:
    found = {worker(house, " w7 ", feed) for feed in ("contacts", "time_entries", "workers")}
    assert len(found | {worker(house, "W7")}) == 1


def test_workers_of_two_organisations_with_the_same_id_are_two(house: House) -> None:
    assert worker(house, "w7") != worker(house, "w7", organisation="sosteri")


def test_few_and_many_people_in_a_file_have_the_same_pseudonyms(house: House) -> None:
    """A file of few distinct workers is pseudonymised by a dictionary, one of many row by row."""
    few = house.receive(
        csv_text("contacts", [good("contacts", n, worker_id=f"w{n % 3}") for n in range(9)]),
        feed="contacts",
    )
    names = [f"w{n}" for n in range(66_000)]
    lines = csv_text("contacts", [good("contacts", 7, worker_id="WORKER")]).splitlines()
    rows = (
        lines[1].replace("WORKER", name).replace("c7", f"c{n}", 1) for n, name in enumerate(names)
    )
    many = house.receive("\n".join([lines[0], *rows]), feed="contacts")
    found = house.column(many, "worker_id")
    assert found[:3] == house.column(few, "worker_id")[:3]
    assert len(set(found)) == len(names)
    assert found[65_999].split(":")[1] == hmac_of(own_key(house), "essote/W65999")


def test_many_people_in_many_rows_have_the_same_pseudonyms_in_the_files_order(house: House) -> None:
    few = house.receive(csv_text("contacts", [good("contacts", 1)]), feed="contacts")
    # Every client twice, far apart: their pseudonyms are made beforehand and joined to the rows.
    clients = [good("contacts", 1)["client_id"], *(f"many-{n}" for n in range(66_000))] * 2
    rows = [
        good("contacts", n) | {"contact_id": f"k{n}", "client_id": client}
        for n, client in enumerate(clients)
    ]
    many = house.receive(csv_text("contacts", rows), feed="contacts", name="2018.csv")
    assert house.column(many, "contact_id") == [row["contact_id"] for row in rows]
    pseudonyms = house.column(many, "client_id")
    assert pseudonyms[: len(clients) // 2] == pseudonyms[len(clients) // 2 :]
    assert pseudonyms[:1] == house.column(few, "client_id")
    assert len(set(pseudonyms)) == len(clients) // 2


@pytest.mark.parametrize("has_short_line", [False, True])
def test_few_people_in_many_rows_have_their_pseudonyms_in_the_files_order(
    house: House, has_short_line: bool
) -> None:
    """Above a few rows, the pseudonyms of few people are made beforehand.

    Where a line has too few values, they are put in only when the rows are written at last.
    """
    count, clients, workers = 4_000, 70, 9
    rows = [
        good("contacts", n)
        | {"contact_id": f"k{n}", "client_id": f"c-{n % clients}", "worker_id": f"w{n % workers}"}
        | ({"minutes": "9999"} if n in (5, 3_000) else {})
        for n in range(count)
    ]
    lines = csv_text("contacts", rows).splitlines()
    if has_short_line:
        lines.insert(2_001, "short,line")
    content = "\n".join(lines) + "\n"
    assert len(content) > SMALL_TEXT
    receipt = house.receive(content, feed="contacts")
    assert (receipt.rows_loaded, receipt.rows_rejected) == (count - 2, 2 + has_short_line)
    left = [n for n in range(count) if n not in (5, 3_000)]
    secret = own_key(house)
    of_client = [hmac_of(secret, f"essote/id/c-{n}") for n in range(clients)]
    of_worker = [hmac_of(secret, f"essote/W{n}") for n in range(workers)]
    assert house.column(receipt, "contact_id") == [f"k{n}" for n in left]
    found = [text.split(":")[1] for text in house.column(receipt, "client_id")]
    assert found == [of_client[n % clients] for n in left]
    found = [text.split(":")[1] for text in house.column(receipt, "worker_id")]
    assert found == [of_worker[n % workers] for n in left]
    rejected = [text for (text,) in house.rejected_rows(receipt, "client_id") if text is not None]
    assert [text.split(":")[1] for text in rejected] == [of_client[n % clients] for n in (5, 3_000)]


def test_rejected_rows_hold_pseudonyms_too(house: House) -> None:
    rows = [good("contacts", n) for n in range(20)]
    rows += [good("contacts", 20, minutes="9999"), good("contacts", 21, worker_id="")]
    receipt = house.receive(csv_text("contacts", rows), feed="contacts")
    pseudonym = house.column(receipt, "worker_id")[0]
    assert house.rejected_rows(receipt, "worker_id") == [(pseudonym,), (None,)]
    ids = [f"essote/id/k{n}" for n in (20, 21)]
    assert [text.split(":")[1] for (text,) in house.rejected_rows(receipt, "client_id")] == [
        hmac_of(own_key(house), text) for text in ids
    ]


# Keys


def test_a_key_is_made_once_for_its_owner_only(house: House) -> None:
    first = pseudonym_key(house.home)
    path = house.home.keys / "pseudonym.key"
    assert first.created_at == path
    assert pseudonym_key(house.home).created_at is None
    assert pseudonym_key(house.home).secret == first.secret
    receiver.receive(house.home)
    person(house)
    for key in house.home.keys.iterdir():
        assert stat.S_IMODE(key.stat().st_mode) == 0o600, key.name
    assert {key.name for key in house.home.keys.iterdir()} == {"pseudonym.key", "originals.key"}
    assert stat.S_IMODE(house.home.keys.stat().st_mode) & 0o077 == 0


def test_a_key_of_the_environment_comes_first(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VUOSIKELLO_PSEUDONYM_KEY", SECRET)
    found = person(house)
    assert found.split(":")[1] == hmac_of(bytes.fromhex(SECRET), CODE)
    assert not (house.home.keys / "pseudonym.key").exists()


def test_a_key_may_come_from_a_file(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text(f" {SECRET}\n")
    monkeypatch.setenv("VUOSIKELLO_PSEUDONYM_KEY_FILE", str(tmp_path / "key"))
    assert person(house).split(":")[1] == hmac_of(bytes.fromhex(SECRET), CODE)


def test_a_key_longer_than_a_block_is_hashed_first(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VUOSIKELLO_PSEUDONYM_KEY", "ab" * 100)
    assert person(house).split(":")[1] == hmac_of(bytes.fromhex("ab" * 100), CODE)


@pytest.mark.parametrize("given", ["short", "zz" * 32, "0f" * 31, "0x" + "0f" * 32])
def test_a_key_that_cannot_be_used_is_said_without_being_told(
    house: House, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("VUOSIKELLO_PSEUDONYM_KEY", given)
    house.drop(csv_text("clients", [good("clients")]), feed="clients")
    with pytest.raises(KeyProblem) as problem:
        house.receive_all()
    assert given not in str(problem.value)
    assert "VUOSIKELLO_PSEUDONYM_KEY" in str(problem.value)


def test_another_key_gives_another_pseudonym_and_another_id(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VUOSIKELLO_PSEUDONYM_KEY", SECRET)
    first = person(house)
    monkeypatch.setenv("VUOSIKELLO_PSEUDONYM_KEY", "0e" * 32)
    second = person(house, organisation="sosteri")
    assert first.split(":")[0] != second.split(":")[0]
    assert first.split(":")[1] != second.split(":")[1]


def test_the_key_is_written_nowhere_else(
    house: House, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    person(house)
    worker(house, "w1")
    secret = own_key(house)
    printed = capfd.readouterr()
    found = found_in(
        house.home,
        [secret.hex()],
        printed.out.encode(),
        printed.err.encode(),
        caplog.text.encode(),
        repr(pseudonym_key(house.home)).encode(),
    )
    assert {place for place, _ in found} == {"keys/pseudonym.key"}
    for path in house.home.root.rglob("*"):
        assert not path.is_file() or secret not in path.read_bytes()


def test_the_key_of_originals_may_be_somebody_elses(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    monkeypatch.setenv("VUOSIKELLO_ORIGINALS_RECIPIENT", str(identity.to_public()))
    receipt = house.receive(csv_text("clients", [good("clients")]), feed="clients")
    encrypted = (house.home.originals / f"{receipt.submission_id}.age").read_bytes()
    assert CODE.encode() in pyrage.decrypt(encrypted, [identity])
    assert not (house.home.keys / "originals.key").exists()


def test_a_dry_run_uses_a_key_that_is_kept_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "2019.csv"
    path.write_text(csv_text("clients", [good("clients")]))
    home = Home(tmp_path / "home")
    receiver.check(path, feed="clients", organisation="essote", period="2019", home=home)
    assert not home.root.exists()


def test_a_key_that_must_be_there_is_not_made_anew(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with pytest.raises(KeyProblem, match="bring it back from where it is kept"):
        pseudonym_key(home, create=False)
    assert not home.keys.exists()
    made = pseudonym_key(home)
    assert pseudonym_key(home, create=False).id == made.id


@pytest.mark.parametrize("is_bad", [False, True])
def test_rows_of_a_large_file_of_many_clients_stay_in_its_order_and_keep_their_numbers(
    house: House, is_bad: bool
) -> None:
    """Several threads read such a file at once."""
    rows, clients, bad = 250_000, 66_000, 220_000
    row = good("contacts", 1) | {"contact_id": "{n}", "client_id": "{client}"}
    header, line = csv_text("contacts", [row]).splitlines()
    lines = [line.format(n=n, client=f"many-{n % clients}") for n in range(rows)]
    if is_bad:
        lines[bad] = line.replace("2019-", "2019-99-").format(n=bad, client="many-1")
    receipt = house.receive("\n".join([header, *lines]), feed="contacts")
    kept = [str(n) for n in range(rows) if not (is_bad and n == bad)]
    assert house.column(receipt, "contact_id") == kept
    assert [error.row for error in receipt.errors] == ([bad + 2] if is_bad else [])
    pseudonyms = house.column(receipt, "client_id")
    assert pseudonyms[:clients] == pseudonyms[clients : 2 * clients]
    assert pseudonyms[7].split(":")[1] == hmac_of(own_key(house), "essote/id/many-7")
