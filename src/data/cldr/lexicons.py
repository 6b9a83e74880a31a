"""Bilingual lexicons of the names that the facts speak of, in the format of MUSE, for every pair of the languages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import permutations
from pathlib import Path

from src.data.cache import cached_folder
from src.data.cldr.facts import facts
from src.data.cldr.names import names
from src.data.cldr.relations import RELATIONS, Kind
from src.data.cldr.templates import LANGUAGES
from src.data.code_switching import CodeSwitching
from src.data.fingerprint import digest
from src.data.words import Vocabulary, normal, spaced_words, writes_spaces

Entry = tuple[str, str]  # a word, and one translation of one word or more


def code_switching(
    cache_dir: str,
    kind: str,
    probability: float,
    sides: str,
    pairs: Sequence[str] | None,
    *,
    languages: Sequence[str],
    seed: int,
) -> CodeSwitching:
    """`CodeSwitching` with these lexicons."""
    return CodeSwitching(lexicon_folder(cache_dir), kind, probability, sides, pairs, languages=languages, seed=seed)


def lexicon_folder(cache_dir: str | Path) -> Path:
    """The folder with `en-de.txt` and all the others, made when first asked for."""
    lexicons = [(*pair, entries(*pair)) for pair in permutations(LANGUAGES, 2)]
    return cached_folder(
        Path(cache_dir) / "lexicons" / f"cldr-{digest(lexicons)[:16]}", lambda folder: _write(folder, lexicons)
    )


def entries(source: str, target: str) -> list[Entry]:
    """Each name that is one word in `source`, with what the same code is called in `target`; in their order.

    Two names of one code stand side by side, and nothing else: no entry tells what a fact tells, such as that Japan
    pays in yen, unless one of the two languages has one name for both, as Thai has for Japan and Japanese. A
    translation that is the word itself is left out.
    """
    called = names(target)
    pairs = {(word, str(called[kind](code))) for (kind, code), word in _words(source).items()}
    return sorted((word, translation) for word, translation in pairs if normal(word) != normal(translation))


@cache
def _words(language: str) -> dict[tuple[Kind, str], str]:
    """Entities and values of the facts (territories, languages, currencies, places, days ...) that one word names."""
    codes = {(fact.kind, fact.entity) for fact in facts()}
    codes |= {(RELATIONS[fact.relation].value, fact.value) for fact in facts()}
    named = {(kind, code): str(names(language)[kind](code)) for kind, code in codes}
    return {code: name for code, name in named.items() if _is_word(name, language)}


def _is_word(name: str, language: str) -> bool:
    """Whether code-switching takes the whole name for one word of a text."""
    found = spaced_words(name) if writes_spaces(language) else Vocabulary([name]).spans(name)
    return found == [(0, len(name))]


def _write(folder: Path, lexicons: list[tuple[str, str, list[Entry]]]) -> None:
    for source, target, listed in lexicons:
        lines = "".join(f"{word}\t{translation}\n" for word, translation in listed)
        (folder / f"{source}-{target}.txt").write_text(lines, encoding="utf-8")
