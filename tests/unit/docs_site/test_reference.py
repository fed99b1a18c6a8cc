"""The generated pages of docs/reference are what the code and the contracts say."""

from pathlib import Path

import pytest

from common.home import Home
from ingest.contracts import load_contracts
from vuosikello.docs_site import reference


def test_every_column_and_rule_of_every_feed_is_on_the_page_of_feeds() -> None:
    page = reference.feeds_page()
    for contract in load_contracts().values():
        section = page.split(f"\n## {contract.feed}\n")[1].split("\n## ")[0]
        for column in contract.columns:
            assert f"\n| `{column.name}` |" in section
        for rule in contract.rules:
            assert f"\n| `{rule.id}` | `{rule.column}` | {rule.severity.value} |" in section


def test_every_folder_of_the_home_is_on_its_page() -> None:
    page = reference.home_page()
    for path in ("inbox", "lake/accepted", "warehouse.duckdb", "docs/validation"):
        assert f"\n| `{path}` |" in page
    assert str(Home(Path("HOME")).inbox) not in page


def test_checking_names_the_pages_that_differ_and_writing_mends_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reference, "REFERENCE", tmp_path)
    monkeypatch.delitem(reference.PAGES, "commands.md")
    (tmp_path / "home.md").write_text("old", encoding="utf-8")
    assert reference.main(["--check"]) == 1
    said = capsys.readouterr().err
    assert "docs/reference/home.md is not up to date" in said
    assert "docs/reference/feeds.md is not up to date" in said
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
