"""Code-switching: words of a text replaced by their translations (Litschko et al., arXiv 2305.05295)."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from src.data.lexicon import Lexicon, find_lexicons, read_lexicon
from src.data.words import Replacement, Span, Vocabulary, normal, replace, spaced_words, writes_spaces
from src.errors import InputError
from src.sampling.streams import hashed, stream_key, uniform

T = TypeVar("T")

logger = logging.getLogger(__name__)

KINDS = ("bilingual", "multilingual")
SIDES = {  # which texts of a batch are switched; positives alone would give themselves away beside negatives
    "queries": ("query",),
    "passages": ("passage", "negative"),
    "both": ("query", "passage", "negative"),
}
PER_WORD = 3  # draws: whether, into which language, which translation


class Switched(NamedTuple):
    """A text after code-switching."""

    text: str
    words: int  # that it has
    switched: int  # that were replaced


class CodeSwitching:
    """Replaces each word that a lexicon knows with probability p; the draws depend on the text's key alone.

    `bilingual` draws one language a text, `multilingual` one a word, among those whose lexicon knows it; of several
    translations one is drawn. Words are compared in lower case; a translation takes the word's capitals, and
    punctuation stays. Where a script writes no spaces (zh, ja, th, ...), words are the longest matches with the
    language's lexicons, and a space sets off a translation that needs one. A language without a lexicon stays as it is.
    """

    def __init__(
        self,
        folder: str | Path,
        kind: str = "bilingual",
        probability: float = 0.5,
        sides: str = "both",
        pairs: Sequence[str] | None = None,
        *,
        languages: Sequence[str],
        seed: int,
    ) -> None:
        """`languages` are the training data's, in its order."""
        _check(kind, probability, sides)
        self.kind, self.probability, self.seed = kind, probability, seed
        self.kinds = SIDES[sides]
        self.languages = tuple(languages)
        self.files = find_lexicons(folder, languages, pairs)
        self._lexicons: dict[str, dict[str, Lexicon]] = {}
        for (source, target), path in self.files.items():
            self._lexicons.setdefault(source, {})[target] = read_lexicon(path)
        if without := [language for language in languages if language not in self._lexicons]:
            logger.info("no lexicon from %s: their texts are not code-switched", ", ".join(without))

    @cached_property
    def sources(self) -> dict[str, str]:
        """sha256 of each lexicon's file, for the run's record."""
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in self.files.values()}

    def keys(
        self, kind: str, step: int, rows: NDArray[np.integer], places: NDArray[np.integer] | int = 0
    ) -> NDArray[np.uint64]:
        """A key for each text by where it stands: kind of text, step, row of the global batch, and place in the row.

        Nothing else decides what happens to it: not the device count, not the workers, not the steps before.
        """
        of_step = hashed(stream_key(self.seed, "code_switching", kind), step)
        return hashed(hashed(of_step, rows), np.asarray(places))

    def switch(self, text: str, language: int, key: int) -> Switched:
        """The text with the words replaced that its key draws."""
        source = self.languages[language]
        lexicons = self._lexicons.get(source)
        if lexicons is None:
            return Switched(text, 0, 0)
        spans = self._words(text, source)
        draws = uniform(key, np.arange(1 + PER_WORD * len(spans)))
        targets = list(lexicons) if self.kind == "multilingual" else [_pick(list(lexicons), draws[0])]
        replaced: dict[Span, Replacement] = {}
        for span, (whether, which, how) in zip(spans, draws[1:].reshape(-1, PER_WORD).tolist(), strict=True):
            word = text[slice(*span)]
            entry = normal(word)
            known = [target for target in targets if entry in lexicons[target]] if whether < self.probability else []
            if known:
                target = _pick(known, which)
                translation = _as_cased(word, _pick(lexicons[target][entry], how))
                set_off = writes_spaces(target) and not writes_spaces(source)
                replaced[span] = Replacement(translation, set_off)
        return Switched(replace(text, replaced), len(spans), len(replaced))

    def _words(self, text: str, source: str) -> list[Span]:
        return spaced_words(text) if writes_spaces(source) else self._vocabularies[source].spans(text)

    @cached_property
    def _vocabularies(self) -> dict[str, Vocabulary]:
        return {
            source: Vocabulary(word for lexicon in lexicons.values() for word in lexicon)
            for source, lexicons in self._lexicons.items()
            if not writes_spaces(source)
        }


def _as_cased(word: str, translation: str) -> str:
    """The translation with the word's capitals: all, the first, or as the lexicon has it."""
    if len(word) > 1 and word.isupper():
        return translation.upper()
    return translation[0].upper() + translation[1:] if word[0].isupper() else translation


def _pick(options: Sequence[T], draw: float) -> T:
    return options[int(draw * len(options))]


def _check(kind: str, probability: float, sides: str) -> None:
    if kind not in KINDS:
        raise InputError(f"unknown kind {kind!r}", where="augmentation.kind", fix=f"one of {', '.join(KINDS)}")
    if sides not in SIDES:
        raise InputError(f"unknown sides {sides!r}", where="augmentation.sides", fix=f"one of {', '.join(SIDES)}")
    if not 0 <= probability <= 1:
        raise InputError(f"a probability is between 0 and 1, got {probability}", where="augmentation.probability")
