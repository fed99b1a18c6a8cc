"""What every check of readiness is made with."""

from __future__ import annotations

from functools import partial

from expectations.suites.check import suite_check

readiness_check = partial(suite_check, "readiness")
