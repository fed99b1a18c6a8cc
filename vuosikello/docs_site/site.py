"""The pages that explain the house to those who ask it: `<home>/docs`.

The data dictionary of the feeds is made from the contracts, that of the indicators from the
catalogue in the published warehouse, that of the warehouse by dbt. All texts come from there; the
templates hold only the words between them, in Finnish, Swedish and English. Pages about social
services call nobody: none loads anything from anywhere, and ours need no script.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt

from common.home import Home
from common.resources import resource
from ingest.contracts import (
    CODES,
    LANGUAGES,
    Column,
    Contract,
    Kind,
    Rule,
    Severity,
    Texts,
    codes,
    load_contracts,
)
from ingest.messages import message
from ingest.validate import REFUSED_ABOVE
from vuosikello.warehouse import dbt_docs

Progress = Callable[[int, int, str], None]

# Up to so many codes stand beside the column itself; of longer lists only the appendix tells.
_CODES_BESIDE = 15
# The checks that every feed has, with what each does to the row (ingest.contract_sql);
# what a message names of the column or the file is left open.
_COMMON_CHECKS = (
    ("required", Severity.REJECT),
    ("type_date", Severity.REJECT),
    ("type_integer", Severity.REJECT),
    ("type_number", Severity.REJECT),
    ("type_boolean", Severity.REJECT),
    ("code", Severity.REJECT),
    ("codes", Severity.REJECT),
    ("range", Severity.REJECT),
    ("date_in_future", Severity.REJECT),
    ("date_too_early", Severity.REJECT),
    ("duplicate_key", Severity.REJECT),
    ("identity_code_invalid", Severity.REJECT),
    ("identity_code_in_text", Severity.REJECT),
    ("identity_code_temporary", Severity.WARN),
    ("outside_period", Severity.WARN),
)
_LEFT_OPEN = {"column": "…", "minimum": "x", "maximum": "y", "period": "2025", "derived": "2024"}

# The guides of the repository that a knowledge manager reads beside the pages.
GUIDES = ("questions", "warehouse", "metrics")
_GUIDES = resource("docs")
_GUIDE_LINK = re.compile(r'<a href="([\w/]+)\.md">(.*?)</a>')
_TABLE = re.compile(r"(<table>.*?</table>)", re.DOTALL)

# What the example rows are made of. The identity code is the one that the authority that issues
# them shows in its own guidance.
EXAMPLE_PERIOD = "2025"
_EXAMPLE_ORGANISATION = "hva-20"
_EXAMPLE_DAY = "2025-03-14"
_EXAMPLE_PERSON = "131052-308T"


@dataclass(frozen=True, slots=True)
class Documentation:
    """The pages that were written.

    Attributes:
        index: the page that leads to the others.
        pages: the others, by path.
    """

    index: Path
    pages: list[Path]


def write(home: Home, progress: Progress | None = None) -> Documentation:
    """Write the pages of `<home>/docs`, each put in place whole.

    Args:
        home: an installation with a published warehouse.
        progress: called before each part with how many are done, how many there are and which
            comes next.

    Raises:
        ProjectProblem: dbt cannot describe the published warehouse.
        duckdb.Error: the published warehouse cannot be read.
    """
    docs = home.root / "docs"
    docs.mkdir(parents=True, exist_ok=True)
    tell = progress or (lambda done, total, now: None)
    tell(0, 3, "feeds")
    pages = write_feeds(docs)
    tell(1, 3, "indicators")
    pages += write_indicators(home.warehouse, docs)
    tell(2, 3, "warehouse")
    pages.append(_publish(docs / "warehouse.html", _closed(dbt_docs.page(home))))
    pages += write_guides(docs)
    index = _publish(
        docs / "index.html",
        _render(
            "index.html.j2",
            "fi",
            alternatives={},
            is_index=True,
            has_validation=(docs / "validation" / "index.html").is_file(),
        ),
    )
    tell(3, 3, "")
    return Documentation(index, pages)


def write_feeds(docs: Path) -> list[Path]:
    """Write the data dictionary of the feeds, one page a language.

    Args:
        docs: an existing folder.
    """
    contracts = load_contracts()
    examples = {feed: example(contract) for feed, contract in contracts.items()}
    users = _users(contracts.values())
    return [
        _publish(
            docs / f"feeds.{language}.html",
            _render(
                "feeds.html.j2",
                language,
                alternatives={other: f"feeds.{other}.html" for other in LANGUAGES},
                contracts=list(contracts.values()),
                examples=examples,
                code_lists={name: labels_of(name) for name in sorted(users)},
                users=users,
                common_checks=[
                    (key, severity, message(key, **_LEFT_OPEN)) for key, severity in _COMMON_CHECKS
                ],
                refused_above=round(REFUSED_ABOVE * 100),
                codes_beside=_CODES_BESIDE,
                period=EXAMPLE_PERIOD,
            ),
        )
        for language in LANGUAGES
    ]


def write_indicators(warehouse: Path, docs: Path) -> list[Path]:
    """Write the catalogue of the indicators, one page a language.

    Args:
        warehouse: a published warehouse; it is only read.
        docs: an existing folder.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        cursor = connection.execute("SELECT * FROM indicators.indicator_catalogue")
        names = [column[0] for column in cursor.description or []]
        catalogue = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        labels: dict[str, dict[str, Texts]] = {}
        for kind, code, *texts in connection.execute(
            "SELECT kind, code, label_fi, label_sv, label_en FROM indicators.indicator_label"
        ).fetchall():
            labels.setdefault(kind, {})[code] = Texts(*texts)
    themes: dict[str, list[dict[str, Any]]] = {}
    for indicator in catalogue:
        themes.setdefault(indicator["theme"], []).append(indicator)
    return [
        _publish(
            docs / f"indicators.{language}.html",
            _render(
                "indicators.html.j2",
                language,
                alternatives={other: f"indicators.{other}.html" for other in LANGUAGES},
                themes=themes,
                feeds=load_contracts(),
                names=labels,
            ),
        )
        for language in LANGUAGES
    ]


def write_guides(docs: Path) -> list[Path]:
    """Write the guides of the repository as pages: how the warehouse is opened and asked.

    Args:
        docs: an existing folder.
    """
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    pages = []
    for name in GUIDES:
        body = markdown.render((_GUIDES / f"{name}.md").read_text(encoding="utf-8"))
        body = _TABLE.sub(r'<div class="scroll" tabindex="0">\1</div>', body)
        body = _GUIDE_LINK.sub(_guide_link, body).replace("<pre>", '<pre tabindex="0">')
        page = _render("guide.html.j2", "en", alternatives={}, name=name, body=body)
        pages.append(_publish(docs / f"guide.{name}.html", page))
    return pages


def _guide_link(link: re.Match[str]) -> str:
    """Lead to the page of another guide; of what stands in the repository alone keep the words."""
    name, text = link.groups()
    return f'<a href="guide.{name}.html">{text}</a>' if name in GUIDES else text


@cache
def labels_of(code_list: str) -> dict[str, Texts]:
    """Return the codes of a list with their labels, in the list's own order."""
    with (CODES / f"{code_list}.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Texts(row["label_fi"], row["label_sv"], row["label_en"])
            for row in csv.DictReader(file)
        }


@dataclass(frozen=True, slots=True)
class Example:
    """An example of a feed's file.

    Attributes:
        path: where it would lie in the inbox.
        header: its first line.
        row: a line of data that breaks no rule of the contract.
    """

    path: str
    header: str
    row: str


def example(contract: Contract) -> Example:
    """Build an example file of one row from a contract.

    Every column is filled in its own notation; where the contract's rules forbid what would stand
    there, with another value that they allow.

    Raises:
        ValueError: no row was found that breaks no rule.
    """
    cells = {column.name: _cell(column) for column in contract.columns}
    with duckdb.connect() as engine:
        for rule in contract.rules:
            cells = _mended(engine, contract, rule, cells)
        for rule in contract.rules:
            if not _holds(engine, contract, rule, cells):
                raise ValueError(f"{contract.feed}: no example found that keeps {rule.id}")
    organisation = "reference" if contract.feed == "population" else _EXAMPLE_ORGANISATION
    return Example(
        path=f"{organisation}/{contract.feed}/{EXAMPLE_PERIOD}.csv",
        header=";".join(cells),
        row=";".join(cells.values()),
    )


def _cell(column: Column) -> str:
    """Fill a cell with a value of its column's own kind."""
    match column.kind:
        case Kind.DATE:
            return _EXAMPLE_DAY
        case Kind.BOOLEAN:
            return "1"
        case Kind.INTEGER if column.name == "year":
            return EXAMPLE_PERIOD
        case Kind.INTEGER:
            return str(round(_within(column, 3)))
        case Kind.NUMBER:
            return f"{_within(column, 0.8):g}"
        case Kind.CODE if column.code_list == "municipalities":
            return "205"
        case Kind.CODE:
            return codes(str(column.code_list))[0]
        case Kind.CODES:
            return "|".join(codes(str(column.code_list))[:2])
        case Kind.PERSON:
            return _EXAMPLE_PERSON
        case _:
            # One name, one thing: a client is C0001 in every feed.
            return f"{column.name[0].upper()}0001"


def _within(column: Column, value: float) -> float:
    low = value if column.minimum is None else max(value, column.minimum)
    return low if column.maximum is None else min(low, column.maximum)


def _mended(
    engine: duckdb.DuckDBPyConnection, contract: Contract, rule: Rule, cells: dict[str, str]
) -> dict[str, str]:
    """Change the column that a broken rule points at; where that is not enough, what it adds up."""
    column = contract.column(rule.column)
    added = [
        other
        for other in contract.columns
        if other.kind is Kind.INTEGER and re.search(rf"\b{other.name}\b", rule.holds)
    ]
    nothing = {other.name: str(round(other.minimum or 0)) for other in added}
    candidates = [cells[column.name], "10", "100", "" if not column.required else "0"]
    for start in (cells, cells | nothing):
        for candidate in candidates:
            changed = start | {column.name: candidate}
            if _holds(engine, contract, rule, changed):
                return changed
    return cells


def _holds(
    engine: duckdb.DuckDBPyConnection, contract: Contract, rule: Rule, cells: dict[str, str]
) -> bool:
    """Evaluate a rule on one row as the receiver does: NULL means that it holds."""
    values = {
        column.name: f"{cells[column.name]}".split("|")
        if column.kind is Kind.CODES
        else cells[column.name] or None
        for column in contract.columns
    }
    typed = ", ".join(f'?::{column.sql_type} AS "{column.name}"' for column in contract.columns)
    answer = engine.execute(
        f"SELECT {rule.holds} FROM (SELECT {typed})", list(values.values())
    ).fetchone()
    return answer is None or answer[0] is not False


def _users(contracts: Iterable[Contract]) -> dict[str, list[tuple[str, str]]]:
    """Return for each code list the feeds and columns that use it."""
    users: dict[str, list[tuple[str, str]]] = {}
    for contract in contracts:
        for column in contract.columns:
            if column.code_list:
                users.setdefault(column.code_list, []).append((contract.feed, column.name))
    return users


# What the browser itself holds dbt's page to: it may run its own script and load nothing at all.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:"
)
_ICON = re.compile(r'<link rel="shortcut icon"[^>]*>')


def _closed(page: str) -> str:
    """Forbid dbt's page to load anything, whatever its script may ask for."""
    page = _ICON.sub('<link rel="icon" href="data:,">', page, count=1)
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    return page.replace("<head>", f"<head>{policy}", 1)


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _render(template: str, language: str, **values: object) -> str:
    values = {"is_index": False} | values
    return _environment().get_template(template).render(language=language, **values)


def _publish(path: Path, page: str) -> Path:
    """Put a page in place whole."""
    with NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        file.write(page)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)
    return path
