"""How a long piece of work reports its progress."""

from __future__ import annotations

from collections.abc import Callable

# Called with how many steps are done, how many there are, and the name of the next one.
Progress = Callable[[int, int, str], None]
