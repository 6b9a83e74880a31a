"""Some questions in every language that asks, ranked over the passages that do not answer them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from src.evaluation.searched import Asked, Searched
from src.mining.pool import Known, Pool
from src.mining.settings import Mining
from src.retrieval.exact import rescore
from src.retrieval.search import NONE, Top, best_first, merge, nothing

SPARE = 16  # candidates fetched beyond the depth, as some are positives or the same passage again


@dataclass(frozen=True, eq=False)
class Block:
    """Queries that are searched together."""

    searched: Searched
    question: NDArray[np.int32]  # [queries] the question's id
    language: NDArray[np.int16]  # [queries]
    pool: Pool
    known: Known

    def rank(self, mining: Mining) -> Top:
        """Each query's best passages [queries, mining.last] in the languages where it looks.

        Known positives have no rank, and a passage has one: that of its best text among the languages.
        """
        best = nothing(len(self.question), mining.last)
        for language in np.unique(self.pool.candidates.language).tolist():
            queries = np.flatnonzero(mining.looks_in(self.language, language))
            if len(queries):
                found = self._others(Asked(queries, language), mining.last)
                both = merge([Top(best.score[queries], best.row[queries]), found], self._ids, 2 * mining.last)
                best.score[queries], best.row[queries] = self._distinct(queries, both, mining.last)
        return self._exactly(best) if self.searched.search.approximate else best

    def scores(self, queries: NDArray[np.integer], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Of each query [n] with its own candidates [n, m], in full precision; NaN for NONE."""
        scores, _ = rescore(self.searched.queries[queries], self.searched.corpus, np.where(rows == NONE, 0, rows))
        return np.where(rows == NONE, np.float32(np.nan), scores)

    def _others(self, asked: Asked, depth: int) -> Top:
        """The best passages of a pool that do not answer, looking deeper for a query until there are enough."""
        best = nothing(len(asked.queries), depth)
        waiting, fetched = np.arange(len(asked.queries)), depth + SPARE
        while len(waiting):
            top = self.searched.top(asked, fetched, queries=asked.queries[waiting])
            kept = self._distinct(asked.queries[waiting], top, depth)
            best.score[waiting], best.row[waiting] = kept
            settled = (kept.row[:, -1] != NONE) | (top.row[:, -1] == NONE)
            waiting, fetched = waiting[~settled], 4 * fetched
        return best

    def _distinct(self, queries: NDArray[np.int64], top: Top, depth: int) -> Top:
        """The best of each passage that is no known positive, in the same order."""
        identity = self.pool.identities(top.row)
        dropped = (top.row == NONE) | repeated(identity)
        dropped |= self.known.has(self.known.of(self.question[queries]), identity)
        order = np.argsort(dropped, axis=1, kind="stable")[:, :depth]
        score, row = np.where(dropped, np.float32(-np.inf), top.score), np.where(dropped, NONE, top.row)
        return Top(np.take_along_axis(score, order, axis=1), np.take_along_axis(row, order, axis=1))

    def _exactly(self, top: Top) -> Top:
        """The same candidates by their own scores: an index may have compressed them, and positives are not."""
        scores = self.scores(np.arange(len(top.row)), top.row)
        return best_first(np.where(np.isnan(scores), np.float32(-np.inf), scores), top.row, self._ids, top.row.shape[1])

    def _ids(self, rows: NDArray[np.int64]) -> list[str]:
        return [self.pool.candidates.ids[row] for row in rows.tolist()]


def repeated(values: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Whether each value [n, m] stands further left in its row already."""
    order = np.argsort(values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    again = np.zeros(values.shape, bool)
    np.put_along_axis(again, order[:, 1:], ordered[:, 1:] == ordered[:, :-1], axis=1)
    return again
