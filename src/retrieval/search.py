"""What a search over a corpus of any size gives: each query's best candidates, in one order whoever finds them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from src.errors import InputError
from src.retrieval.embeddings import Embeddings

NONE = -1  # the row where a corpus has fewer candidates than were asked for

Ids = Callable[[NDArray[np.int64]], Sequence[str]]  # document ids of rows


class Top(NamedTuple):
    """Each query's best candidates: score descending, then document id descending, as trec_eval breaks ties."""

    score: NDArray[np.float32]  # [queries, k]; -inf where there is none
    row: NDArray[np.int64]  # [queries, k]; NONE where there is none


class Search(Protocol):
    """A way to find the best candidates."""

    approximate: bool  # whether it may miss some
    depth: int | None  # best candidates to keep of each query; None: as many as the metrics look at
    recall_queries: int  # of an approximate search: how many queries are searched exactly too

    def top(self, queries: NDArray[np.float32], corpus: Embeddings, ids: Ids, k: int) -> Top:
        """Each query's best k."""
        ...

    def check(self, dimension: int) -> None:
        """InputError where it cannot search vectors of this dimension, told before anything is encoded."""
        ...

    def describe(self) -> dict[str, Any]:
        """Plain values for the record."""
        ...


def check_counts(**counts: int | None) -> None:
    """InputError for the first of a search's options that is below 1."""
    for key, value in counts.items():
        if value is not None and value < 1:
            raise InputError(f"{key} must be a whole number from 1 on, got {value}", where=f"search.{key}")


def best_first(score: NDArray[np.float32], row: NDArray[np.int64], ids: Ids, k: int) -> Top:
    """The best k of each query's candidates in the order of `Top`; their rows are NONE or all different."""
    order = np.argsort(-score, axis=1, kind="stable")
    score, row = np.take_along_axis(score, order, axis=1), np.take_along_axis(row, order, axis=1)
    next_ties = (score[:, 1:] == score[:, :-1]) & (row[:, 1:] != NONE)
    # Ids are looked at only where scores tie: there may be millions, on disk.
    for query in np.flatnonzero(next_ties.any(axis=1)):
        tied = np.flatnonzero(np.append(next_ties[query], False) | np.append(False, next_ties[query]))
        by_id = sorted(zip(ids(row[query, tied]), row[query, tied].tolist(), strict=True), reverse=True)
        place = {member: number for number, (_, member) in enumerate(by_id)}
        within = sorted(range(len(tied)), key=lambda i: (-score[query, tied[i]], place[int(row[query, tied[i]])]))
        row[query, tied] = row[query, tied[within]]
    return Top(score[:, :k], row[:, :k])


def merge(tops: Sequence[Top], ids: Ids, k: int) -> Top:
    """The best k of searches over different parts of one corpus, their rows being the corpus's."""
    score, row = (np.concatenate(columns, axis=1) for columns in zip(*tops, strict=True))
    return best_first(score, row, ids, k)


def nothing(queries: int, k: int) -> Top:
    """What a search of no candidates finds."""
    return Top(np.full((queries, k), -np.inf, np.float32), np.full((queries, k), NONE, np.int64))


def without(top: Top, own: NDArray[np.integer], k: int) -> Top:
    """The best k when each query's own candidate (NONE if it has none) is taken out of its best k + 1."""
    itself = (top.row == own[:, None]) & (top.row != NONE)
    others = np.argsort(itself, axis=1, kind="stable")[:, :k]  # it comes last
    return Top(np.take_along_axis(top.score, others, axis=1), np.take_along_axis(top.row, others, axis=1))
