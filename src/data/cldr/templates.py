"""Sentence templates, written by hand: one TOML file a language, one table a relation."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "templates"
LANGUAGES: tuple[str, ...] = tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@dataclass(frozen=True)
class Wordings:
    """Sentences with the fields {entity} and, in answers, {value}."""

    questions: tuple[str, ...]
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Templates:
    """One language's wordings by relation, and its names of the two directions of writing, which CLDR lacks."""

    wordings: dict[str, Wordings]
    directions: dict[str, str]


@cache
def templates(language: str) -> Templates:
    """The templates of a language."""
    tables = tomllib.loads(template_file(language).read_text(encoding="utf-8"))
    wordings = {name: Wordings(tuple(table["questions"]), tuple(table["answers"])) for name, table in tables.items()}
    return Templates(wordings, tables["direction"]["values"])


def template_file(language: str) -> Path:
    """Where a language's templates are."""
    return FOLDER / f"{language}.toml"
