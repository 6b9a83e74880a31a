"""Exact ranks of judged candidates, within their language's pool and among all, without ranking all the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from src.retrieval.pool import Pool
from src.retrieval.scores import as_embeddings, leave_out, query_blocks
from src.retrieval.search import NONE
from src.retrieval.top_k import top_k

TIE_BYTES = 4 * 2**20  # of scores looked at together where ties are resolved


@dataclass(frozen=True, eq=False)
class Ranks:
    """Ranks, from 1, of judged (query, candidate) pairs, and each query's best candidates."""

    pair: NDArray[np.int64]  # [n] which of the judged pairs
    own: NDArray[np.int32]  # [n] rank among the candidates of the judged candidate's language
    pooled: NDArray[np.int32]  # [n] rank among all candidates
    query: NDArray[np.int64]  # [q] which queries
    top: NDArray[np.int32]  # [q, k] the query's best k candidates of the whole pool, ascending; NONE where it has fewer


def rank_judged(
    queries: NDArray[np.float32],
    candidates: NDArray[np.float32],
    pool: Pool,
    judged_query: NDArray[np.integer],
    judged_candidate: NDArray[np.integer],
    blocks: Sequence[slice],
    k: int,
    itself: NDArray[np.integer] | None = None,
) -> Ranks:
    """Ranks of the pairs (judged_query, judged_candidate), sorted by query, whose queries lie in the given blocks.

    Every score is computed once. The order is score descending, then document id descending (see `Pool`).
    Only one block's scores are held, and a sorted copy of them. `itself` [queries] names the candidate that is the
    query itself and comes last whatever its score; -1 where there is none.
    """
    queries, candidates = as_embeddings(queries, "query"), as_embeddings(candidates, "candidate")
    rows = max((block.stop - block.start for block in blocks), default=0)
    memory = np.empty((2, rows, len(candidates)), dtype=np.float32)  # used again and again: fresh pages cost time
    parts = []
    for block in blocks:
        scores, ordered = memory[:, : block.stop - block.start]
        np.matmul(queries[block], candidates.T, out=scores)
        leave_out(scores, itself, block)
        first, last = np.searchsorted(judged_query, [block.start, block.stop])
        row = judged_query[first:last].astype(np.int64) - block.start
        candidate = judged_candidate[first:last]
        found = _rank_block(scores, ordered, pool, row, candidate, k)
        if itself is not None and k >= len(pool):
            found[2][found[2] == itself[block, None]] = NONE
        parts.append(Ranks(np.arange(first, last), *found[:2], np.arange(block.start, block.stop), found[2]))
    return _join(parts, min(k, len(pool)))


def _join(parts: list[Ranks], k: int) -> Ranks:
    none = np.empty(0, np.int64)
    nothing = Ranks(none, none.astype(np.int32), none.astype(np.int32), none, np.empty((0, k), np.int32))
    columns = zip(*([vars(part).values() for part in [nothing, *parts]]), strict=True)
    return Ranks(*(np.concatenate(column) for column in columns))


def _rank_block(
    scores: NDArray[np.float32],
    ordered: NDArray[np.float32],
    pool: Pool,
    row: NDArray[np.integer],
    candidate: NDArray[np.integer],
    k: int,
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Own-pool ranks, pooled ranks [pairs] and the best k candidates [rows, k] of one block.

    `ordered` is memory for a copy of the scores.
    """
    score, language = scores[row, candidate], pool.language[candidate]
    ordered[:] = scores[:, pool.by_language]
    best = _sort_by_language(ordered, pool, k)
    above, tied = _count_above(ordered, pool, row, score, language)
    own, pooled = above[np.arange(len(row)), language], above.sum(axis=1, dtype=np.int32)
    if tied.any():
        earlier_own, earlier = _tied_before(scores, pool, row[tied], candidate[tied], score[tied])
        own[tied] += earlier_own
        pooled[tied] += earlier
    return own + 1, pooled + 1, _best(scores, pool, best, min(k, len(pool)))


def _sort_by_language(ordered: NDArray[np.float32], pool: Pool, k: int) -> NDArray[np.float32]:
    """Sort each language's scores upwards, in place; returns each language's best k [rows, languages, k]."""
    best = np.full((len(ordered), pool.languages, k), -np.inf, dtype=np.float32)
    for language, (start, stop) in enumerate(pairwise(pool.offsets)):
        ordered[:, start:stop].sort(axis=1)  # cheaper than comparing every score with a dozen thresholds
        kept = min(k, stop - start)
        best[:, language, :kept] = ordered[:, stop - kept : stop]
    return best


def _count_above(
    ordered: NDArray[np.float32],
    pool: Pool,
    row: NDArray[np.integer],
    score: NDArray[np.float32],
    language: NDArray[np.int16],
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """For each pair, the greater scores in each language [pairs, languages], and whether other scores equal its own."""
    flat, base = ordered.reshape(-1), row[:, None] * ordered.shape[1]
    starts, stops = pool.offsets[:-1], pool.offsets[1:]
    upto = np.repeat(starts[None], len(row), axis=0)  # entries before it are not greater
    longest = int((stops - starts).max(initial=0))
    for step in 2 ** np.arange(longest.bit_length())[::-1]:  # bisection, all searches at once
        probe = upto + step
        not_greater = flat[base + np.minimum(probe, stops) - 1] <= score[:, None]
        upto += step * (not_greater & (probe <= stops))
    equal = (upto > starts) & (flat[base + upto - 1] == score[:, None])  # equal scores end just before `upto`
    second = upto[np.arange(len(row)), language] - 2
    again = (second >= starts[language]) & (flat[base[:, 0] + np.maximum(second, 0)] == score)
    return (stops - upto).astype(np.int32), (equal.sum(axis=1) > 1) | again


def _tied_before(
    scores: NDArray[np.float32],
    pool: Pool,
    row: NDArray[np.integer],
    candidate: NDArray[np.integer],
    score: NDArray[np.float32],
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """How many equal scores precede each judged candidate: in its own language, and in all."""
    own, pooled = np.empty((2, len(row)), dtype=np.int32)
    for part in query_blocks(len(row), len(pool), TIE_BYTES):
        before = scores[row[part]] == score[part, None]
        before &= pool.id_order > pool.id_order[candidate[part], None]
        pooled[part] = before.sum(axis=1)
        before &= pool.language == pool.language[candidate[part], None]
        own[part] = before.sum(axis=1)
    return own, pooled


def _best(scores: NDArray[np.float32], pool: Pool, best: NDArray[np.float32], k: int) -> NDArray[np.int32]:
    """The best k candidates of each row [rows, k], ascending, from the scores of each language's own best k or more."""
    flat = best.reshape(len(best), -1)
    threshold = np.partition(flat, flat.shape[1] - k, axis=1)[:, flat.shape[1] - k, None]
    above = scores >= threshold
    tied = above.sum(axis=1) > k
    top = np.empty((len(scores), k), np.int32)
    top[~tied] = np.nonzero(above[~tied])[1].reshape(-1, k)
    rows = np.flatnonzero(tied)
    for part in query_blocks(len(rows), len(pool), TIE_BYTES):
        top[rows[part]] = np.sort(top_k(scores[rows[part]], pool, k), axis=1)
    return top
