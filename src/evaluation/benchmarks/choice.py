"""Which languages, or domains, of a published benchmark are scored."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from src.data.language_files import CODE
from src.errors import InputError


def choose(
    asked: Sequence[str] | str | None,
    published: Collection[str],
    of: str | None = None,
    *,
    where: str = "benchmark.languages",
) -> tuple[str, ...]:
    """Those asked for, or None: all that are published; an InputError where they are no list, or one comes twice.

    `of` is the benchmark's name where it has no others than those published.
    """
    if asked is None:
        return tuple(published)
    kind, fix = where.rpartition(".")[2], f"null for all, or a list of {', '.join(published)}"
    if isinstance(asked, str) or not asked or len(set(asked)) < len(asked):
        raise InputError(f"{asked!r} is not a list of different {kind}", where=where, fix=fix)
    if of and (unknown := [each for each in asked if each not in published]):
        raise InputError(f"{of} has no {kind.removesuffix('s')} {unknown[0]!r}", where=where, fix=fix)
    return tuple(asked)


def check_language(code: str) -> None:
    """InputError where the texts' language is no code."""
    if not re.fullmatch(CODE, code):
        raise InputError(f"{code!r} is not a language code", where="benchmark.language", fix="for example de")
