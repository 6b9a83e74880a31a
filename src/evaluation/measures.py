"""Retrieval metrics as the field writes them ("mAP", "nDCG@10"), from the ranks of the relevant candidates alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from src.errors import InputError

Values = NDArray[np.float64]  # [queries]
NOT_FOUND = np.iinfo(np.int32).max  # the rank of a relevant candidate that no ranking holds


@dataclass(frozen=True, eq=False)
class RankedRelevant:
    """Ranks of each query's relevant candidates, ragged: query q owns `rank[offsets[q]:offsets[q + 1]]`, ascending.

    Each query has at least one. Candidates without a relevant grade need no place here: they only push ranks down.
    """

    offsets: NDArray[np.int64]  # [queries + 1]
    rank: NDArray[np.integer]  # from 1, or NOT_FOUND
    grade: NDArray[np.integer]  # > 0

    @classmethod
    def group(
        cls, query: NDArray[np.integer], rank: NDArray[np.integer], grade: NDArray[np.integer]
    ) -> tuple[NDArray[np.int64], RankedRelevant]:
        """The distinct values of `query`, ascending, and the ranks of each."""
        order = np.lexsort((rank, query))
        queries, starts = np.unique(query[order], return_index=True)
        offsets = np.append(starts, len(query)).astype(np.int64)
        return queries.astype(np.int64), cls(offsets, rank[order], grade[order])

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @cached_property
    def relevant(self) -> NDArray[np.int64]:
        """How many relevant candidates each query has."""
        return np.diff(self.offsets)

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """The place, from 1, of each entry among its query's relevant candidates."""
        return np.arange(1, len(self.rank) + 1) - np.repeat(self.offsets[:-1], self.relevant)

    def sum(self, values: NDArray[np.floating | np.bool_]) -> Values:
        """The sum of an entry-wise array over each query's entries."""
        if not len(self):
            return np.empty(0)
        return np.add.reduceat(np.asarray(values, dtype=np.float64), self.offsets[:-1])


def average_precision(ranked: RankedRelevant, k: int | None) -> Values:
    """AP = sum over relevant ranks r <= k of precision at r, over R relevant.

    Cut at k, it is trec_eval's map_cut: the divisor stays R. XTREME divides by min(R, k), which differs if R > k.
    """
    return ranked.sum(ranked.place / ranked.rank * _within(ranked.rank, k)) / ranked.relevant


def reciprocal_rank(ranked: RankedRelevant, k: int | None) -> Values:
    """1 / the first relevant rank; 0 if that is beyond k."""
    first = ranked.rank[ranked.offsets[:-1]]
    return _within(first, k) / first


def ndcg(ranked: RankedRelevant, k: int | None) -> Values:
    """Sum of grade / log2(rank + 1) over that of the best possible ranking, both cut at k: trec_eval's linear gain."""
    query = np.repeat(np.arange(len(ranked)), ranked.relevant)
    ideal = ranked.grade[np.lexsort((-ranked.grade.astype(np.int64), query))]
    gained = ranked.sum(ranked.grade / np.log2(ranked.rank + 1.0) * _within(ranked.rank, k))
    return gained / ranked.sum(ideal / np.log2(ranked.place + 1.0) * _within(ranked.place, k))


def recall(ranked: RankedRelevant, k: int | None) -> Values:
    """The share of the relevant candidates that is ranked within k."""
    return ranked.sum(_within(ranked.rank, k)) / ranked.relevant


def precision(ranked: RankedRelevant, k: int | None) -> Values:
    """The share of the first k places that is relevant, be there k candidates or not."""
    assert k is not None
    return ranked.sum(_within(ranked.rank, k)) / k


def success(ranked: RankedRelevant, k: int | None) -> Values:
    """1 if any relevant candidate is ranked within k, else 0."""
    return _within(ranked.rank[ranked.offsets[:-1]], k).astype(np.float64)


def _within(rank: NDArray[np.integer], k: int | None) -> NDArray[np.bool_]:
    return rank < NOT_FOUND if k is None else rank <= k


FORMULAS: dict[str, Callable[[RankedRelevant, int | None], Values]] = {
    "mAP": average_precision,
    "MRR": reciprocal_rank,
    "nDCG": ndcg,
    "R": recall,
    "P": precision,
    "Success": success,
}
NEED_CUTOFF = ("R", "P", "Success")
COMMON = ("mAP", "mAP@20", "MRR", "nDCG@10", "R@1", "R@10", "R@100")


@dataclass(frozen=True)
class Measure:
    """A metric and its cut-off."""

    formula: str
    k: int | None = None

    def __str__(self) -> str:
        return self.formula if self.k is None else f"{self.formula}@{self.k}"

    def __call__(self, ranked: RankedRelevant) -> Values:
        """The metric of each query."""
        return FORMULAS[self.formula](ranked, self.k)


def parse(text: str) -> Measure:
    """The measure that a string such as "mAP" or "nDCG@10" names."""
    formula, at, cutoff = text.partition("@")
    valid = cutoff.isdecimal() and int(cutoff) > 0 if at else formula not in NEED_CUTOFF
    if formula not in FORMULAS or not valid:
        known = ", ".join(f"{name}@k" if name in NEED_CUTOFF else f"{name}, {name}@k" for name in FORMULAS)
        fix = f"one of {known}, where k is a positive number"
        raise InputError(f"unknown metric {text!r}", where="metrics", fix=fix)
    return Measure(formula, int(cutoff) if at else None)


def leading(metrics: Sequence[str]) -> str:
    """The metric that tables lead with: the first."""
    if not metrics:
        raise InputError("no metric to measure", where="benchmark.metrics", fix="name one, such as mAP")
    return metrics[0]
