"""Everything in the warehouse explains itself, to its reader and on the page about it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

from common.home import Home
from ingest.contracts import CODES
from vuosikello.docs_site import site
from vuosikello.warehouse import build, dbt_docs

LAYERS = ("staging", "intermediate", "marts", "semantic", "indicators")


@pytest.fixture(scope="module")
def published(iso_sos: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(iso_sos / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def pages(iso_sos: Path, tmp_path_factory: pytest.TempPathFactory) -> site.Documentation:
    """All pages of a home that holds nothing but a warehouse."""
    home = tmp_path_factory.mktemp("documented")
    shutil.copy(iso_sos / "warehouse.duckdb", home)
    shutil.copytree(iso_sos / "build" / "dbt", home / "build" / "dbt")
    return site.write(Home(home))


def letters(text: str) -> str:
    return re.sub("[^a-z0-9]", "", text.lower())


def says_something(name: str, description: str | None) -> bool:
    """A description says more than the name, and says it in a sentence."""
    words = (description or "").split()
    return (
        len(words) >= 2
        and letters(description or "") != letters(name)
        and (description or "").rstrip()[-1] in ".?)"
    )


def test_every_table_view_and_column_says_more_than_its_name(
    published: duckdb.DuckDBPyConnection,
) -> None:
    described = published.execute(
        """
        SELECT schema_name || '.' || table_name, table_name, comment FROM duckdb_tables()
        UNION ALL
        SELECT schema_name || '.' || view_name, view_name, comment FROM duckdb_views()
        WHERE NOT internal
        UNION ALL
        SELECT schema_name || '.' || table_name || '.' || column_name, column_name, comment
        FROM duckdb_columns() WHERE NOT internal
        """
    ).fetchall()
    assert len(described) > 500
    assert [place for place, name, text in described if not says_something(name, text)] == []


def test_every_model_begins_with_its_grain() -> None:
    described = {
        model["name"]: " ".join(model["description"].split())
        for layer in LAYERS
        for path in (build.PROJECT / "models" / layer).rglob("*.yml")
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or []
    }
    assert len(described) > 60
    assert [name for name, text in described.items() if not text.startswith("One row")] == []


def test_the_page_of_the_warehouse_holds_every_description(
    pages: site.Documentation, published: duckdb.DuckDBPyConnection
) -> None:
    page = (pages.index.parent / "warehouse.html").read_text(encoding="utf-8")
    # Beside what dbt makes, a build notes down what it was: build_info and the like.
    of_dbt = {path.stem for path in build.PROJECT.rglob("*.sql")}
    of_dbt |= {path.stem for path in (*build.PROJECT.rglob("*.csv"), *CODES.glob("*.csv"))}
    comments = published.execute(
        "SELECT DISTINCT comment FROM duckdb_columns() "
        "WHERE NOT internal AND list_contains(?, table_name)",
        [sorted(of_dbt)],
    ).fetchall()
    assert len(comments) > 300
    for (comment,) in comments:
        # As it stands within JSON.
        assert json.dumps(comment)[1:-1] in page, comment


def test_the_page_of_the_warehouse_may_load_nothing(pages: site.Documentation) -> None:
    page = (pages.index.parent / "warehouse.html").read_text(encoding="utf-8")
    head = page[: page.index("<script")]
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', head)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    allowed = {source for sources in rules.values() for source in sources.split()}
    assert allowed <= {"'none'", "'unsafe-inline'", "'unsafe-eval'", "data:", "blob:"}
    # Before the policy stands nothing that could be loaded.
    assert page.index("Content-Security-Policy") < page.index("<link")
    assert re.search(r'"send_anonymous_usage_stats": ?false', page)


def test_the_page_of_the_warehouse_is_as_large_as_the_project_not_the_lake(
    pages: site.Documentation,
) -> None:
    page = (pages.index.parent / "warehouse.html").read_text(encoding="utf-8")
    assert "lake/accepted/outreach" not in page


def test_the_index_links_the_pages_that_there_are(pages: site.Documentation) -> None:
    page = pages.index.read_text(encoding="utf-8")
    linked = {link for link in re.findall(r'href="([^"#]+)"', page) if link.endswith(".html")}
    assert linked - {"index.html"} == {path.name for path in pages.pages}
    assert all(path.is_file() for path in pages.pages)


def test_writing_again_asks_dbt_nothing(
    pages: site.Documentation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_dbt(*_: object) -> None:
        raise AssertionError("dbt was asked again")

    monkeypatch.setattr(dbt_docs, "_run_dbt", no_dbt)
    home = Home(pages.index.parent.parent)
    assert site.write(home).pages == pages.pages
