"""MRC@k: whether a question is answered by the same ranking in whichever language it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from src.retrieval.search import NONE

Integers = NDArray[np.integer]
Floats = NDArray[np.float64]
ScoreOf = Callable[[Integers, Integers], NDArray[np.floating]]

BLOCK = 2**14  # scores asked for at a time: whoever gathers both embeddings for each holds 4 bytes x dimension for it


def rank_correlation(concept: Integers, query_language: Integers, top: Integers, score_of: ScoreOf) -> float | None:
    """MRC@k, from -100 to 100: the mean of `rank_correlations` over a language's queries, then over languages.

    None where no concept has queries in two languages whose correlation is defined.
    """
    values = rank_correlations(concept, query_language, top, score_of)
    held = ~np.isnan(values)
    if not held.any():
        return None
    language = query_language[held]
    sums, counts = np.bincount(language, values[held]), np.bincount(language)
    return float(np.mean(sums[counts > 0] / counts[counts > 0]))


def rank_correlations(
    concept: Integers, query_language: Integers, top: Integers, score_of: ScoreOf, own: Integers | None = None
) -> Floats:
    """Mean rank correlation of each query with those of its concept in other languages, x 100 [queries].

    As the code of MIMO (arXiv 2605.31171) has it, after Yang, Jiang and Baldwin (arXiv 2509.06195): Spearman's
    correlation, ties at their mean rank, of two queries' scores of the candidates that either has among its best k.
    `top` [queries, k] holds each query's best candidates of the pool of all languages, or NONE; `score_of(queries [n],
    candidates [n, m])` gives each query's scores [n, m] of its row of candidates. A correlation is undefined, and left
    out, where a query's scores are all equal. NaN where a query has no other to be compared with. `own` [queries] names
    the candidate that is the query itself, or NONE: it is compared in no correlation of that query.
    """
    own = np.full(len(concept), NONE) if own is None else own
    sums, counts = np.zeros(len(concept)), np.zeros(len(concept), np.int64)
    for members in _blocks(concept, top.shape[1]):
        first, second, value = _correlations(members, query_language, top, score_of, own)
        for query in (first, second):
            np.add.at(sums, query, value)
            np.add.at(counts, query, 1)
    with np.errstate(invalid="ignore"):
        return 100 * sums / counts


def _blocks(concept: Integers, k: int) -> Iterator[NDArray[np.int64]]:
    """Queries of concepts that have equally many, at least two, a block of concepts at a time [concepts, members]."""
    order = np.argsort(concept, kind="stable")
    _, starts, sizes = np.unique(concept[order], return_index=True, return_counts=True)
    for size in np.unique(sizes[sizes > 1]):
        members = order[starts[sizes == size, None] + np.arange(size)]
        step = max(1, BLOCK // int(size * size * k))
        yield from (members[start : start + step] for start in range(0, len(members), step))


def _correlations(
    members: NDArray[np.int64], query_language: Integers, top: Integers, score_of: ScoreOf, own: Integers
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """All pairs of a concept's queries in different languages whose correlation is defined: both queries, and it."""
    concepts, size = members.shape
    lists = np.broadcast_to(top[members].reshape(concepts, 1, -1), (concepts, size, size * top.shape[1]))
    asked = np.where(lists == NONE, 0, lists).reshape(concepts * size, -1)  # some candidate, whose score is not held
    scores = score_of(members.reshape(-1), asked).reshape(concepts, size, size, -1)
    a, b = np.triu_indices(size, 1)
    row, a, b = np.repeat(np.arange(concepts), len(a)), np.tile(a, concepts), np.tile(b, concepts)
    other = query_language[members[row, a]] != query_language[members[row, b]]
    row, a, b = row[other], a[other], b[other]
    best_of_a, best_of_b = top[members[row, a]], top[members[row, b]]
    of_both = (best_of_b[:, :, None] == best_of_a[:, None]).any(axis=2)
    of_either = np.concatenate([best_of_a, best_of_b], axis=1)
    only = (of_either != NONE) & np.concatenate([np.ones_like(of_both), ~of_both], axis=1)
    for query in (members[row, a], members[row, b]):
        only &= of_either != own[query, None]
    of_a = np.concatenate([scores[row, a, a], scores[row, a, b]], axis=1)
    of_b = np.concatenate([scores[row, b, a], scores[row, b, b]], axis=1)
    value = _spearman(of_a, of_b, only)
    defined = ~np.isnan(value)
    return members[row, a][defined], members[row, b][defined], value[defined]


def _spearman(x: NDArray[np.floating], y: NDArray[np.floating], held: NDArray[np.bool_]) -> Floats:
    """Spearman's correlation of each row of x and y [rows, n] over its held entries; NaN where undefined."""
    x, y = _centred_ranks(x, held), _centred_ranks(y, held)
    with np.errstate(invalid="ignore"):
        return (x * y).sum(axis=1) / np.sqrt((x * x).sum(axis=1) * (y * y).sum(axis=1))


def _centred_ranks(values: NDArray[np.floating], held: NDArray[np.bool_]) -> Floats:
    """Each row's ranks, ties at their mean, less the mean rank; 0 for what is not held."""
    values = np.where(held, values, np.inf)  # behind the others
    order = np.argsort(values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    place = np.arange(values.shape[1])
    begins = np.ones(values.shape, bool)
    begins[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    ends = np.roll(begins, -1, axis=1)
    ends[:, -1] = True
    first = np.maximum.accumulate(np.where(begins, place, 0), axis=1)
    last = np.minimum.accumulate(np.where(ends, place, len(place))[:, ::-1], axis=1)[:, ::-1]
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, (first + last) / 2, axis=1)
    return np.where(held, ranks - (held.sum(axis=1, keepdims=True) - 1) / 2, 0.0)
