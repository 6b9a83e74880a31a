"""What is searched: the passages of the training data, text by text, and which of them answer which question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from src.data.fingerprint import digest
from src.data.pair_index import PairIndex
from src.data.texts import ParallelTexts
from src.data.training_data import TrainingData
from src.errors import InputError
from src.evaluation.benchmark import TextSet
from src.mining.lazy import LazyStrings
from src.mining.same import same_texts
from src.retrieval.search import NONE


@dataclass(frozen=True, eq=False)
class Pool:
    """Passages by number, and their texts in every language as candidates, sorted by language and then by number."""

    passage: NDArray[np.int32]  # [passages] their ids, ascending
    identity: NDArray[np.int32]  # [passages] equal for those that count as the same
    number: NDArray[np.int32]  # [candidates] of each text's passage
    candidates: TextSet

    def identities(self, rows: NDArray[np.integer]) -> NDArray[np.int32]:
        """Identities of candidates by row; NONE for NONE."""
        return np.where(rows == NONE, NONE, self.identity[self.number[rows]]).astype(np.int32)

    def rows(self, passages: NDArray[np.integer], language: int) -> NDArray[np.int64]:
        """Rows of some passages (ids) in a language; NONE where it does not hold one."""
        start, stop = np.searchsorted(self.candidates.language, [language, language + 1])
        held = self.passage[self.number[start:stop]]
        if not len(held):
            return np.full(len(passages), NONE, np.int64)
        place = np.minimum(np.searchsorted(held, passages), len(held) - 1)
        return np.where(held[place] == passages, start + place, NONE)


@dataclass(frozen=True, eq=False)
class Known:
    """The known positives: identities of questions and of passages in pairs."""

    question: NDArray[np.int32]  # ids, ascending
    question_identity: NDArray[np.int32]  # [questions]
    pairs: NDArray[np.int64]  # question identity x width + passage identity, ascending
    width: int

    def of(self, questions: NDArray[np.integer]) -> NDArray[np.int32]:
        """Identities of questions by id."""
        return self.question_identity[np.searchsorted(self.question, questions)]

    def has(self, questions: NDArray[np.integer], passages: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Whether passages [n, m] answer questions [n], both given by identity."""
        keys = questions[:, None].astype(np.int64) * self.width + passages
        place = np.minimum(np.searchsorted(self.pairs, keys), len(self.pairs) - 1)
        return self.pairs[place] == keys


def read_pool(data: TrainingData) -> tuple[Pool, Known]:
    """Positives and explicit negatives of the training concepts; and all that is known to answer a question.

    Known is what concepts held out for validation say, too: their passages are not searched for, but they may hold the
    same text as one that is.
    """
    indices = [data.train, *([data.validation] if data.validation is not None else [])]
    everything = np.unique(np.concatenate([_passages(index) for index in indices]))
    same = same_texts(data.passages, everything)
    searched = np.isin(everything, _passages(data.train))
    if len(np.unique(same[searched])) < 2:
        what = f"the training part of {data.name} has one passage: there is nothing to mine"
        raise InputError(what, where="dataset", fix="give data with several passages")
    return _pool(data.passages, everything[searched], same[searched]), _known(data.questions, indices, everything, same)


def texts_of(
    texts: ParallelTexts, ids: NDArray[np.integer], languages: Sequence[int], kind: str
) -> tuple[TextSet, NDArray[np.int64]]:
    """All texts of some ids in some languages, sorted by language and then as given; and the place of each one's id."""
    held = [np.flatnonzero(texts.held(language)[ids]) for language in languages]
    place = np.concatenate([np.empty(0, np.int64), *held])
    language = np.repeat(np.array(languages, np.int16), [len(each) for each in held])

    def names(rows: NDArray[np.int64]) -> list[str]:
        codes = [texts.languages[code] for code in language[rows].tolist()]
        return [f"{code}_{kind}{name}" for code, name in zip(codes, ids[place[rows]].tolist(), strict=True)]

    def read(rows: NDArray[np.int64]) -> list[str]:
        return texts.get(ids[place[rows]], language[rows])

    about = digest(kind, texts.fingerprint, ids.tolist(), list(languages))
    many = (LazyStrings(len(place), names), LazyStrings(len(place), read))
    return TextSet(*many, language, checked=True, digest=about), place


def _passages(index: PairIndex) -> NDArray[np.int32]:
    explicit = [index.negatives.passages] if index.negatives is not None else []
    return np.unique(np.concatenate([index.passage, *explicit]))


def _pool(texts: ParallelTexts, ids: NDArray[np.int32], same: NDArray[np.int32]) -> Pool:
    candidates, place = texts_of(texts, ids, range(len(texts.languages)), "p")
    return Pool(ids, same, place.astype(np.int32), candidates)


def _known(
    texts: ParallelTexts, indices: Sequence[PairIndex], everything: NDArray[np.int32], same: NDArray[np.int32]
) -> Known:
    question = np.concatenate([index.question for index in indices])
    passage = np.concatenate([index.passage for index in indices])
    ids = np.unique(question)
    identity = same_texts(texts, ids)
    asked = identity[np.searchsorted(ids, question)].astype(np.int64)
    pairs = asked * len(everything) + same[np.searchsorted(everything, passage)]
    return Known(ids, identity, np.unique(pairs), len(everything))
