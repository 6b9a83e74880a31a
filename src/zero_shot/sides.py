"""The two sides of a comparison, as texts that are streamed: what is trained on, and what a benchmark holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from src.data.pair_index import PairIndex
from src.data.texts import ParallelTexts
from src.data.training_data import TrainingData
from src.evaluation.benchmark import TextSet

CHUNK = 4096  # texts in memory at once


class Chunk(NamedTuple):
    """Some texts, each with the number that its side knows it by."""

    rows: NDArray[np.int64]  # ascending from chunk to chunk
    texts: list[str]


class Side(Protocol):
    """Texts that can be streamed, and got by their numbers."""

    def __len__(self) -> int: ...

    def stream(self) -> Iterator[Chunk]:
        """All texts in the order of their numbers."""

    def get(self, rows: NDArray[np.int64]) -> list[str]:
        """The texts of some numbers."""


class BenchmarkTexts:
    """A benchmark's texts, or some of them; text i of these has the number i."""

    def __init__(self, texts: TextSet, chosen: NDArray[np.integer] | None = None) -> None:
        self._texts, self._chosen = texts.texts, chosen
        self.language = texts.language if chosen is None else texts.language[chosen]

    def __len__(self) -> int:
        return len(self.language)

    def stream(self) -> Iterator[Chunk]:
        """All texts, in order."""
        for start in range(0, len(self), CHUNK):
            rows = np.arange(start, min(start + CHUNK, len(self)))
            whole = self._chosen is None
            yield Chunk(rows, list(self._texts[start : start + CHUNK]) if whole else self.get(rows))

    def get(self, rows: NDArray[np.int64]) -> list[str]:
        """The texts of some numbers."""
        return [self._texts[int(row)] for row in (rows if self._chosen is None else self._chosen[rows])]


class TrainingTexts:
    """The texts of one kind that can be trained on, in all languages; number = language * ids + id."""

    def __init__(self, texts: ParallelTexts, ids_of: Callable[[int], NDArray[np.integer]]) -> None:
        self._texts, self._ids_of = texts, ids_of

    @cached_property
    def _size(self) -> int:
        return sum(len(self._ids_of(language)) for language in range(len(self._texts.languages)))

    def __len__(self) -> int:
        return self._size

    def stream(self) -> Iterator[Chunk]:
        """All texts, language by language."""
        for language in range(len(self._texts.languages)):
            ids = self._ids_of(language)
            for start in range(0, len(ids), CHUNK):
                rows = language * len(self._texts) + ids[start : start + CHUNK].astype(np.int64)
                yield Chunk(rows, self.get(rows))

    def get(self, rows: NDArray[np.int64]) -> list[str]:
        """The texts of some numbers."""
        languages, ids = np.divmod(rows, len(self._texts))
        return self._texts.get(ids, languages)

    def place(self, row: int) -> tuple[str, int]:
        """Language and id of a number."""
        language, id_ = divmod(row, len(self._texts))
        return self._texts.languages[language], id_


def training_questions(data: TrainingData) -> TrainingTexts:
    """The questions of the concepts trained on."""
    index = data.train
    return TrainingTexts(
        data.questions, lambda language: _ids(len(data.questions), index.question, index.question_languages, language)
    )


def training_passages(data: TrainingData) -> TrainingTexts:
    """The passages of the concepts trained on, hard negatives among them in every language that has them."""
    index = data.train

    def ids_of(language: int) -> NDArray[np.integer]:
        own = _ids(len(data.passages), index.passage, index.passage_languages, language)
        return own if index.negatives is None else np.union1d(own, _negatives(data.passages, index, language))

    return TrainingTexts(data.passages, ids_of)


def _ids(
    size: int, ids: NDArray[np.int32], languages: NDArray[np.unsignedinteger], language: int
) -> NDArray[np.integer]:
    """Ids that some concept has in a language."""
    bit = languages.dtype.type(1 << language)
    chosen = np.zeros(size, bool)
    chosen[ids[(languages & bit) != 0]] = True
    return np.flatnonzero(chosen).astype(np.int32)


def _negatives(passages: ParallelTexts, index: PairIndex, language: int) -> NDArray[np.integer]:
    chosen = np.zeros(len(passages), bool)
    if index.negatives is not None:
        chosen[index.negatives.passages] = True
    return np.flatnonzero(chosen & passages.held(language)).astype(np.int32)
