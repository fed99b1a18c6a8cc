"""Data Docs: a suite's validation result as Great Expectations itself renders it.

Only the content is taken. The pages that Great Expectations builds around it load scripts, styles
and a tracking image from a dozen hosts; ours load nothing from anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult

# Said once on our own page: what the batch was, and the counts.
_LEFT_OUT = ("Overview", "Run Info")


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a page: its name and its HTML."""

    name: str
    html: str


def sections(result: ExpectationSuiteValidationResult) -> list[Section]:
    """Render the expectations of a validation result, those on whole rows first, then by column."""
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view.view import DefaultJinjaSectionView

    document = ValidationResultsPageRenderer().render(result)
    view = DefaultJinjaSectionView()
    return [
        Section(
            section.section_name,
            _as_part_of_a_page(
                view.render(  # type: ignore[no-untyped-call]
                    {"section": section.to_json_dict(), "section_loop": {"index": number}}
                )
            ),
        )
        for number, section in enumerate(document.sections, start=1)
        if section.section_name not in _LEFT_OUT
    ]


def _as_part_of_a_page(html: str) -> str:
    """Make the headings follow the page's own, and drop ids that every section repeats."""
    html = re.sub(r'\sid="content-block-[^"]*"', "", html)
    return re.sub(r"<(/?)h[56]\b", r"<\1h2", html)
