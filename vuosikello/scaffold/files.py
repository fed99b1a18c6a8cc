"""Files of a repository that are written together: all of them, or none."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import jinja2

from common.files import write_text

TODO = "TODO"
"""Stands where a person writes content; a test finds each one that is left."""


class CannotBegin(ValueError):
    """The feed or indicator cannot be begun; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written.

    Attributes:
        added: new files, in the repository.
        changed: files that were there before.
        next_steps: what a person does now, a sentence each.
    """

    added: tuple[Path, ...]
    changed: tuple[Path, ...]
    next_steps: tuple[str, ...]


@dataclass(slots=True)
class Draft:
    """Texts of files that are not written yet.

    Attributes:
        repository: the checkout.
        texts: the whole text by path in the repository.
    """

    repository: Path
    texts: dict[Path, str] = field(default_factory=dict)

    def add(self, path: Path, template: str, **values: object) -> None:
        """Add a new file from a template.

        Raises:
            CannotBegin: the file is there already.
        """
        if (self.repository / path).exists():
            raise CannotBegin(f"{path.as_posix()} is there already. Choose another name.")
        self.texts[path] = rendered(template, **values)

    def read(self, path: Path) -> str:
        """The text of a file as it will be."""
        return self.texts.get(path) or (self.repository / path).read_text(encoding="utf-8")

    def change(self, path: Path, text: str) -> None:
        """Give a file that is there another text."""
        self.texts[path] = text

    def write(self, next_steps: tuple[str, ...]) -> Written:
        """Write every file; return what was added and changed."""
        there = {path for path in self.texts if (self.repository / path).exists()}
        for path, text in self.texts.items():
            (self.repository / path).parent.mkdir(parents=True, exist_ok=True)
            write_text(self.repository / path, text)
        return Written(
            added=tuple(path for path in self.texts if path not in there),
            changed=tuple(path for path in self.texts if path in there),
            next_steps=next_steps,
        )


def require_checkout(repository: Path) -> None:
    """Stop where the program was installed without its repository.

    Raises:
        CannotBegin: there are no declarations and tests to add to.
    """
    if (
        not (repository / "dbt_project" / "indicators").is_dir()
        or not (repository / "tests" / "support").is_dir()
    ):
        raise CannotBegin(
            f"{repository} is no checkout of the repository, so nothing can be added to it. Run "
            "this in a checkout where Vuosikello is installed as editable (make)."
        )


def rendered(template: str, **values: object) -> str:
    """Fill in a template of this package (YAML or SQL): ``[[ name ]]`` stands for a value."""
    environment = jinja2.Environment(  # noqa: S701
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template(template).render(**values)
