"""Language fairness: whether equally relevant documents in different languages are ranked alike and found alike.

Arrays are parallel, one entry a relevant judgement, sorted by query; ranks are those in the pool of all languages, and
a document that is never found has measures.NOT_FOUND.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.integer]
Floats = NDArray[np.float64]


def peer(query: Integers, language: Integers, grade: Integers, rank: Integers, k: int) -> Floats:
    """PEER@k of each distinct query, ascending, from 0 (unfair) to 1: Probability of Equal Expected Rank.

    Yang, Jänich, Mayfield and Lawrie, SIGIR 2024 (arXiv 2405.00978): the p-value of the Kruskal-Wallis test that the
    documents of one relevance level have the same expected rank whatever their language,
        H = (N - 1) sum_l n_l (mean rank of l - mean rank)^2 / sum_d (rank of d - mean rank)^2,   p = P(chi2(L - 1) > H)
    over the level's N documents in L languages. Those beyond k are tied behind those found, at the mean of the ranks
    they share. p is 1 where none is found or there is one language only. PEER is the mean of p over the query's levels
    above 0 (the paper leaves their weights open, and counts the irrelevant documents as a level too).

    Ranks are taken among the level's documents, as the test does (scipy.stats.kruskal). The authors' peer_measure puts
    places in the whole ranking in the formula instead, and the tail at N + (unfound + 1) / 2, which can be before them.
    See `peer_is_constant` before printing it.
    """
    levels = _Levels.of(query, language, grade)
    within = _tail_tied(levels.level, rank, k)
    sizes, means = _group_means(levels.level, within)
    cell_sizes, cell_means = _group_means(levels.cell, within)
    between = np.bincount(levels.level_of_cell, cell_sizes * (cell_means - means[levels.level_of_cell]) ** 2)
    total = np.bincount(levels.level, (within - means[levels.level]) ** 2)
    tested = (levels.languages > 1) & (total > 0)
    statistic = np.divide((sizes - 1) * between, total, out=np.zeros(len(total)), where=tested)
    p = np.where(tested, _chi2_tail(statistic, np.maximum(levels.languages - 1, 1)), 1.0)
    return _group_means(levels.query_of_level, p)[1]


def peer_is_constant(query: Integers, language: Integers, grade: Integers) -> bool:
    """Whether PEER says nothing: no relevance level of a query has several languages and two documents in one of them.

    With one document a language H is N - 1 in any order: p depends on the number of languages alone (0.4405 at 11),
    unless none is found within k (1). With one language p is 1.
    """
    levels = _Levels.of(query, language, grade)
    return not ((levels.languages > 1) & (np.bincount(levels.level) > levels.languages)).any()


def language_recall(query: Integers, language: Integers, rank: Integers, k: int, languages: int) -> Floats:
    """Recall at k by the documents' language [languages], in the pool of all languages.

    The mean over queries of the share of their relevant documents in that language that is ranked within k. NaN where
    no query has one.
    """
    cells, cell = np.unique(query.astype(np.int64) * languages + language, return_inverse=True)
    _, recall = _group_means(cell, (rank <= k).astype(np.float64))
    of_language = cells % languages
    with np.errstate(invalid="ignore"):
        counts = np.bincount(of_language, minlength=languages)
        return np.bincount(of_language, recall, minlength=languages) / counts


def recall_gap(recalls: Floats) -> float:
    """The greatest minus the least of `language_recall`, over the languages that have one; NaN for fewer than two."""
    held = recalls[~np.isnan(recalls)]
    return float(held.max() - held.min()) if len(held) > 1 else math.nan


class _Levels(NamedTuple):
    """Judgements by relevance level of a query, and within it by language (a cell)."""

    level: NDArray[np.int64]  # [judgements]
    cell: NDArray[np.int64]  # [judgements]
    level_of_cell: NDArray[np.int64]
    query_of_level: NDArray[np.int64]  # counted from 0
    languages: NDArray[np.int64]  # [levels]

    @classmethod
    def of(cls, query: Integers, language: Integers, grade: Integers) -> _Levels:
        (query_of_level, _), level = _distinct(query, grade)
        (level_of_cell, _), cell = _distinct(level, language)
        number = np.unique(query_of_level, return_inverse=True)[1]
        return cls(level, cell, level_of_cell, number, np.bincount(level_of_cell))


def _distinct(first: Integers, second: Integers) -> tuple[NDArray[np.integer], NDArray[np.int64]]:
    """The distinct pairs, ascending [2, pairs], and which of them each entry is."""
    pairs, which = np.unique(np.stack([first, second]), axis=1, return_inverse=True)
    return pairs, which.reshape(-1)


def _tail_tied(group: NDArray[np.int64], rank: Integers, k: int) -> Floats:
    """Places from 1 among the group's, those of a rank beyond k at the mean of the places that are left."""
    order = np.lexsort((rank, group))
    sizes = np.bincount(group)
    place = np.empty(len(group))
    place[order] = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + 1
    found = np.bincount(group, rank <= k, minlength=len(sizes))
    return np.where(rank <= k, place, ((found + 1 + sizes) / 2)[group])


def _group_means(group: NDArray[np.int64], values: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Sizes and means of groups, which are counted from 0."""
    sizes = np.bincount(group)
    return sizes, np.bincount(group, values) / sizes


def _chi2_tail(x: Floats, freedom: NDArray[np.int64]) -> Floats:
    """P(chi2 > x) for whole degrees of freedom: erfc(sqrt(h)) or exp(-h), and sum h^a exp(-h) / Gamma(a + 1), h = x/2.

    The sum is over a = 1/2, 3/2, ... or 1, 2, ... below freedom / 2 (the regularised incomplete gamma function).
    """
    half, odd = x / 2, freedom % 2 == 1
    tail = np.exp(-half)
    tail[odd] = [math.erfc(math.sqrt(each)) for each in half[odd]]
    power = np.where(odd, 0.5, 1.0)
    with np.errstate(divide="ignore"):
        logarithm = np.log(half)
    for step in range(int(freedom.max(initial=0)) // 2):
        a = power + step
        gamma = np.where(odd, math.lgamma(step + 1.5), math.lgamma(step + 2.0))
        tail += np.where(a < freedom / 2, np.exp(a * logarithm - half - gamma), 0.0)
    return np.minimum(tail, 1.0)
