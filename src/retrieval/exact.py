"""Exact search: the same candidates in the same order whatever the blocks, the processes and the device."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from src.errors import InputError
from src.retrieval.embeddings import Embeddings, check_same_dimension
from src.retrieval.nearest import nearest
from src.retrieval.search import Ids, Top, best_first, check_counts, nothing

SPARE = 16  # candidates fetched beyond k, so that those whose scores nearly tie at k are seen
RESCORED_BYTES = 32 * 2**20  # of candidates copied at once


class ExactSearch:
    """Every candidate is compared with every query.

    Products in float32 differ in their last bits with the blocks they are computed in. So a few more than k are
    fetched and scored again, each pair by itself in float64, rounded to float32: equal texts tie exactly, and ties are
    broken by id.
    """

    approximate = False
    recall_queries = 0

    def __init__(self, depth: int | None = None, device: str = "auto") -> None:
        """`depth`: see `evaluation.searched`; `device`: cpu, cuda, or auto for a GPU where there is one."""
        check_counts(depth=depth)
        self.depth, self.device = depth, device

    def top(self, queries: NDArray[np.float32], corpus: Embeddings, ids: Ids, k: int) -> Top:
        """Each query's best k."""
        check_same_dimension(queries, corpus)
        device, wanted = self._place(), min(k, len(corpus))
        score, row = nothing(len(queries), k)
        open_queries, fetched = np.arange(len(queries) if wanted else 0), wanted + SPARE
        while len(open_queries):
            fetched = min(fetched, len(corpus))
            asked = queries[open_queries]
            rough, rows = nearest(asked, corpus, fetched, device)
            scores, margin = rescore(asked, corpus, rows)
            best = best_first(scores, rows, ids, wanted)
            score[open_queries, :wanted], row[open_queries, :wanted] = best
            # What was not fetched scores no more than the last fetched, give or take the rounding of float32.
            settled = best.score[:, -1] > rough[:, -1] + margin if fetched < len(corpus) else np.ones(len(asked), bool)
            open_queries, fetched = open_queries[~settled], 4 * fetched
        return Top(score, row)

    def check(self, dimension: int) -> None:
        """Whatever the dimension, this works; an InputError where the device does not."""
        self._place()

    def describe(self) -> dict[str, Any]:
        """Plain values for the record."""
        return {"name": "exact", "device": self._place()}

    def _place(self) -> str:
        if self.device == "cpu":
            return "cpu"
        import torch

        if self.device == "auto":
            return "cuda" if torch.cuda.is_available() else "cpu"
        try:
            return str(torch.empty(0, device=self.device).device)
        except (RuntimeError, AssertionError, TypeError) as error:
            reason = str(error).splitlines()[0]
            raise InputError(f"no device {self.device!r}: {reason}", where="search.device", fix="auto, cpu") from error


def rescore(
    queries: NDArray[np.float32], corpus: Embeddings, rows: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Scores of each query's own rows [queries, n], and by how much float32 products of a query may be off [queries].

    The bound grows with the root of the dimension, as rounding errors do that are independent; it is generous: four
    times that, for vectors twice as long as any of the rows.
    """
    scores = np.empty(rows.shape, np.float32)
    longest = np.empty(len(rows))
    step = max(1, RESCORED_BYTES // max(1, 8 * rows.shape[1] * corpus.dimension))
    for start in range(0, len(rows), step):
        some = rows[start : start + step]
        candidates = corpus.take(some.ravel()).reshape(*some.shape, -1).astype(np.float64)
        asked = queries[start : start + step].astype(np.float64)
        scores[start : start + step] = np.einsum("qd,qnd->qn", asked, candidates)
        longest[start : start + step] = np.sqrt(np.einsum("qnd,qnd->qn", candidates, candidates).max(axis=1))
    length = np.linalg.norm(queries.astype(np.float64), axis=1)
    return scores, 8 * np.sqrt(corpus.dimension) * 2.0**-24 * length * longest
