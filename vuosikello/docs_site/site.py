"""The pages of `<home>/docs`: what comes in, what comes out, and how to query it.

The data dictionary of the feeds is made from the contracts, that of the indicators from the
catalogue in the published warehouse, that of the warehouse by dbt. All texts come from there; the
templates hold only the words between them, in Finnish, Swedish and English. No page loads anything
from anywhere, and only dbt's page needs a script. Must not know the command or Airflow.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt

from common.files import write_text
from common.home import Home
from common.progress import Progress
from common.resources import resource
from ingest.contracts import (
    CODES,
    LANGUAGES,
    Contract,
    Severity,
    Texts,
    load_contracts,
)
from ingest.messages import message
from ingest.validate import REFUSED_ABOVE
from vuosikello.docs_site.example_file import EXAMPLE_PERIOD, example
from vuosikello.warehouse import dbt_docs

# A list of at most this many codes is shown beside the column; a longer one in the appendix only.
_CODES_BESIDE = 15
# The checks that every feed has, with what each does to the row (ingest.contract_sql);
# the placeholders of a message (column, limits, periods) get neutral values.
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
    ("municipality_ceased", Severity.WARN),
    ("outside_period", Severity.WARN),
)
_PLACEHOLDERS = {
    "column": "…",
    "list": "…",
    "minimum": "x",
    "maximum": "y",
    "period": "2025",
    "derived": "2024",
    "municipality": "911 Valtimo",
    "successor": "541 Nurmes",
    "last_day": "31.12.2019",
}

# The guides of the repository that a knowledge manager reads beside the pages, by page name.
GUIDES = {
    "questions": resource("docs/how_to/questions.md"),
    "warehouse": resource("docs/reference/warehouse.md"),
    "metrics": resource("docs/how_to/metrics.md"),
}
_GUIDE_LINK = re.compile(r'<a href="(?:[\w.]+/)*(\w+)\.md(?:#[^"]*)?">(.*?)</a>')
_TABLE = re.compile(r"(<table>.*?</table>)", re.DOTALL)


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
    docs = home.docs
    docs.mkdir(parents=True, exist_ok=True)
    report_progress = progress or (lambda done, total, now: None)
    report_progress(0, 3, "feeds")
    pages = write_feeds(docs)
    report_progress(1, 3, "indicators")
    pages += write_indicators(home.warehouse, docs)
    report_progress(2, 3, "warehouse")
    pages.append(_publish(docs / "warehouse.html", _without_loading(dbt_docs.page(home))))
    pages += write_guides(docs)
    index = _publish(
        docs / "index.html",
        _render(
            "index.html.j2",
            "fi",
            alternatives={},
            is_index=True,
            has_validation=(home.validation / "index.html").is_file(),
        ),
    )
    report_progress(3, 3, "")
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
                    (key, severity, message(key, **_PLACEHOLDERS))
                    for key, severity in _COMMON_CHECKS
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
    """Write the guides of the repository as pages: how to open the warehouse and query it.

    Args:
        docs: an existing folder.
    """
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    pages = []
    for name, path in GUIDES.items():
        body = markdown.render(path.read_text(encoding="utf-8"))
        body = _TABLE.sub(r'<div class="scroll" tabindex="0">\1</div>', body)
        body = _GUIDE_LINK.sub(_guide_link, body).replace("<pre>", '<pre tabindex="0">')
        page = _render("guide.html.j2", "en", alternatives={}, name=name, body=body)
        pages.append(_publish(docs / f"guide.{name}.html", page))
    return pages


def _guide_link(link: re.Match[str]) -> str:
    """Link to the page of another guide; keep only the words of a link into the repository."""
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


def _users(contracts: Iterable[Contract]) -> dict[str, list[tuple[str, str]]]:
    """Return for each code list the feeds and columns that use it."""
    users: dict[str, list[tuple[str, str]]] = {}
    for contract in contracts:
        for column in contract.columns:
            if column.code_list:
                users.setdefault(column.code_list, []).append((contract.feed, column.name))
    return users


# The browser enforces this on dbt's page: it may run its own script, and load nothing.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:"
)
_ICON = re.compile(r'<link rel="shortcut icon"[^>]*>')


def _without_loading(page: str) -> str:
    """Return dbt's page with a policy that forbids it to load anything."""
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
    """Write a page in one step, and return its path."""
    write_text(path, page)
    return path
