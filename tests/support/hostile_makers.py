"""Makers of hostile files: families of things that arrive in an inbox and should not.

Each family yields places in the inbox with what stands there; together some 250. All of it is made
here, from seeds; nothing is a sample of a real file. ``SECRETS`` are identity codes and a name that
are planted in many of them and must never come out again.
"""

from __future__ import annotations

import io
import json
import os
import random
import socket
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from tests.support.house import csv_text, good, goods
from tests.support.tables import identity_code, workbook

SECRETS = (
    identity_code(date(1952, 10, 13), 308),
    identity_code(date(2004, 2, 29), 77, "A"),
    identity_code(date(1961, 6, 1), 912, "Y"),
)
HEADER = csv_text("outreach", []).strip()
ROW = csv_text("outreach", [good("outreach", 1)]).splitlines()[1]
NAMES = HEADER.split(",")
MIB = 1 << 20


@dataclass(frozen=True)
class Hostile:
    """Something at a place in the inbox.

    ``place`` is relative to the inbox, as bytes, since a name may be no text. ``make`` puts it
    there. ``may_load`` says that good rows may come of it in spite of all.
    """

    place: bytes
    make: Callable[[Path], None]
    may_load: bool = False


def content(data: bytes | str) -> Callable[[Path], None]:
    """Return a maker of a file with this content."""
    return lambda path: _write(path, data)


def _write(path: Path, data: bytes | str) -> None:
    path.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)


def family(
    feed: str, extension: str, cases: dict[str, bytes | str], *, may_load: bool = False
) -> Iterator[Hostile]:
    """Yield one file for each case, each for a period of its own."""
    for number, (name, data) in enumerate(cases.items()):
        day = date(2018, 1, 1).toordinal() + number
        place = f"essote/{feed}/{date.fromordinal(day)}.{name}.{extension}"
        yield Hostile(place.encode(), content(data), may_load)


# Text


def encodings() -> Iterator[Hostile]:
    """Bytes that are no text, or text of another kind than it seems."""
    text = f"{HEADER}\n{ROW}\n{SECRETS[0]},ä,€\n"
    accented = text.replace("ä", "äöåÄÖÅ" * 20)
    cases: dict[str, bytes | str] = {
        "utf16-le-bare": text.encode("utf-16-le"),
        "utf16-be-bare": text.encode("utf-16-be"),
        "utf16-odd": text.encode("utf-16")[:-1],
        "utf16-lone-surrogate": b"\xff\xfe" + HEADER.encode("utf-16-le") + b"\n\x00\x00\xd8a\x00",
        "utf32": text.encode("utf-32"),
        "ebcdic": text.replace("€", "e").encode("cp500"),
        "utf7": text.encode("utf-7"),
        "bom-twice": b"\xef\xbb\xbf\xef\xbb\xbf" + b"visit_id;x\n",
        "bom-inside": text.replace("\n", "\n\ufeff"),
        "bom-only": b"\xef\xbb\xbf",
        "bom16-only": b"\xff\xfe",
        "mixed": accented.encode() + accented.encode("windows-1252"),
        "overlong": text.encode() + b"\xc0\xaf,\xe0\x80\xaf\n",
        "truncated-utf8": accented.encode()[: HEADER.__len__() + len(ROW) + 30] + b"\xc3",
        "c1-controls": text.encode("windows-1252") + b"\x81\x8d\x8f\x90\x9d\n",
        "nul-inside": text.encode() + b"a\0b\n",
        "all-nul": b"\0" * 4096,
        "all-bytes": bytes(range(256)) * 16,
        "noise": random.Random(1).randbytes(8192),
        "control-z": text.encode() + b"\x1a\x1a",
        "right-to-left": text + "\u202e\u202d\u2066,,\u2069\n",
        "gzip": zlib.compress(text.encode()),
        "pdf": b"%PDF-1.7\n" + random.Random(2).randbytes(999),
    }
    return family("outreach", "csv", cases)


def shapes() -> Iterator[Hostile]:
    """Text that is no table, or not the right one."""
    many = ",".join(f"column_{n}" for n in range(10_000))
    cases: dict[str, bytes | str] = {
        "empty": "",
        "newline": "\n",
        "newlines": "\r\n" * 5000,
        "spaces": " " * 5000,
        "header-only": HEADER,
        "header-and-newlines": HEADER + "\n" * 5000,
        "header-and-commas": HEADER + "\n" + ("," * 8 + "\n") * 5000,
        "no-header": (ROW + "\n") * 3,
        "no-header-but-people": "\n".join(f"{code},2019-03-14,Meri Esimerkki" for code in SECRETS),
        "header-of-people": ",".join(SECRETS) + "\n" + ROW,
        "header-and-people": f"{HEADER},{SECRETS[0]}\n{SECRETS[1]}\n{ROW}\n",
        "blank-before-header": f"\n\n{HEADER}\n{ROW}\n",
        "title-before-header": f"Käynnit 2019\n\n{HEADER}\n{ROW}\n",
        "sep-line": f"sep=;\n{HEADER}\n{ROW}\n",
        "header-twice-over": f"{HEADER},{HEADER}\n{ROW},{ROW}\n",
        "duplicate-column": f"{HEADER},VISIT_ID\n{ROW},x\n",
        "other-feed": csv_text("contacts", goods("contacts", 3)),
        "pipes": f"{HEADER}\n{ROW}\n".replace(",", "|"),
        "spaces-between": f"{HEADER}\n{ROW}\n".replace(",", "  "),
        "ten-thousand-columns": f"{many}\n{','.join('x' * 10_000)}\n",
        "short-rows": HEADER + "\n" + "a,b\n" * 3000,
        "long-rows": HEADER + "\n" + (ROW + ",x" * 3 + "\n") * 3000,
        "longer-rows": HEADER + "\n" + (ROW + ",x" * 300 + "\n") * 300,
        "ragged": HEADER + "\n" + "".join("x," * n + "\n" for n in range(300)),
        "semicolons-below-commas": HEADER + "\n" + (ROW.replace(",", ";") + "\n") * 3000,
        "cell-of-a-mebibyte": f"{HEADER}\n{'x' * MIB}{ROW}\n" * 2,
        "line-of-fifty-mebibytes": f"{HEADER}\n{'x' * (50 * MIB)}\n",
        "fifty-mebibytes-without-line": "visit_id," * (50 * MIB // 9),
        "header-of-three-mebibytes": f"{HEADER},{'x' * (3 * MIB)}\n{ROW}\n",
        "only-delimiters": "," * 100_000,
        "html": f"<html><body><h1>404</h1><p>{SECRETS[0]}</p></body></html>",
        "json-in-csv": json.dumps({"visit_id": SECRETS[0]}),
        "sql-in-header": f'"visit_id\'); DROP TABLE x;--",{HEADER}\n{ROW}\n',
        "delimiter-in-header": f'"visit_id,occurred_on","{HEADER}"\n{ROW}\n',
        "header-of-quotes": '"' * 999 + "\n",
        "cr-cr-lf": f"{HEADER}\r\r\n{ROW}x\r\r\n".replace(",4x", ",nine"),
    }
    return family("outreach", "csv", cases)


def quotes() -> Iterator[Hostile]:
    """Quotation marks where they do not belong."""
    cases = {
        "never-closed": f'{HEADER}\n{ROW}\n"{ROW}\n{ROW}\n',
        "never-closed-at-once": f'"{HEADER}\n{ROW}\n',
        "never-closed-at-the-end": f'{HEADER}\n{ROW},"',
        "never-closed-and-long": f'{HEADER}\n"' + f"{ROW}\n" * 100_000,
        "text-after-quote": f'{HEADER}\n"v1"x,{ROW}\n',
        "backslash": f'{HEADER}\n"v\\"1",{ROW}\n',
        "only-quotes": f"{HEADER}\n" + '"' * 1001 + "\n",
        "quote-in-every-cell": f"{HEADER}\n" + ",".join(['"'] * 9) + "\n",
        "curly": f"{HEADER}\n“v1”,{ROW}\n",
        "single": f"{HEADER}\n'v,1',{ROW}\n",
        "people-in-broken-quotes": f'{HEADER}\n"{SECRETS[0]}"x,"{SECRETS[1]}\n{SECRETS[2]}\n',
        "half-a-million-broken": HEADER + "\n" + '"a"b\n' * 500_000,
    }
    return family("outreach", "csv", cases)


def values() -> Iterator[Hostile]:
    """Cells that mean harm, or nothing; more than a tenth of the rows, so nothing loads."""
    bad = {
        "numbers": (
            "persons_present",
            [
                "NaN",
                "inf",
                "-inf",
                "1e309",
                "0x10",
                "1_000",
                "١٢",
                "--1",
                "+-1",
                "1e",
                "1.2.3",
                "∞",
            ],
        ),
        "huge-numbers": ("persons_present", ["9" * n for n in (10, 20, 400, 5000)]),
        "negative": ("persons_present", ["-1", "-0.5", "-999999999999"]),
        "dates": (
            "occurred_on",
            [
                "0000-00-00",
                "31.2.2019",
                "infinity",
                "-infinity",
                "epoch",
                "now",
                "today",
                "2019-13-01",
                "99999-01-01",
                "2019-02-29",
                "1.1.1",
                "43538",
                "2019-W10",
                "2019-073",
                "tomorrow",
                "9999-12-31",
                "0001-01-01",
            ],
        ),
        "codes": (
            "nature",
            ["' OR 1=1 --", "home_visit ' ", "HOME_VISIT", "home_visit|partner", "\\"],
        ),
        "lists": (
            "topics",
            ["economy|x", "economy;housing", "[economy]", "x|" * 5000, '"', "\x1f"],
        ),
        "municipalities": (
            "municipality",
            ["Mikkeli", "0491", "4 9 1", "-91", "000", "1e2", "491.5"],
        ),
        "people-in-codes": ("municipality", list(SECRETS)),
        "people-in-text": ("visit_id", [*SECRETS, f"x {SECRETS[0]} y", SECRETS[1].lower()]),
        "people-in-numbers": ("feeling", list(SECRETS)),
        "people-in-dates": ("occurred_on", list(SECRETS)),
    }
    cases: dict[str, bytes | str] = {}
    for name, (column, texts) in bad.items():
        rows = [
            good("outreach", n, **{column: f'"{t.replace(chr(34), chr(34) * 2)}"'})
            for n, t in enumerate(texts)
        ]
        cases[name] = csv_text("outreach", rows)
    cases["same-key"] = csv_text("outreach", [good("outreach", 1)] * 500)
    cases["future"] = csv_text("outreach", [good("outreach", 1, occurred_on="2199-01-01")])
    cases["past"] = csv_text("outreach", [good("outreach", 1, occurred_on="1019-01-01")])
    return family("outreach", "csv", cases)


def injections() -> Iterator[Hostile]:
    """Text that means something to a program downstream; as plain text it may load."""
    texts = [
        "'; DROP TABLE contacts; --",
        "$organisation",
        "$inner",
        "{source}",
        "{found}",
        "%s%n%x",
        "${jndi:ldap://localhost/x}",
        "../../../../etc/passwd",
        "<script>alert(1)</script>",
        "=cmd|'/C calc'!A0",
        "@SUM(1+1)*cmd|' /C calc'!A0",
        '+HYPERLINK("http://localhost","x")',
        "\\x00\\u0000",
        "{{ 7*7 }}{% raw %}",
        "\ufeff\u200b\u202e",
        "ﷺ" * 200,
        "a\u0301" * 500,
        "[bold red]x[/bold red][/]",
        "\x1b[31mred\x1b[0m",
        "NULL",
        "read_csv('/etc/passwd')",
    ]
    cases: dict[str, bytes | str] = {}
    for number, text in enumerate(texts):
        quoted = '"' + text.replace('"', '""') + '"'
        lines = csv_text("outreach", [good("outreach", 1, visit_id=quoted, place_id=quoted)])
        header, row = lines.splitlines()
        cases[f"cell-{number}"] = f"{header},{quoted}\n{row},{quoted}\n"
    return family("outreach", "csv", cases, may_load=True)


def json_lines() -> Iterator[Hostile]:
    """JSON lines that are none."""
    row = json.dumps(good("outreach", 1))
    deep = "[" * 10_000 + "]" * 10_000
    objects = '{"a":' * 10_000 + "1" + "}" * 10_000
    cases: dict[str, bytes | str] = {
        "array": json.dumps([good("outreach", n) for n in range(3)]),
        "pretty": json.dumps(good("outreach", 1), indent=2),
        "deep-array": deep,
        "deep-objects": objects,
        "deep-value": row.replace('"home_visit"', deep),
        "huge-number": row.replace('"3"', "9" * 5000),
        "huge-exponent": row.replace('"3"', "1e999999"),
        "nan": row.replace('"3"', "NaN"),
        "infinity": row.replace('"3"', "-Infinity"),
        "truncated": row[:-5],
        "two-on-a-line": f"{row} {row}",
        "comma-between": f"{row},\n{row},\n",
        "strings": '"visit_id"\n"v1"\n',
        "nulls": "null\nnull\n",
        "numbers": "1\n2\n3\n",
        "empty-objects": "{}\n{}\n",
        "empty-keys": '{"": 1, " ": 2}\n',
        "single-quotes": row.replace('"', "'"),
        "comments": f"// hello\n{row}\n/* x */",
        "trailing-comma": row[:-1] + ",}",
        "lone-surrogate": row.replace("v1", "\\ud800"),
        "escaped-nul": row.replace("v1", "a\\u0000b"),
        "control": row.replace("v1", "a\x1fb"),
        "csv": f"{HEADER}\n{ROW}\n",
        "people-as-keys": "".join(json.dumps({code: code}) + "\n" for code in SECRETS),
        "people-as-values": "".join(json.dumps({"visit_id": code}) + "\n" for code in SECRETS),
        "people-in-broken": "".join(f'{{"visit_id": "{code}"\n' for code in SECRETS),
        "people-in-objects": json.dumps(good("outreach", 1, visit_id={"a": [SECRETS[0]]})),
        "ten-thousand-keys": json.dumps({f"k{n}": n for n in range(10_000)}),
        "a-key-of-its-own-in-every-line": "".join(f'{{"key_{n}": 1}}\n' for n in range(20_000)),
        "line-of-fifty-mebibytes": '{"visit_id": "' + "x" * (50 * MIB) + '"}',
        "sql-as-key": json.dumps({"visit_id') FROM x; --": 1, '"': 2, "\\": 3, "$.a[0]": 4}),
        "utf16": json.dumps(good("outreach", 1)).encode("utf-16-le"),
    }
    return family("outreach", "jsonl", cases)


# Spreadsheets


def _cells(header: list[Any], *rows: list[Any]) -> bytes:
    return workbook([header, *rows])


def _zip(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def _with_sheet(sheet: bytes, shared: bytes | None = None) -> bytes:
    """Return a workbook whose first sheet (and shared strings) is this XML."""
    book = workbook([["a"]])
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            data = old.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                data = sheet
            if member.filename == "xl/sharedStrings.xml" and shared is not None:
                data = shared
            new.writestr(member.filename, data)
    return out.getvalue()


_SHEET = (
    b'<?xml version="1.0" encoding="UTF-8"?><worksheet '
    b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData>'
    b"</worksheet>"
)


def _bomb(mebibytes: int) -> bytes:
    """Return a workbook whose sheet unpacks to this much, of one cell over and over."""
    cell = b'<row r="1"><c r="A1"><v>1</v></c></row>'
    repeats = mebibytes * MIB // len(cell)
    return _with_sheet(_SHEET % (cell * repeats))


def _lying(data: bytes, size: int) -> bytes:
    """Return the archive with every declared unpacked size changed to this one."""
    changed = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.find(signature)
        while at >= 0:
            struct.pack_into("<I", changed, at + offset, size)
            at = data.find(signature, at + 1)
    return bytes(changed)


def _gigabytes() -> bytes:
    """Return an archive of some megabytes with a sheet of four gigabytes of nothing."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = b" " * (16 * MIB)
    packed = b"".join(packer.compress(block) for _ in range(96)) + packer.flush()
    size, name, checksum = 96 * 16 * MIB, b"xl/worksheets/sheet1.xml", 0
    for _ in range(96):
        checksum = zlib.crc32(block, checksum)
    fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, checksum, len(packed), size, len(name), 0)
    local = b"PK\x03\x04" + fields + name + packed
    central = b"PK\x01\x02\x14\x00" + fields + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


def spreadsheets() -> Iterator[Hostile]:
    """Workbooks that are damaged, enormous or something else."""
    row = [good("outreach", 1).get(name) for name in NAMES]
    whole = _cells(NAMES, row)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, NAMES)
        for column in range(len(NAMES)):
            sheet.write_formula(1, column, '=WEBSERVICE("http://localhost/"&A1)', None, "x")
    formulas = out.getvalue()
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    near = b'<row r="1"><c r="A1" t="inlineStr"><is><t>visit_id</t></is></c></row>'
    entities = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
        + b"]><worksheet><sheetData><row><c><v>&j;</v></c></row></sheetData></worksheet>"
    )
    external = (
        _SHEET.replace(
            b"?><worksheet", b'?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet'
        )
        % b'<row r="1"><c r="A1"><v>&e;</v></c></row>'
    )
    cases: dict[str, bytes | str] = {
        "empty": b"",
        "not-a-zip": f"{HEADER}\n{ROW}\n",
        "zip-of-nothing": _zip({}),
        "zip-of-text": _zip({"readme.txt": b"hello"}),
        "zip-of-csv": _zip({"2019.csv": f"{HEADER}\n{ROW}\n".encode()}),
        "truncated": whole[: len(whole) // 2],
        "truncated-at-the-end": whole[:-10],
        "flipped": bytes(byte ^ 255 if 300 < n < 400 else byte for n, byte in enumerate(whole)),
        "old-binary": bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 4096,
        "encrypted": bytes.fromhex("d0cf11e0a1b11ae1")
        + "EncryptedPackage".encode("utf-16-le") * 99,
        "no-cells": workbook([[]]),
        "header-only": workbook([NAMES]),
        "header-of-people": _cells(list(SECRETS), row),
        "people-in-cells": _cells(NAMES, *[[code] * len(NAMES) for code in SECRETS]),
        "formulas": formulas,
        "numbers-for-names": _cells(list(range(9)), list(range(9))),
        "far-cell": _with_sheet(_SHEET % (near + far)),
        "far-cell-alone": _with_sheet(_SHEET % far),
        "no-sheet": _zip({"xl/workbook.xml": b"<workbook><sheets/></workbook>"}),
        "broken-xml": _with_sheet(b"<worksheet><sheetData><row><c>"),
        "billion-laughs": _with_sheet(entities),
        "external-entity": _with_sheet(external),
        "string-out-of-range": _with_sheet(
            _SHEET % b'<row r="1"><c r="A1" t="s"><v>999999999</v></c></row>'
        ),
        "backwards": _with_sheet(
            _SHEET
            % b'<row r="5"><c r="C5"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>'
        ),
        "cell-without-place": _with_sheet(_SHEET % b'<row><c r="??"><v>1</v></c></row>'),
        "bomb-64": _bomb(64),
        "bomb-lying": _lying(_bomb(64), 10),
        "bomb-gigabytes": _gigabytes(),
        "bomb-gigabytes-lying": _lying(_gigabytes(), 1000),
        "climbing": _zip({"../../../../tmp/escaped.txt": b"x", "xl/workbook.xml": b"<x/>"}),
        "jpeg": b"\xff\xd8\xff\xe0" + random.Random(3).randbytes(4096),
    }
    return family("outreach", "xlsx", cases)


# Parquet


def _parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def parquets() -> Iterator[Hostile]:
    """Parquet that is damaged, empty, or holds what no cell holds."""
    texts = pa.table({name: [str(good("outreach", 1).get(name, ""))] for name in NAMES})
    whole = _parquet(texts)
    nested = texts.set_column(0, "visit_id", pa.array([{"a": [{"b": SECRETS[0]}]}]))
    binary = texts.set_column(0, "visit_id", pa.array([b"\xff\x00\xfe"]))
    people = texts.set_column(2, "municipality", pa.array([SECRETS[0]]))
    rng = random.Random(4)
    scrambled = bytearray(whole)
    for _ in range(40):
        scrambled[rng.randrange(4, len(scrambled) - 8)] = rng.randrange(256)
    cases: dict[str, bytes | str] = {
        "empty": b"",
        "magic-only": b"PAR1PAR1",
        "not-parquet": f"{HEADER}\n{ROW}\n",
        "truncated": whole[: len(whole) // 2],
        "wrong-magic": b"PARX" + whole[4:],
        "encrypted-magic": whole[:-4] + b"PARE",
        "long-footer": whole[:-8] + struct.pack("<I", 2**31 - 1) + b"PAR1",
        "scrambled": bytes(scrambled),
        "no-rows": _parquet(texts.slice(0, 0)),
        "no-columns": _parquet(pa.table({})),
        "people": _parquet(people),
        "header-of-people": _parquet(pa.table({code: [1] for code in SECRETS})),
        "maps": _parquet(
            texts.set_column(7, "topics", pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())))
        ),
        "binary-code": _parquet(binary.set_column(4, "nature", pa.array([b"\xff\xfe"]))),
        "struct-key": _parquet(nested.set_column(4, "nature", pa.array([{"x": 1}]))),
        "nan": _parquet(texts.set_column(5, "persons_present", pa.array([float("nan")]))),
        "infinite": _parquet(texts.set_column(5, "persons_present", pa.array([float("inf")]))),
        "duplicate-names": _parquet(texts.append_column("VISIT_ID", pa.array(["x"]))),
        "ten-thousand-columns": _parquet(pa.table({f"c{n}": [n] for n in range(10_000)})),
        "sql": _parquet(pa.table({"visit_id'); DROP TABLE x; --": ["1"], '"': ["2"]})),
    }
    return family("outreach", "parquet", cases)


# Places


def places() -> Iterator[Hostile]:
    """Good content in a place that does not fit."""
    text = csv_text("outreach", goods("outreach", 2))
    names = [
        "2019.csv",
        "essote/2019.csv",
        "essote/outreach/a/b/c/2019.csv",
        "/".join("abcdefghijklmnopqrstuvwxyz") + "/2019.csv",
        "nobody/outreach/2019.csv",
        "ESSOTE/outreach/2019.csv",
        "essote /outreach/2019.csv",
        "essote/outreaches/2019.csv",
        "essote/OUTREACH/2019.csv",
        "essote/outreach/2019-13.csv",
        "essote/outreach/2019-00.csv",
        "essote/outreach/2019-02-30.csv",
        "essote/outreach/0000.csv",
        "essote/outreach/20190101.csv",
        "essote/outreach/2019",
        "essote/outreach/2019.",
        "essote/outreach/2019.exe",
        "essote/outreach/2019.xls",
        "essote/outreach/2019.json",
        "essote/outreach/2019.csv.zip",
        "essote/outreach/2019.csv ",
        "essote/outreach/-rf.csv",
        "essote/outreach/$(reboot).csv",
        "essote/outreach/`reboot`.csv",
        "essote/outreach/*.csv",
        "essote/outreach/%00.csv",
        "essote/outreach/con.csv",
        "essote/outreach/<script>alert(1)<.csv",
        "essote/outreach/<img src=x onerror=alert(1)>.csv",
        'essote/outreach/"quoted".csv',
        "essote/outreach/'; DROP TABLE x; --.csv",
        "essote/outreach/[bold]x[/bold].csv",
        "essote/outreach/[/].csv",
        "essote/outreach/{{ 7*7 }}.csv",
        "essote/outreach/new\nline.csv",
        "essote/outreach/tab\tand\rreturn.csv",
        "essote/outreach/\x1b[2Jterminal.csv",
        "essote/outreach/\u202egnp.csv",
        "essote/outreach/２０１９.csv",
        "essote/outreach/" + "x" * 250 + ".csv",
        "essote/outreach/" + "ä" * 125 + ".csv",
        "essote/outreach/\U0001f600.csv",
        f"essote/outreach/{SECRETS[0]}.csv",
        f"essote/{SECRETS[1]}/2019.csv",
        f"{SECRETS[2]}/outreach/2019.csv",
        f"essote/outreach/x_{SECRETS[0]}_y{SECRETS[1]}z.csv",
        f"essote/outreach/asiakas{SECRETS[0].lower()}.csv",
    ]
    for name in names:
        yield Hostile(name.encode(), content(text))
    for raw in (
        b"essote/outreach/\xff\xfe.csv",
        b"ess\xe4/outreach/2019.csv",
        b"\x80\x81/\x82/\x83",
    ):
        yield Hostile(raw, content(text))


def oddities(outside: Path) -> Iterator[Hostile]:
    """What is no ordinary file.

    Args:
        outside: a folder outside the inbox that must stay as it is.
    """

    def link(target: str) -> Callable[[Path], None]:
        return lambda path: path.symlink_to(target)

    def bind(path: Path) -> None:
        # A socket's address may be no longer than 107 bytes; a relative one is short.
        here = Path.cwd()
        os.chdir(path.parent)
        try:
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(path.name)
        finally:
            os.chdir(here)

    base = "essote/outreach/2017-01-"
    makers: list[Callable[[Path], None]] = [
        link("/etc/passwd"),
        link(str(outside / "precious.csv")),
        link("nowhere"),
        link("2017-01-04.csv"),
        link("2017-01-05.csv"),
        link(str(outside)),
        link(".."),
        link("/dev/zero"),
        link("/dev/stdin"),
        link("/proc/self/mem"),
        lambda path: os.mkfifo(path),
        bind,
        lambda path: path.mkdir(),
    ]
    for number, make in enumerate(makers, 1):
        yield Hostile(f"{base}{number:02}.csv".encode(), make)
    yield Hostile(b"link", link(str(outside)))
    yield Hostile(b"essote/link", link(str(outside)))


def everything(outside: Path) -> list[Hostile]:
    """Return all hostile files."""
    makers = (encodings, shapes, quotes, values, injections, json_lines, spreadsheets, parquets)
    found = [hostile for make in (*makers, places) for hostile in make()]
    # Families of one feed and format share periods; a name of their own keeps them apart.
    return found + list(oddities(outside))
