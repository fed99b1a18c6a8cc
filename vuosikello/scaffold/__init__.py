"""The files that begin a feed or an indicator, with TODO where content is to be written.

They are all the files that the tests ask for, written into a checkout of the repository, never into
a home. Apart from the TODOs they are right as they are. This package must not know what any single
feed or indicator is about.
"""

from __future__ import annotations

from vuosikello.scaffold.files import CannotBegin, Written
from vuosikello.scaffold.new_feed import new_feed
from vuosikello.scaffold.new_indicator import new_indicator

__all__ = ["CannotBegin", "Written", "new_feed", "new_indicator"]
