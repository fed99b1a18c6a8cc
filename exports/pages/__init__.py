"""The pages that decision makers read: a static site in Finnish, Swedish and English.

One page for each theme and area, an area's own page, its two scorecards, and a front page that says
what the release is. A municipality has one page with all its themes. The pages are written from a
``Publication`` alone: they must not know the warehouse, nor how disclosure control decides.
"""

from exports.pages.site import write_pages

__all__ = ["write_pages"]
