"""Beginning a feed: its contract, its staging model, and its line on the page of feeds."""

from __future__ import annotations

import re
from pathlib import Path

from vuosikello.scaffold.files import TODO, CannotBegin, Draft, Written, require_checkout
from vuosikello.warehouse.indicator_declarations.read import REPOSITORY

_CONTRACTS = Path("ingest") / "contracts"
_STAGING = Path("dbt_project") / "models" / "staging" / "feeds"
_PAGE = Path("docs") / "reference" / "feeds.md"
_LINE = re.compile(r"\| `(?P<feed>\w+)` \| one ")


def new_feed(
    name: str, *, key: str = "row_id", dated_by: str = "occurred_on", repository: Path = REPOSITORY
) -> Written:
    """Begin a feed.

    Args:
        name: of the feed, in the plural, as ``guidance_calls``.
        key: the column that identifies a row within an organisation.
        dated_by: the column with the date that is compared with the period of the file.
        repository: the checkout to write into.

    Raises:
        CannotBegin: the name is not one, or the feed is there.
    """
    for given in (name, key, dated_by):
        if not re.fullmatch(r"[a-z][a-z0-9_]*", given):
            raise CannotBegin(
                f"{given} is not a name. Write lower-case letters, digits and underscores, "
                "beginning with a letter: guidance_calls."
            )
    if len({"organisation", "submission_id", "received_at", "warnings", key, dated_by}) < 6:
        raise CannotBegin(
            f"The columns {key} and {dated_by} must differ from each other and from those that "
            "every feed has: organisation, submission_id, received_at, warnings."
        )
    require_checkout(repository)
    draft = Draft(repository)
    values = {"feed": name, "key": key, "dated_by": dated_by, "todo": TODO}
    draft.add(_CONTRACTS / f"{name}.yaml", "contract.yaml.j2", **values)
    draft.add(_STAGING / f"stg_{name}.sql", "staging.sql.j2", **values)
    draft.add(_STAGING / f"stg_{name}.yml", "staging.yml.j2", **values)
    draft.change(_PAGE, _with_line(draft.read(_PAGE), name, key, dated_by))
    return draft.write(
        (
            f"Write the texts and columns of ingest/contracts/{name}.yaml where it says {TODO}.",
            f"Give stg_{name}.yml the same columns, in the order of the contract.",
            "Add rows that keep and break each rule to tests/support/row_rules.yaml.",
            "Add the feed to expectations/expected_feeds.yaml if it is expected every year.",
            f"Begin an indicator on it: vuosikello new-indicator THEME.CODE --feed {name}",
        )
    )


def _with_line(page: str, feed: str, key: str, dated_by: str) -> str:
    """Add the feed to the table of feeds, in alphabetical order."""
    lines = page.splitlines(keepends=True)
    feeds = [
        (match["feed"], place) for place, line in enumerate(lines) if (match := _LINE.match(line))
    ]
    if not feeds:
        raise CannotBegin(f"{_PAGE.as_posix()} has no table of feeds. Bring it back.")
    after = [place for other, place in feeds if other < feed]
    place = after[-1] + 1 if after else feeds[0][1]
    lines.insert(place, f"| `{feed}` | one {TODO} | {key} | {dated_by} |\n")
    return "".join(lines)
