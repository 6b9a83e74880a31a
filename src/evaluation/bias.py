"""Language bias: how much a ranking prefers one language among equally good answers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from src.evaluation.benchmark import Benchmark
from src.evaluation.measures import RankedRelevant, average_precision
from src.retrieval.ranks import Ranks
from src.retrieval.search import NONE

TOP = 10  # the k of same_language@k and shares@k


def rank_distance(benchmark: Benchmark, ranks: Ranks) -> NDArray[np.float64]:
    """RD(q) = last - first rank of q's relevant candidates in the pool of all languages [queries].

    As arXiv 2408.10536 defines it (lower is better, 0 is impossible with two relevant ones). NaN where fewer than two
    are relevant. It grows with the pool: RD / (pool - 1) is between 0 and 1.
    """
    query, ranked = RankedRelevant.group(benchmark.judgements.relevant.query, ranks.pooled, ranks.pooled)
    first, last = ranked.rank[ranked.offsets[:-1]], ranked.rank[ranked.offsets[1:] - 1]
    distance = np.full(len(benchmark.queries), np.nan)
    distance[query] = np.where(ranked.relevant > 1, last - first, np.nan)
    return distance


def same_language(benchmark: Benchmark, ranks: Ranks) -> NDArray[np.float64]:
    """The share of the query's language among its best TOP candidates of the pool of all languages [queries]."""
    own = benchmark.candidates.language[ranks.top] == benchmark.queries.language[:, None]
    return np.asarray((own & (ranks.top != NONE)).mean(axis=1))


def language_shares(benchmark: Benchmark, ranks: Ranks) -> NDArray[np.float64]:
    """Shares of the best TOP candidates of the pool of all languages [query language, candidate language].

    Its diagonal is `same_language`. A row sums to 1, or to less where a search found fewer; NaN without queries.
    """
    languages, best = len(benchmark.languages), ranks.top
    row, column = benchmark.queries.language[:, None].astype(np.int64), benchmark.candidates.language[best]
    counts = np.bincount((row * languages + column)[best != NONE], minlength=languages**2).reshape(languages, languages)
    places = np.bincount(benchmark.queries.language, minlength=languages)[:, None] * best.shape[1]
    with np.errstate(invalid="ignore"):
        return np.asarray(counts / places)


def unbiased_share(benchmark: Benchmark) -> NDArray[np.float64]:
    """What to expect of `same_language` in a ranking blind to language: that language's share of the pool [queries]."""
    counts = np.bincount(benchmark.candidates.language, minlength=len(benchmark.languages))
    return counts[benchmark.queries.language] / len(benchmark.candidates)


def language_means(benchmark: Benchmark, values: NDArray[np.float64]) -> dict[str, float]:
    """The mean by query language of a measure of queries, over the queries that have it."""
    held = ~np.isnan(values)
    language = benchmark.queries.language[held]
    counts = np.bincount(language, minlength=len(benchmark.languages))
    sums = np.bincount(language, weights=values[held], minlength=len(benchmark.languages))
    return {
        name: float(total / count)
        for name, total, count in zip(benchmark.languages, sums, counts, strict=True)
        if count
    }


def own_pool_map(benchmark: Benchmark, ranks: Ranks) -> NDArray[np.float64]:
    """mAP of each query language in each language's own pool [query language, candidate language].

    Its diagonal is the monolingual setting, the rest the cross-lingual one. NaN where no query has an answer.
    """
    keys, ranked = RankedRelevant.group(_query_and_language(benchmark), ranks.own, benchmark.judgements.relevant.grade)
    return _mean_map(benchmark, keys, average_precision(ranked, None))


def pooled_map(benchmark: Benchmark, ranks: Ranks) -> NDArray[np.float64]:
    """mAP in the pool of all languages when only one language's answers count [query language, answer language].

    For each cell the right answers in other languages are taken out of the ranking, while everything else in any
    language stays: a bright diagonal is language bias (after LAReQA's heat-map). NaN where no query has an answer.
    """
    relevant = benchmark.judgements.relevant
    _, of_query = RankedRelevant.group(relevant.query, ranks.pooled, relevant.grade)
    # Entries of `of_query` are sorted by query and rank: the same order here gives each its place among all answers.
    order = np.lexsort((ranks.pooled, relevant.query))
    place_of_all = np.empty(len(order), dtype=np.int64)
    place_of_all[order] = of_query.place
    keys, ranked = RankedRelevant.group(_query_and_language(benchmark), ranks.pooled - place_of_all, relevant.grade)
    # Removing all answers moved each up by its place; those of its own language before it and itself come back.
    alone = RankedRelevant(ranked.offsets, ranked.rank + ranked.place, ranked.grade)
    return _mean_map(benchmark, keys, average_precision(alone, None))


def _query_and_language(benchmark: Benchmark) -> NDArray[np.int64]:
    relevant = benchmark.judgements.relevant
    return relevant.query * np.int64(len(benchmark.languages)) + benchmark.candidates.language[relevant.candidate]


def _mean_map(benchmark: Benchmark, keys: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    languages = len(benchmark.languages)
    query, candidate_language = np.divmod(keys, languages)
    cell = benchmark.queries.language[query].astype(np.int64) * languages + candidate_language
    sums = np.bincount(cell, weights=values, minlength=languages**2)
    with np.errstate(invalid="ignore"):
        return (sums / np.bincount(cell, minlength=languages**2)).reshape(languages, languages)
