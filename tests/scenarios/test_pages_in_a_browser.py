"""The pages of a release as people meet them: in Chromium, on a phone, by keyboard, on paper."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed on this machine."),
]
sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed.")
axe_playwright = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe is not installed."
)

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = {"width": 360, "height": 740}
NARROWEST = {"width": 320, "height": 740}
DESK = {"width": 1280, "height": 900}
# One page of each kind, where it is fullest.
KINDS = [
    "fi/index.html",
    "sv/welfare_area-20/index.html",
    "en/welfare_area-20/caseload.html",
    "sv/organisation-essote/outreach.html",
    "fi/welfare_area-20/aikumetod.html",
    "fi/municipality-205/index.html",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport=DESK)
    yield context.new_page()
    context.close()


def show(page: Any, path: Path) -> None:
    page.goto(path.as_uri(), timeout=120_000)


def violations(page: Any, **options: Any) -> list[tuple[str, str]]:
    """Ask axe, which the page has, what is wrong: rules and the first element of each."""
    asked = json.dumps({"preload": False, "resultTypes": ["violations"], **options})
    result = page.evaluate(f"axe.run({asked})")
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in result["violations"]]


def unfold(page: Any) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


def test_axe_finds_nothing_and_nothing_is_loaded_from_elsewhere_on_any_page(
    page: Any, site: Path
) -> None:
    """Every page, with everything unfolded: WCAG 2.2 AA, and no overflow on a phone.

    Colours are the same in every language, and looking at them takes six times as long as all
    other rules: they are judged on every page of one language.
    """
    axe = axe_playwright.Axe().axe_script
    assert "wcag22aa" in axe
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    pages = sorted(site.rglob("*.html"))
    found: dict[str, Any] = {}
    for path in pages:
        name = str(path.relative_to(site))
        show(page, path)
        page.evaluate(axe)
        reported = []
        if not name.startswith(("sv/", "en/")):
            reported += violations(page, runOnly={"type": "rule", "values": ["color-contrast"]})
        unfold(page)
        reported += violations(page, runOnly=RULES, rules={"color-contrast": {"enabled": False}})
        for size in (PHONE, NARROWEST):
            page.set_viewport_size(size)
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > size["width"]:
                reported.append(("overflow", f"{width} of {size['width']}"))
        page.set_viewport_size(DESK)
        if reported:
            found[name] = reported
    assert found == {}
    assert len(pages) > 100
    assert complaints == []
    assert [url for url in asked if not url.startswith((site.as_uri(), "data:"))] == []


@pytest.mark.parametrize("name", KINDS)
def test_axe_finds_nothing_on_a_phone(browser: Any, site: Path, name: str) -> None:
    """Tables are cards there, and menus are in lines: another layout, judged by itself."""
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    show(page, site / name)
    page.evaluate(axe_playwright.Axe().axe_script)
    reported = violations(page, runOnly=RULES)
    context.close()
    assert reported == []


FOCUSED = """() => {
    const at = document.activeElement;
    const style = getComputedStyle(at);
    const box = at.getBoundingClientRect();
    return {
        tag: at.tagName, name: at.className, text: at.innerText.trim().slice(0, 60),
        href: at.getAttribute('href'), language: at.getAttribute('hreflang'), outline: parseFloat(style.outlineWidth) *
            (style.outlineStyle === 'none' ? 0 : 1), visible: box.bottom > 0 && box.right > 0 &&
            box.top < innerHeight && box.width > 0,
    };
}"""


@pytest.mark.parametrize("name", KINDS)
def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(
    page: Any, site: Path, name: str
) -> None:
    show(page, site / name)
    expected = page.evaluate(
        """() => [...document.querySelectorAll('a[href], summary, [tabindex="0"]')]
            .filter(one => one.checkVisibility() && !(one.closest('details:not([open])') &&
                one.tagName !== 'SUMMARY')).length"""
    )
    reached = []
    for _ in range(expected):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
    assert reached[0]["name"] == "skip"
    assert all(one["visible"] for one in reached)
    assert [one for one in reached if one["outline"] < 2] == []
    hrefs = [one["href"] for one in reached if one["tag"] == "A"]
    assert sum("/index.html" in (href or "") or href == "index.html" for href in hrefs) >= 1
    others = [one["language"] for one in reached if one["language"]]
    assert sorted([*others, name[:2]]) == ["en", "fi", "sv"]
    # Nothing traps the focus, and nothing is reached twice.
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement === document.body") or reached[0][
        "name"
    ] == page.evaluate("document.activeElement.className")


def test_the_skip_link_leads_past_the_head_of_the_page(page: Any, site: Path) -> None:
    show(page, site / KINDS[2])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_table_behind_a_chart_is_opened_and_scrolled_by_keyboard(page: Any, site: Path) -> None:
    show(page, site / KINDS[2])
    page.set_viewport_size(NARROWEST)
    page.locator("figure summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("figure details").first.get_attribute("open") is not None
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "region"
    assert page.evaluate(FOCUSED)["outline"] >= 2


@pytest.mark.parametrize("name", KINDS)
def test_everything_is_there_without_javascript(browser: Any, site: Path, name: str) -> None:
    context = browser.new_context(viewport=DESK, java_script_enabled=False)
    page = context.new_page()
    show(page, site / name)
    assert page.locator("h1").is_visible()
    assert page.locator("main").inner_text().strip()
    for number in range(min(2, page.locator("summary").count())):
        summary = page.locator("summary").nth(number)
        summary.click()
        assert page.locator("details[open]").count() == number + 1
    context.close()


def test_every_chart_is_seen(page: Any, site: Path) -> None:
    for name in KINDS:
        show(page, site / name)
        broken = page.evaluate(
            "[...document.images].filter(one => !one.complete || !one.naturalWidth).length"
        )
        assert broken == 0, name
    assert page.evaluate("getComputedStyle(document.body).maxWidth") != "none"  # the styles as well


@pytest.mark.parametrize("name", KINDS)
def test_on_paper_there_is_no_navigation_and_nothing_is_cut_off(
    page: Any, site: Path, name: str
) -> None:
    show(page, site / name)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 980})  # A4 within its margins
    assert not page.locator("nav.themes").first.is_visible()
    assert not page.locator(".skip").is_visible()
    assert page.locator("h1").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 680
    assert page.pdf(format="A4", prefer_css_page_size=True)[:5] == b"%PDF-"


def test_the_signs_are_heard_as_words(page: Any, site: Path) -> None:
    show(page, site / "en/municipality-105/index.html")
    heard = page.evaluate(
        """() => [...document.querySelectorAll('.sign')].map(one => ({
            hidden: one.getAttribute('aria-hidden'), sign: one.textContent,
            word: one.nextElementSibling.textContent}))"""
    )
    assert heard
    assert {one["hidden"] for one in heard} == {"true"}
    assert {(one["sign"], one["word"].strip()) for one in heard} <= {
        ("‥", "suppressed"),
        ("–", "no data"),
    }
