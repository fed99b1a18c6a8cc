"""How the published numbers are related: what an attacker can calculate with, as one linear system.

A row of ``indicator_values`` shows several numbers: a numerator, a denominator, people, events.
Each is a *cell*: a measure in an area, a period and a part of a breakdown. The same cell is shown
by many rows (the open clients of an organisation are a count, and the denominator of five shares),
so a number that one row withholds may be shown by another. Anybody knows these relations between
cells:

* the country is the sum of its welfare areas, an area of its organisations and of its
  municipalities;
* the undivided number is the sum of its parts, and a cross-classified part (``kykyviisari:1``)
  belongs to the sums of both its halves;
* a year is the sum of its months; a state on the last day is the same in the year as in its last
  month;
* the parts of a whole that do not overlap sum to its denominator; the two sides of a share to it;
* a part is at most its whole, and people are at most what is counted of them.

Whether a family of cells sums over something is read from the numbers, as an attacker would read it
from those that are published. Where parts do not sum exactly to their whole (a municipality is
missing), the difference counts as *known to the attacker*: the relation is exact with a constant.
Only where parts overlap on the whole (topics, the people of twelve months) is there no sum, and
each part is at most the whole. Two families of cells that hold the same numbers everywhere
(intensive relationships, and relationships of intensity intensive) are one.

The result is a linear system in the *changes* of the unknown numbers: every relation says that some
changes sum to 0, and no number may fall below 0.

* :mod:`~exports.disclosure.relations.cells`: which row shows which cell
* :mod:`~exports.disclosure.relations.parts`: which cell is a part of which: areas, periods,
  breakdowns
* :mod:`~exports.disclosure.relations.families`: how the parts of a family relate to their wholes
* :mod:`~exports.disclosure.relations.row_relations`: relations between the numbers of one indicator
* :mod:`~exports.disclosure.relations.sensitivity`: which numbers need protection, and how much
* :mod:`~exports.disclosure.relations.weights`: what withholding a row costs
* :mod:`~exports.disclosure.relations.equations`, :mod:`~exports.disclosure.relations.reduction`:
  the equations, and fewer of them
* :mod:`~exports.disclosure.relations.system`: all of it together

This package must not know how rows to withhold are chosen.
"""

from exports.disclosure.relations.reduction import Remainders
from exports.disclosure.relations.system import System, build_system
from exports.disclosure.relations.weights import row_weights

__all__ = ["Remainders", "System", "build_system", "row_weights"]
