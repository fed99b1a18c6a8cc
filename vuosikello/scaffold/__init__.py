"""Beginning a feed or an indicator: every file that the tests ask for, with TODO where content is.

The files are written into a checkout of the repository, never into a home. What they hold besides
the TODOs is right as it stands, so that only content is left to write. This package must not know
what any single feed or indicator is about.
"""

from __future__ import annotations

from vuosikello.scaffold.files import CannotBegin, Written
from vuosikello.scaffold.new_feed import new_feed
from vuosikello.scaffold.new_indicator import new_indicator

__all__ = ["CannotBegin", "Written", "new_feed", "new_indicator"]
