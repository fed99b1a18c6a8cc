"""The pages that people read: an index, one page a suite, and the Data Docs behind it.

Static HTML that loads nothing from anywhere and runs no script. Written from the results alone,
so that a page never says what its JSON does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from common.files import write_text
from expectations.pages.data_docs import Section
from expectations.readiness_summary import Kind, readiness_summary_of
from expectations.results import ExpectationResult, Failure, Severity, SuiteResult

TEMPLATES = Path(__file__).parent / "templates"

SUITE_TITLES = {
    "feeds": "Feeds: the rows in the lake keep their contracts",
    "warehouse": "Warehouse: the indicators are numbers that can be true together",
    "readiness": "Readiness: may the year be reported",
}
_SEVERITIES = list(Severity)
_WAREHOUSE = "The warehouse itself"
# An organisation with more failures than this is folded: its number says enough at first sight.
_UNFOLDED = 5


@dataclass(frozen=True, slots=True)
class _Group:
    """The failures of one organisation, gravest first."""

    name: str
    failures: list[Failure]

    @property
    def anchor(self) -> str:
        return "unknown" if self.name == _WAREHOUSE else self.name

    @property
    def is_folded(self) -> bool:
        return len(self.failures) > _UNFOLDED

    def count(self, severity: Severity) -> int:
        return sum(failure.severity is severity for failure in self.failures)


def write_suite(folder: Path, result: SuiteResult, sections: Mapping[str, list[Section]]) -> None:
    """Write a suite's page and the Data Docs of its relations.

    Args:
        folder: the suite's folder.
        result: what the suite found.
        sections: the Data Docs by relation.
    """
    tables = [
        (name, page_name(name), [e for e in result.expectations if e.table == name])
        for name in sections
    ]
    shown: dict[str, Any] = {
        "title": _title(result.suite, result),
        "result": result,
        "groups": _groups(result.failures),
        "tables": tables,
        "failing": _failing,
    }
    if result.suite == "readiness":
        summary = readiness_summary_of(result)
        write_page(
            folder / "index.html",
            "readiness.html.j2",
            **shown,
            summary=summary,
            kinds=Kind,
            day=_day,
        )
    else:
        write_page(folder / "index.html", "suite.html.j2", **shown)
    for name, page, expectations in tables:
        write_page(
            folder / page,
            "data_docs.html.j2",
            title=f"Data Docs of {name}",
            suite_title=_title(result.suite, result),
            result=result,
            expectations=expectations,
            failing=_failing,
            sections=sections[name],
        )


def write_index(docs: Path, suites: Iterable[str], results_name: str) -> Path:
    """Write the index over the last results of all suites.

    Args:
        docs: the folder that holds one folder for each suite.
        suites: their names, in order; one that was never run is shown as such.
        results_name: the name of a suite's JSON file.

    Returns:
        The index page.
    """
    results = {}
    for suite in suites:
        path = docs / suite / results_name
        if path.is_file():
            results[suite] = SuiteResult.model_validate_json(path.read_text(encoding="utf-8"))
    failures = [failure for result in results.values() for failure in result.failures]
    write_page(
        docs / "index.html",
        "index.html.j2",
        title="Validation",
        suites=[(suite, _title(suite, results.get(suite)), results.get(suite)) for suite in suites],
        groups=_groups(failures),
    )
    return docs / "index.html"


def page_name(relation: str) -> str:
    """Return the file name of a relation's Data Docs."""
    return f"{relation.split('.', 1)[-1]}.html"


def _title(suite: str, result: SuiteResult | None) -> str:
    title = SUITE_TITLES.get(suite, suite)
    return f"{title} ({result.year})" if result is not None and result.year else title


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _failing(expectations: Iterable[ExpectationResult]) -> int:
    return sum(not expectation.success for expectation in expectations)


def _groups(failures: Iterable[Failure]) -> list[_Group]:
    by_name: dict[str, list[Failure]] = {}
    for failure in failures:
        by_name.setdefault(failure.organisation or _WAREHOUSE, []).append(failure)
    return [
        _Group(name, sorted(found, key=_gravest_first))
        for name, found in sorted(
            by_name.items(), key=lambda item: (item[0] != _WAREHOUSE, item[0])
        )
    ]


def _gravest_first(failure: Failure) -> tuple[int, str, str, str]:
    return (
        _SEVERITIES.index(failure.severity),
        failure.feed or "",
        failure.period or "",
        failure.expectation,
    )


def write_page(path: Path, template: str, *, templates: Iterable[Path] = (), **values: Any) -> None:
    """Render a page and put it in place whole.

    Args:
        path: where the page is written.
        template: the template's file name.
        templates: folders that are searched before this room's own templates.
        values: what the template is given.
    """
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in (*templates, TEMPLATES)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template(template).render(severities=_SEVERITIES, **values)
    write_text(path, page)
