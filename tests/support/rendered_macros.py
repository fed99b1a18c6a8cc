"""Macros of the dbt project as SQL, rendered without dbt, so that a test can run them many times.

A reference is the bare name of a model, settings are given by the test. What dbt looks up while it
compiles (is any row displaced, may keys repeat) is answered with yes: that SQL is right for all data,
the shorter one only where the answer is no.
"""

from __future__ import annotations

import re
from typing import Any

import jinja2

from tests.support.places import ROOT

PROJECT = ROOT / "dbt_project"
_OVERRIDDEN = ("feed_of_this_model", "columns_of_this_model")


def rendered(path: str, *, source: str | None = None, **settings: Any) -> str:
    """Render a model.

    Args:
        path: its file, from the folder of the project.
        source: render this text instead of the file.
        settings: what the names that it uses stand for, besides ref, sql_text and the macros of
            the lake.
    """
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
    environment.globals |= {
        "ref": lambda name: name,
        "config": lambda **_: "",
        "sql_text": lambda text: "'" + str(text).replace("'", "''") + "'",
        "rows_may_be_displaced": lambda feed: True,
        "keys_may_repeat": lambda feed: True,
        **settings,
    }
    for macros in ("lake/current_rows.sql", "lake/state_spells.sql"):
        environment.globals |= _macros(environment, macros)
    environment.globals |= settings
    if source is None:
        source = (PROJECT / path).read_text(encoding="utf-8")
    return environment.from_string(source).render()


def _macros(environment: jinja2.Environment, path: str) -> dict[str, Any]:
    source = (PROJECT / "macros" / path).read_text(encoding="utf-8")
    for name in _OVERRIDDEN:
        source = re.sub(
            rf"\{{% macro {name}\(\) -%\}}.*?endmacro %\}}", "", source, flags=re.DOTALL
        )
    module = environment.from_string(source).module
    return {name: value for name, value in vars(module).items() if not name.startswith("_")}
