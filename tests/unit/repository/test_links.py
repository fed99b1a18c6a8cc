"""Every relative link of the documentation leads to a file, and to a heading in it."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LISTED = subprocess.run(
    ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.md"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.split("\0")
PAGES = sorted({name for name in LISTED if name and (ROOT / name).is_file()})
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def links(page: Path) -> list[str]:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return [link for link in LINK.findall(text) if not re.match(r"\w+:", link)]


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors of a page's headings, as the web views of repositories make them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    headings = re.findall(r"^#+ +(.*?) *$", text, re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return frozenset(heading.replace(" ", "-") for heading in kept)


@pytest.mark.parametrize("name", PAGES)
def test_every_relative_link_leads_to_a_file_and_a_heading(name: str) -> None:
    page = ROOT / name
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), link


def test_every_page_of_the_documentation_can_be_reached_from_its_index() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "docs" / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        targets = ((page.parent / link.partition("#")[0]).resolve() for link in links(page))
        waiting += [target for target in targets if target.is_file()]
    pages = {ROOT / name for name in PAGES if name.startswith("docs/")}
    assert not sorted(path.relative_to(ROOT).as_posix() for path in pages - reached)


def test_every_decision_is_listed_under_its_own_title() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    for page in sorted(folder.glob("0*.md")):
        number, title = (
            page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").split(" ", 1)
        )
        assert f"- [{number}]({page.name}) {title}\n" in index


@pytest.mark.parametrize("name", [page for page in PAGES if page != "CHANGELOG.md"])
def test_files_of_the_repository_that_a_page_names_exist(name: str) -> None:
    rooms = "attacker|bench|common|dags|dbt_project|deploy|examples|expectations|exports|ingest"
    rooms += "|simulation"
    named = rf"`((?:{rooms}|tests|vuosikello)/[\w/.-]+\.(?:py|ya?ml|sql|csv|md|sh))`"
    # Named alike, these lie in a home; the page about feeds shows how to write a new one.
    elsewhere = {"exports/indicators.csv"}
    for path in set(re.findall(named, (ROOT / name).read_text(encoding="utf-8"))) - elsewhere:
        if "guidance_calls" not in path:
            assert (ROOT / path).is_file(), path
