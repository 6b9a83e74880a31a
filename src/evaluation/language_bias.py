"""All measures of language bias of one evaluation, in the pool of all languages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from src.evaluation import bias
from src.evaluation.benchmark import Benchmark
from src.evaluation.fairness import language_recall, peer, peer_is_constant, recall_gap
from src.evaluation.rank_correlation import ScoreOf, rank_correlations
from src.evaluation.results import Ranked, ranked
from src.retrieval.ranks import Ranks

FAR = 100  # the k of PEER@k and recall_gap@k
PAIRS = 500_000  # parallel queries compared at most: of more, whole concepts are drawn

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LanguageBias:
    """What a ranking of all languages' candidates prefers."""

    of_queries: dict[str, Values]  # [queries], NaN where a query has none
    whole: dict[str, float]  # measures that are not means over queries
    by_answer: dict[str, dict[str, float]]  # by the language of the answers
    shares: Values  # [query language, candidate language] of the best TOP
    unmeasured: dict[str, str]  # why a measure is not here


def language_bias(benchmark: Benchmark, ranks: Ranks, score_of: ScoreOf, depth: int | None) -> LanguageBias:
    """Rank distance (only with every rank), same_language@10, MRC@10, PEER@k and the gap between answers' recalls@k.

    `score_of` is as in `rank_correlation`; ranks are known down to `depth` (None: all), and k is no deeper.
    """
    answers, k = ranked(benchmark, ranks), min(FAR, depth or FAR)
    distance = {"rank_distance": bias.rank_distance(benchmark, ranks)} if depth is None else {}
    recalls = language_recall(answers.query, answers.language, answers.pooled, k, len(benchmark.languages))
    fair, why = _peer(benchmark, answers, k)
    return LanguageBias(
        of_queries={
            **distance,
            f"same_language@{bias.TOP}": bias.same_language(benchmark, ranks),
            f"MRC@{bias.TOP}": _agreement(benchmark, ranks, score_of),
            **fair,
        },
        whole={f"recall_gap@{k}": recall_gap(recalls)},
        by_answer={
            f"R@{k}_of_answers": {
                code: recall
                for code, recall in zip(benchmark.languages, recalls.tolist(), strict=True)
                if not np.isnan(recall)
            }
        },
        shares=bias.language_shares(benchmark, ranks),
        unmeasured=why,
    )


def _peer(benchmark: Benchmark, answers: Ranked, k: int) -> tuple[dict[str, Values], dict[str, str]]:
    """PEER by query, or why it would say nothing."""
    judged = (answers.query, answers.language, answers.grade)
    if peer_is_constant(*judged):
        return {}, {f"PEER@{k}": "constant: no language has two answers of a grade"}
    values = np.full(len(benchmark.queries), np.nan)
    values[np.unique(answers.query)] = peer(*judged, answers.pooled, k)
    return {f"PEER@{k}": values}, {}


def _agreement(benchmark: Benchmark, ranks: Ranks, score_of: ScoreOf) -> Values:
    """MRC of each query; of a benchmark with very many parallel queries, of some concepts drawn once for all runs."""
    concept, language = benchmark.concept.astype(np.int64), benchmark.queries.language
    _, number, sizes = np.unique(concept, return_inverse=True, return_counts=True)
    drawn = np.random.Generator(np.random.Philox(0)).permutation(len(sizes))
    chosen = np.zeros(len(sizes), bool)
    chosen[drawn[np.cumsum(sizes[drawn].astype(np.int64) ** 2) <= PAIRS]] = True
    some = np.flatnonzero(chosen[number])
    values = np.full(len(concept), np.nan)
    values[some] = rank_correlations(
        concept[some],
        language[some],
        ranks.top[some],
        lambda query, candidate: score_of(some[query], candidate),
        None if benchmark.own is None else benchmark.own[some],
    )
    return values
