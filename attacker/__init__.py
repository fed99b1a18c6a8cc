"""The attacker: what somebody can find out who has only what was published.

He has code and relations of his own, made from the catalogue of indicators and the code lists by
another way than disclosure control goes, so that a relation that one of the two forgets is found.
He bounds every number about few people by linear programs and by reasoning in whole numbers, over
one publication or several together. What may not be found out is counted here from the warehouse.

* :mod:`~attacker.facts`, :mod:`~attacker.topics`: what the definitions of the measures say
* :mod:`~attacker.cells`, :mod:`~attacker.reading`: publications, and the house's true numbers
* :mod:`~attacker.sums`, :mod:`~attacker.knowledge`: what somebody knows who has read them
* :mod:`~attacker.secrets`: which numbers are asked for, and how wide their intervals must be
* :mod:`~attacker.system`, :mod:`~attacker.program`, :mod:`~attacker.integers`,
  :mod:`~attacker.intervals`: how small and how large each of them can be

This room must not know :mod:`exports`, which it tests, nor the home folder; nobody upstream of the
application may use it.
"""

from attacker.attack import Attack, Finding, attack
from attacker.intervals import Effort
from attacker.reading import Promise, Published

__all__ = ["Attack", "Effort", "Finding", "Promise", "Published", "attack"]
