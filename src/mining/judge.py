"""Sightings: what a query found, held against the positive of each of its question's concepts."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from src.mining.block import Block
from src.mining.concepts import Concepts
from src.mining.settings import Mining
from src.retrieval.search import NONE, Top


@dataclass(frozen=True, eq=False)
class Sightings:
    """A passage found for a concept by one query, as parallel arrays."""

    concept: NDArray[np.int64]
    row: NDArray[np.int64]  # of the candidate
    identity: NDArray[np.int32]  # of its passage
    rank: NDArray[np.int32]  # from 1 on, among the passages that do not answer
    score: NDArray[np.float32]
    positive: NDArray[np.float32]  # score of the concept's positive with the same query
    query_language: NDArray[np.int16]
    over: NDArray[np.bool_]  # scored above what the margin allows

    def __len__(self) -> int:
        return len(self.concept)

    def take(self, places: NDArray[np.integer] | NDArray[np.bool_]) -> Sightings:
        """Some of them."""
        return Sightings(**{field.name: getattr(self, field.name)[places] for field in fields(self)})


def sight(block: Block, top: Top, concepts: Concepts, by_question: NDArray[np.int64], mining: Mining) -> Sightings:
    """All that a block's queries found; `by_question` [concepts] are the concepts sorted by question."""
    sorted_questions = concepts.question[by_question]
    start = np.searchsorted(sorted_questions, block.question, side="left")
    count = np.searchsorted(sorted_questions, block.question, side="right") - start
    query = np.repeat(np.arange(len(block.question)), count)
    within = np.arange(len(query)) - np.repeat(np.cumsum(count) - count, count)
    concept = by_question[start[query] + within]
    positive = _positive_scores(block, query, concepts.passage[concept])
    pair, column = np.nonzero(top.row[query] != NONE)
    row, score = top.row[query[pair], column], top.score[query[pair], column]
    reference = positive[pair, block.pool.candidates.language[row]]
    return Sightings(
        concept=concept[pair],
        row=row,
        identity=block.pool.identities(row),
        rank=(column + 1).astype(np.int32),
        score=score,
        positive=reference,
        query_language=block.language[query[pair]],
        over=score > mining.bound(reference),
    )


def _positive_scores(block: Block, query: NDArray[np.int64], passages: NDArray[np.int32]) -> NDArray[np.float32]:
    """Scores [n, languages] of queries [n] with their positive in each language; where none holds it, with the best.

    In the candidate's own language, because encoders score a language's passages higher or lower as a whole.
    """
    languages = range(len(block.searched.benchmark.languages))
    rows = np.stack([block.pool.rows(passages, language) for language in languages], axis=1)
    scores = block.scores(query, rows)
    return np.where(np.isnan(scores), np.nanmax(scores, axis=1, keepdims=True), scores)
