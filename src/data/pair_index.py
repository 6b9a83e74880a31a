"""Training data as integers: which concepts exist, in which languages, with which passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from src.data.mapped_arrays import Reopened
from src.errors import InputError

MAX_LANGUAGES = 64


@dataclass(frozen=True, eq=False)
class HardNegatives(Reopened):
    """Explicit negatives of each concept, ragged: concept c owns `passages[offsets[c]:offsets[c + 1]]`."""

    offsets: NDArray[np.int64]  # [concepts + 1]
    passages: NDArray[np.int32]  # [offsets[-1]] passage ids

    def of(self, concept: int) -> NDArray[np.int32]:
        """Passage ids of one concept's negatives."""
        return self.passages[self.offsets[concept] : self.offsets[concept + 1]]

    def select(self, concepts: NDArray[np.integer]) -> HardNegatives:
        """The same for a subset of the concepts, renumbered in the order given."""
        counts = np.diff(self.offsets)[concepts]
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        starts = self.offsets[:-1][concepts]
        flat = np.arange(offsets[-1]) - np.repeat(offsets[:-1] - starts, counts)
        return HardNegatives(offsets, np.asarray(self.passages[flat]))


@dataclass(frozen=True, eq=False)
class PairIndex(Reopened):
    """Concepts (a question and its positive passage, shared by all their translations) as integer arrays.

    Arrays may be memory-mapped, or constants broadcast with stride 0, so 40 million concepts need little memory; both
    stay so in a process that the index is sent to.
    """

    languages: tuple[str, ...]
    question: NDArray[np.int32]  # [concepts] question id; several concepts may share one question
    passage: NDArray[np.int32]  # [concepts] positive passage id; several concepts may share one passage
    question_languages: NDArray[np.unsignedinteger]  # [concepts] bit l set: question exists in languages[l]
    passage_languages: NDArray[np.unsignedinteger]  # [concepts] bit l set: positive passage exists in languages[l]
    dataset: NDArray[np.uint8]  # [concepts] index into datasets
    datasets: tuple[str, ...]
    negatives: HardNegatives | None = None

    def __len__(self) -> int:
        return len(self.question)

    def select(self, concepts: NDArray[np.integer]) -> PairIndex:
        """A subset of the concepts, renumbered in the order given; question and passage ids stay."""
        return replace(
            self,
            question=self.question[concepts],
            passage=self.passage[concepts],
            question_languages=self.question_languages[concepts],
            passage_languages=self.passage_languages[concepts],
            dataset=self.dataset[concepts],
            negatives=self.negatives.select(concepts) if self.negatives is not None else None,
        )


def mask_dtype(languages: int) -> np.dtype:
    """The smallest unsigned integer type with one bit per language (at most 64)."""
    if not 0 < languages <= MAX_LANGUAGES:
        what = f"between 1 and {MAX_LANGUAGES} languages, got {languages}"
        raise InputError(what, where="dataset.languages", fix="choose some of them")
    return np.dtype(next(f"u{size}" for size in (1, 2, 4, 8) if languages <= 8 * size))


def language_mask(codes: Sequence[str], languages: Sequence[str]) -> int:
    """The bit mask of some language codes within the index's languages."""
    return sum(1 << languages.index(code) for code in set(codes))
