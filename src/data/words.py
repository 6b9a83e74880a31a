"""Words of a text and their places, in any script; a lexicon finds them where a script writes no spaces."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

SPACELESS = ("zh", "yue", "ja", "th", "lo", "km", "my")  # languages whose words no space separates

Span = tuple[int, int]


@cache
def writes_spaces(language: str) -> bool:
    """Whether words of the language (a code such as de or zh-Hant) are separated by spaces."""
    return re.split("[-_]", language)[0] not in SPACELESS


def normal(word: str) -> str:
    """The form in which words are compared: composed characters (NFC), lower case."""
    return unicodedata.normalize("NFC", word).lower()


def spaced_words(text: str) -> list[Span]:
    """Runs of letters, digits and marks; an apostrophe between them belongs to the word, other punctuation to none."""
    return [match.span() for match in _patterns()[0].finditer(text)]


class Replacement(NamedTuple):
    """What stands for a word."""

    text: str
    set_off: bool  # by a space, where it would touch a word


def replace(text: str, words: Mapping[Span, Replacement]) -> str:
    """The text with the words at some places, in ascending order, replaced; all else stays."""
    parts, end = [], 0
    for (start, stop), replacement in words.items():
        parts += [Replacement(text[end:start], set_off=False), replacement]
        end = stop
    parts.append(Replacement(text[end:], set_off=False))
    whole, last = "", None
    for part in filter(lambda part: part.text, parts):
        whole += (" " if last and _touch(last, part) else "") + part.text
        last = part
    return whole


def _touch(left: Replacement, right: Replacement) -> bool:
    touching = left.text[-1] + right.text[0]
    return (left.set_off or right.set_off) and spaced_words(touching) == [(0, 2)]


class Vocabulary:
    """Words of a language that writes no spaces, found by the longest match from left to right."""

    def __init__(self, words: Iterable[str]) -> None:
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        self.words = frozenset(map(normal, words))
        for word in self.words:
            lengths[word[0]].add(len(word))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def spans(self, text: str) -> list[Span]:
        """The places of known words, and of what lies unknown between them; Latin letters and digits are words."""
        _, latin, others = _patterns()
        found: list[Span] = []
        for run in re.finditer(f"{latin}|{others}", text):
            whole = re.fullmatch(latin, run[0]) is not None
            found.extend([run.span()] if whole else self._longest(text, *run.span()))
        return found

    def _longest(self, text: str, start: int, end: int) -> Iterator[Span]:
        unknown = start
        while start < end:
            length = self._known(text, start, end)
            if length and unknown < start:
                yield unknown, start
            if length:
                yield start, start + length
                unknown = start + length
            start += length or 1
        if unknown < end:
            yield unknown, end

    def _known(self, text: str, start: int, end: int) -> int:
        """Length of the longest known word that begins here, 0 for none; a mark is not cut off its letter."""
        for length in self._lengths.get(text[start].lower(), ()):
            stop = start + length
            cuts_a_mark = stop < end and unicodedata.category(text[stop])[0] == "M"
            if stop <= end and not cuts_a_mark and normal(text[start:stop]) in self.words:
                return length
        return 0


@cache
def _patterns() -> tuple[re.Pattern[str], str, str]:
    """A spaced language's word; and, for one that writes no spaces, a word of Latin letters, a run of the others."""
    # \w lacks marks, such as the vowel signs of Hindi and Thai, and the joiners inside Persian and Hindi words
    marks = "".join(c for c in map(chr, range(0x300, 0x20000)) if unicodedata.category(c)[0] == "M")
    letter = rf"(?:[^\W_]|[{marks}\u200c\u200d])"
    latin = r"[0-9A-Za-z\u00c0-\u024f]+"
    others = rf"(?:(?![0-9A-Za-z\u00c0-\u024f]){letter})+"
    return re.compile(rf"{letter}+(?:['’]{letter}+)*"), latin, others
