"""Files that nobody should send, by the hundred: what they are called and what is in them.

Each family is a function that yields (path below the inbox, how to make it). Everything is made
from constants, so that a failure can be made again.
"""

from __future__ import annotations

import io
import json
import os
import socket
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

HEADER = "meeting_id,held_on,body,municipality"
GOOD_ROW = "M1,2019-02-12,board,"
# Of the form of an identity code; the individual number is of the kind given to nobody.
IDENTITY_CODE = "010190-999X"
Make = Callable[[Path], None]
Hostile = tuple[str, Make]


def text(content: str, encoding: str = "utf-8") -> Make:
    return lambda path: path.write_bytes(content.encode(encoding, "surrogateescape"))  # type: ignore[func-returns-value]


def raw(content: bytes) -> Make:
    return lambda path: path.write_bytes(content)  # type: ignore[func-returns-value]


def table(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"


def at(number: int, extension: str = "csv") -> str:
    """A place that fits: another organisation's file for each number."""
    return f"hva-{number % 21 + 1:02}/meetings/20{number // 21 + 23:02}.{number}.{extension}"


def encodings() -> Iterator[Make]:
    body = table("Mä1,2019-02-12,board,nö")
    for encoding in ("utf-16-le", "utf-16-be", "cp037", "utf-32", "shift_jis", "utf-7", "koi8-r"):
        yield raw(body.encode(encoding, "replace"))
    yield raw(b"\xff\xfe\x00" + body.encode())
    yield raw(body.encode()[:30] + b"\xc3\x28\x80\xfe" + body.encode()[30:])
    yield raw(HEADER.encode() + b"\n\x00\x00\x00\x00\n")
    yield raw(bytes(range(256)) * 40)
    yield raw(b"\xef\xbb\xbf")
    yield raw(b"\xef\xbb\xbf" * 20 + b"\n")


def quotes() -> Iterator[Make]:
    for cell in ('"', '"x', 'x"y"z', '"a""', '"a"b', '""""', '"\n', "'", '"a,b'):
        yield text(f"{HEADER}\n{cell},2019-02-12,nobody,\n")
        yield text(f'{HEADER}\n{GOOD_ROW}\n{cell}\nM3,2019-02-12,nobody,"\n')
    yield text('"' * 100_000)
    yield text(HEADER.replace(",", '","') + "\n" + GOOD_ROW)
    yield text(f'"{HEADER}\n{GOOD_ROW}\n')


def shapes() -> Iterator[Make]:
    yield text("")
    yield text("\n")
    yield text("\r\n\r\n\r\n")
    yield text(" ")
    yield text(",,,,,,,,,\n,,,,,,,,,\n")
    yield text(HEADER)
    yield text(HEADER + "\n")
    yield text(HEADER + "\n\n\n\n")
    yield text(GOOD_ROW + "\n" + GOOD_ROW + "\n")
    yield text(f"{IDENTITY_CODE},first,secret\n{IDENTITY_CODE},second,secret\n")
    yield text(table(*["M1"] * 50))
    yield text(table(*[GOOD_ROW + ",x,y,z"] * 50))
    yield text(",".join(f"column{n}" for n in range(10_000)) + "\n" + "1," * 10_000 + "\n")
    yield text(f"{HEADER},{','.join('x' for _ in range(5_000))}\n{'1,' * 5_003}1\n")
    yield text(f"{HEADER},{HEADER}\n{GOOD_ROW},{GOOD_ROW}\n")
    yield text(table("M1,2019-02-12," + "b" * 1_000_000 + ","))
    yield text(HEADER + "\n" + "x" * 20_000_000 + "\n")
    yield text(table("M1,2019-02-12,nobody,", header=HEADER.replace(",", "\x01")))
    yield text(table("M1|2019-02-12|board|", header=HEADER.replace(",", "|")))


EVIL = (
    "'; DROP TABLE clients; --",
    "\"); COPY (SELECT 1) TO '/tmp/owned'; --",
    "${jndi:ldap://127.0.0.1/a}",
    "{{ 7*7 }}",
    "{% include '/etc/passwd' %}",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "../../../../etc/passwd",
    "$organisation",
    "{source}",
    "%s%s%s%n",
    "\x1b[2J\x1b[31m",
    "‮exe.slx",
)


def injections() -> Iterator[Make]:
    for evil in EVIL:
        quoted = '"' + evil.replace('"', '""') + '"'
        yield text(f"{quoted},{HEADER}\n{quoted},{evil.replace(',', ' ')},x,y,z\n")
        yield text(f"meeting_id,held_on,body,municipality,{quoted}\n{quoted},{quoted},x,y,z\n")


def values() -> Iterator[Make]:
    dates = ("0000-00-00", "2019-02-30", "31.2.2019", "infinity", "epoch", "99999-01-01", "today")
    dates += ("1949-12-31", "2999-01-01", "-2019-01-01", "2019-13-01", "20190212", "nan", "1e309")
    for day in dates:
        yield text(table(f"M1,{day},board,"))
    for code in ("BOARD", "board;council", "٠٤٩", "NULL", "None", "nan", "0x31", "9" * 400):
        yield text(table(f"M1,2019-02-12,{code},{code}"))


def spreadsheets() -> Iterator[Make]:
    def workbook(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
        out = io.BytesIO()
        book = xlsxwriter.Workbook(out, {"in_memory": True})
        fill(book)
        book.close()
        return out.getvalue()

    def empty(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet()

    def far_cell(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER.split(","))
        sheet.write(1_048_575, 16_383, "far")

    def formulas(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER.split(","))
        sheet.write_formula(1, 0, '=HYPERLINK("http://127.0.0.1","x")', None, "x")
        sheet.write_row(1, 1, [IDENTITY_CODE, "nobody"])

    good = workbook(formulas)
    for content in (
        workbook(empty),
        workbook(far_cell),
        good,
        good[: len(good) // 2],
        b"PK\x03\x04",
    ):
        yield raw(content)
    yield raw(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096)
    yield raw(b"not a zip at all")
    yield raw(zipped({"readme.txt": b"no workbook here"}))
    yield raw(zipped({"xl/worksheets/sheet1.xml": b"<" * 1000, "[Content_Types].xml": b"<Types/>"}))
    yield raw(zipped({"xl/sharedStrings.xml": b"\0" * (1200 << 20)}))
    yield raw(lying(zipped({"xl/worksheets/sheet1.xml": b"\0" * (64 << 20)})))
    laughs = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
    yield raw(zipped({"xl/worksheets/sheet1.xml": laughs, "xl/workbook.xml": laughs}))
    yield raw(zipped({"../../../outside.txt": b"slip", "xl/workbook.xml": b"<workbook/>"}))


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def lying(archive: bytes) -> bytes:
    """Say in the archive's directory that everything in it is ten bytes long."""
    start = archive.rindex(b"PK\x01\x02")
    return archive[: start + 24] + (10).to_bytes(4, "little") + archive[start + 28 :]


def parquets() -> Iterator[Make]:
    def parquet(columns: dict[str, object]) -> bytes:
        out = io.BytesIO()
        pq.write_table(pa.table(columns), out)
        return out.getvalue()

    good = parquet({"meeting_id": ["M1"], "held_on": ["2019-02-12"], "body": ["nobody"]})
    yield raw(good[:-8])
    yield raw(good[:50] + good[60:])
    yield raw(b"PAR1" + b"\0" * 100 + b"PAR1")
    yield raw(parquet({"meeting_id": [], "held_on": [], "body": []}))
    yield raw(parquet({"meeting_id": [{"a": [1]}], "held_on": [[1]], "body": [b"\xff\xfe"]}))
    yield raw(parquet({'"; DROP TABLE x; --': [1], "held_on": [2]}))
    yield raw(parquet({"meeting_id": [IDENTITY_CODE], "held_on": ["x"], "body": [IDENTITY_CODE]}))
    yield text(table(GOOD_ROW))


def json_lines() -> Iterator[Make]:
    for line in (
        "[]",
        "null",
        "1",
        '"text"',
        "{",
        "}{",
        "{}",
        '{"meeting_id": ',
        '{"meeting_id": NaN}',
        "[" * 10_000 + "]" * 10_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        json.dumps({"meeting_id": {"x": [1, {"y": 2}]}, "held_on": [], "body": {}}),
        '{"meeting_id": "a", "meeting_id": "b", "held_on": 1e400, "body": ' + "9" * 5_000 + "}",
        json.dumps({IDENTITY_CODE: IDENTITY_CODE, "'; DROP TABLE x; --": 1}),
        json.dumps({"MEETING_ID ": "1", "meeting_id": "2", "held_on": "x", "body": "\ud800"}),
        "not json\n" * 1000,
    ):
        yield text(line + "\n")


def json_injections() -> Iterator[Make]:
    for evil in EVIL:
        yield text(
            json.dumps({evil: evil, "meeting_id": evil, "held_on": evil, "body": evil}) + "\n"
        )


def places() -> Iterator[Hostile]:
    good = text(table("M1,2019-02-12,nobody,"))
    yield from (
        (place, good)
        for place in (
            "stray.csv",
            "hva-01/stray.csv",
            "hva-01/meetings/deep/2024.csv",
            "hva-01/meetings/a/b/c/d/2024.csv",
            "nobody/meetings/2024.csv",
            "hva-01/nothing/2024.csv",
            "HVA-01/meetings/2024.csv",
            "hva-01/meetings/2024",
            "hva-01/meetings/2024.exe",
            "hva-01/meetings/2024.csv.zip",
            "hva-01/meetings/2024-13.csv",
            "hva-01/meetings/2024-02-30.csv",
            "hva-01/meetings/24.csv",
            "hva-01/meetings/０２４.csv",
            "hva-01/meetings/-.csv",
            "hva-01/meetings/'; DROP TABLE x; --.csv",
            'hva-01/meetings/"quoted".csv',
            "hva-01/meetings/<script>alert(1)<|script>.csv",
            "hva-01/meetings/new\nline.csv",
            "hva-01/meetings/bell\x07.csv",
            "hva-01/meetings/‮vsc.csv",
            "hva-01/meetings/" + "long" * 60 + ".csv",
            f"hva-01/meetings/{IDENTITY_CODE}.csv",
            f"{IDENTITY_CODE}/meetings/2024.csv",
            "hva-01/meetings/*[a-z]?.csv",
            "hva-01/meetings/$(touch owned).csv",
            "hva-01/meetings/2024.;rm -rf.csv.bak",
            os.fsdecode(b"hva-01/meetings/\xff\xfe.csv"),
            "..hidden.not/meetings/2024.csv".replace("..", "dots"),
        )
    )
    yield "hva-02/meetings/2030.csv", lambda path: path.mkdir()
    yield "hva-02/meetings/2031.csv", lambda path: path.symlink_to("/etc/passwd")
    yield "hva-02/meetings/2032.csv", lambda path: path.symlink_to("nowhere")
    yield "hva-02/meetings/2033.csv", lambda path: path.symlink_to(path)
    yield "hva-02/meetings/2034.csv", os.mkfifo
    yield "hva-02/meetings/2035.csv", unix_socket
    yield "hva-02/meetings/2036.csv", lambda path: path.symlink_to("/dev/zero")


def unix_socket(path: Path) -> None:
    """Bind by a short relative name: a socket's path may not be long."""
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(before)


def all_files() -> list[Hostile]:
    """Every hostile file, each at a place of its own."""
    found: list[Hostile] = list(places())
    families: tuple[tuple[str, Callable[[], Iterator[Make]]], ...] = (
        ("csv", encodings),
        ("csv", quotes),
        ("csv", shapes),
        ("csv", injections),
        ("csv", values),
        ("xlsx", spreadsheets),
        ("parquet", parquets),
        ("jsonl", json_lines),
        ("jsonl", json_injections),
        ("jsonl", encodings),
    )
    number = 0
    for extension, family in families:
        for make in family():
            found.append((at(number, extension), make))
            number += 1
    return found
