"""The two sides of a comparison, as texts that are streamed: what is trained on, and what a benchmark holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol, overload

import numpy as np
from numpy.typing import NDArray

from src.data.pair_index import PairIndex
from src.data.sentences import split_sentences
from src.data.texts import ParallelTexts
from src.data.training_data import TrainingData

CHUNK = 4096  # texts in memory at once
PIECES = 1024  # of a training text that have a number of their own: it and its first 1023 sentences
SENTENCES = 5  # in a passage, about


class Chunk(NamedTuple):
    """Some texts, each with the number that its side knows it by."""

    rows: NDArray[np.int64]  # ascending from chunk to chunk
    texts: list[str]


class Side(Protocol):
    """Texts that can be streamed, and got by their numbers."""

    @property
    def pieces(self) -> int:
        """About how many texts `stream` gives."""

    def stream(self) -> Iterator[Chunk]:
        """All texts in the order of their numbers."""

    def get(self, rows: NDArray[np.int64]) -> list[str]:
        """The texts of some numbers."""


class BenchmarkTexts:
    """The texts of one or several benchmarks, numbered one after the other."""

    def __init__(self, sets: Sequence[Sequence[str]]) -> None:
        self._sets = sets
        self.starts = np.cumsum([0, *map(len, sets)])

    @property
    def pieces(self) -> int:
        """How many texts `stream` gives."""
        return int(self.starts[-1])

    def stream(self) -> Iterator[Chunk]:
        """All texts, in order."""
        for first, texts in zip(self.starts, self._sets, strict=False):
            for start in range(0, len(texts), CHUNK):
                part = list(texts[start : start + CHUNK])
                yield Chunk(first + start + np.arange(len(part)), part)

    def get(self, rows: NDArray[np.int64]) -> list[str]:
        """The texts of some numbers."""
        places = np.searchsorted(self.starts, rows, side="right") - 1
        return [
            self._sets[place][row]
            for place, row in zip(places.tolist(), (rows - self.starts[places]).tolist(), strict=True)
        ]


class Some(Sequence[str]):
    """Some of a sequence's texts, which stay where they are."""

    def __init__(self, texts: Sequence[str], chosen: NDArray[np.integer]) -> None:
        self._texts, self._chosen = texts, chosen

    def __len__(self) -> int:
        return len(self._chosen)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self._texts[row] for row in self._chosen[index].tolist()]
        return self._texts[int(self._chosen[index])]


class TrainingTexts:
    """The texts of one kind that can be trained on, in all languages, and if wanted each of their sentences, too.

    number = (language * ids + id) * PIECES + piece; piece 0 is the whole text, piece i its i-th sentence.
    """

    def __init__(
        self, texts: ParallelTexts, ids_of: Callable[[int], NDArray[np.integer]], *, sentences: bool = False
    ) -> None:
        self._texts, self._ids_of, self._sentences = texts, ids_of, sentences

    @cached_property
    def _size(self) -> int:
        return sum(len(self._ids_of(language)) for language in range(len(self._texts.languages)))

    def __len__(self) -> int:
        return self._size

    @property
    def pieces(self) -> int:
        """About how many texts `stream` gives."""
        return len(self) * (1 + SENTENCES if self._sentences else 1)

    def stream(self) -> Iterator[Chunk]:
        """All texts, language by language, each before its sentences."""
        for language in range(len(self._texts.languages)):
            ids = self._ids_of(language)
            for start in range(0, len(ids), CHUNK):
                places = language * len(self._texts) + ids[start : start + CHUNK].astype(np.int64)
                yield self._chunk(places)

    def get(self, rows: NDArray[np.int64]) -> list[str]:
        """The texts of some numbers."""
        places, pieces = np.divmod(rows, PIECES)
        texts = self._whole(places)
        return [_pieces(text)[piece] if piece else text for text, piece in zip(texts, pieces.tolist(), strict=True)]

    def place(self, row: int) -> tuple[str, int]:
        """Language and id of a number."""
        language, id_ = divmod(row // PIECES, len(self._texts))
        return self._texts.languages[language], id_

    def _whole(self, places: NDArray[np.int64]) -> list[str]:
        languages, ids = np.divmod(places, len(self._texts))
        return self._texts.get(ids, languages)

    def _chunk(self, places: NDArray[np.int64]) -> Chunk:
        texts = self._whole(places)
        if not self._sentences:
            return Chunk(places * PIECES, texts)
        split = [_pieces(text) for text in texts]
        counts = np.fromiter(map(len, split), np.int64, len(split))
        numbers = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return Chunk(np.repeat(places * PIECES, counts) + numbers, [piece for pieces in split for piece in pieces])


def training_questions(data: TrainingData) -> TrainingTexts:
    """The questions of the concepts trained on."""
    index = data.train
    return TrainingTexts(
        data.questions, lambda language: _ids(len(data.questions), index.question, index.question_languages, language)
    )


def training_passages(data: TrainingData, *, sentences: bool = False) -> TrainingTexts:
    """The passages of the concepts trained on, hard negatives among them in every language that has them."""
    index = data.train

    def ids_of(language: int) -> NDArray[np.integer]:
        own = _ids(len(data.passages), index.passage, index.passage_languages, language)
        return own if index.negatives is None else np.union1d(own, _negatives(data.passages, index, language))

    return TrainingTexts(data.passages, ids_of, sentences=sentences)


def _pieces(text: str) -> list[str]:
    """The text, and its sentences if it has several."""
    sentences = split_sentences(text)
    return [text, *(sentence.text for sentence in sentences[: PIECES - 1])] if len(sentences) > 1 else [text]


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
