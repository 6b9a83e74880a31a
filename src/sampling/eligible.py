"""Which concepts a strategy may ask in each language, found in one pass over the masks of languages."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from src.data.pair_index import PairIndex
from src.sampling.members import WORD, Members, pack

CHUNK = WORD << 14  # concepts read at a time

Masks = NDArray[np.unsignedinteger]


@dataclass(frozen=True, eq=False)
class Eligible:
    """The concepts of one dataset, or of all, that a strategy can use."""

    concepts: int  # how many can be used at all
    asked: list[Members]  # per language: the concepts that may be asked in it
    answered: NDArray[np.int64]  # per language: how many concepts may be answered in it

    @property
    def sizes(self) -> NDArray[np.int64]:
        """How many concepts may be asked in each language."""
        return np.array([members.count for members in self.asked])


def find_eligible(index: PairIndex, crosslingual: bool, dataset: int | None = None) -> Eligible:
    """The concepts of one dataset (None: of all), by language."""
    serves = other_language if crosslingual else same_language
    first, stop = _span(index.dataset, dataset) if dataset is not None else (0, len(index))
    languages = range(len(index.languages))
    words = np.zeros((len(languages), -(-(stop - first) // WORD)), dtype=np.uint64)
    concepts, answered = 0, np.zeros(len(languages), dtype=np.int64)
    for start in range(first, stop, CHUNK):
        chunk = slice(start, min(start + CHUNK, stop))
        question, passage = index.question_languages[chunk], index.passage_languages[chunk]
        if dataset is not None:
            question = np.where(index.dataset[chunk] == dataset, question, 0)
        asked, replied = serves(question, passage), serves(passage, question)
        concepts += int(np.count_nonzero(asked))
        for language in languages:
            packed = pack(_bit(asked, language))
            words[language, (start - first) // WORD :][: len(packed)] = packed
            answered[language] += np.count_nonzero(_bit(replied, language))
    return Eligible(concepts, [Members(first, row, stop - first) for row in words], answered)


def find_pairs(index: PairIndex, dataset: int | None = None) -> dict[tuple[int, int], Members]:
    """The concepts of one dataset (None: of all) by (question language, passage language), where there are any."""
    first, stop = _span(index.dataset, dataset) if dataset is not None else (0, len(index))
    asked = _words(index, index.question_languages, first, stop, dataset)
    answered = _words(index, index.passage_languages, first, stop, dataset)
    pairs = {}
    for query, passage in permutations(range(len(index.languages)), 2):
        members = Members(first, asked[query], stop - first, answered[passage])
        if members.count:
            pairs[query, passage] = members
    return pairs


def same_language(text: Masks, counterpart: Masks) -> Masks:
    """Languages that hold both texts of a concept."""
    return text & counterpart


def other_language(text: Masks, counterpart: Masks) -> Masks:
    """Languages that hold one text of a concept while another language holds its counterpart."""
    several = counterpart & (counterpart - counterpart.dtype.type(1)) != 0
    return np.where(several, text, np.where(counterpart != 0, text & ~counterpart, 0)).astype(text.dtype)


def _words(index: PairIndex, masks: Masks, first: int, stop: int, dataset: int | None) -> NDArray[np.uint64]:
    """For each language one bit a concept of the dataset: whether the text is there."""
    words = np.zeros((len(index.languages), -(-(stop - first) // WORD)), dtype=np.uint64)
    for start in range(first, stop, CHUNK):
        chunk = slice(start, min(start + CHUNK, stop))
        held = masks[chunk] if dataset is None else np.where(index.dataset[chunk] == dataset, masks[chunk], 0)
        for language in range(len(index.languages)):
            packed = pack(_bit(held, language))
            words[language, (start - first) // WORD :][: len(packed)] = packed
    return words


def _bit(masks: Masks, language: int) -> NDArray[np.bool_]:
    return masks & masks.dtype.type(1 << language) != 0


def _span(datasets: NDArray[np.uint8], dataset: int) -> tuple[int, int]:
    """From the first concept of a dataset to the one after its last."""
    inside = datasets == dataset
    return (int(inside.argmax()), len(inside) - int(inside[::-1].argmax())) if inside.any() else (0, 0)
