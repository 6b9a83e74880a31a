"""Ranks from a search: each pool's best candidates, as many as the metrics look at, and nothing below them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from src.errors import InputError
from src.evaluation.benchmark import Benchmark
from src.evaluation.bias import TOP
from src.evaluation.measures import NOT_FOUND, parse
from src.evaluation.parallel import gather, share_of
from src.retrieval.embeddings import Embeddings
from src.retrieval.exact import ExactSearch
from src.retrieval.ranks import Ranks
from src.retrieval.search import NONE, Search, Top, merge, nothing, without

PAIRS = 100_000  # judged pairs looked up at once


class Asked(NamedTuple):
    """A pool of candidates and the queries that are asked there."""

    queries: NDArray[np.int64]
    language: int | None  # whose candidates; None: all


def needs_every_rank(benchmark: Benchmark) -> bool:
    """Whether an uncut metric, or the rank distance of the multilingual setting, looks at whole rankings."""
    return any(parse(metric).k is None for metric in benchmark.metrics) or "multilingual" in benchmark.measured


def check_search(benchmark: Benchmark, search: Search) -> None:
    """InputError where a search does not look as deep as a metric."""
    for metric in benchmark.metrics:
        k = parse(metric).k
        if k is None and (search.approximate or search.depth is not None):
            what = f"{metric} of {benchmark.name} looks at all ranks, and this search finds the best few"
            fix = f"cut it, for example {metric}@100, or search=exact search.depth=null"
            raise InputError(what, where="benchmark.metrics, search", fix=fix)
        if k is not None and search.depth is not None and k > search.depth:
            what = f"{metric} of {benchmark.name} looks at {k} ranks, and the search at {search.depth}"
            raise InputError(what, where="search.depth", fix=f"search.depth={k} or more, or null")


class Searched:
    """A benchmark's queries and candidates, and the search that brings them together.

    Each process of a distributed run searches its share of every pool, and all get the whole result.
    """

    def __init__(self, benchmark: Benchmark, queries: NDArray[np.float32], corpus: Embeddings, search: Search) -> None:
        self.benchmark, self.queries, self.corpus, self.search = benchmark, queries, corpus, search
        self.depth = search.depth or max(parse(metric).k or 1 for metric in benchmark.metrics)

    def ranks(self) -> tuple[Ranks, dict[str, Any]]:
        """Ranks of the relevant candidates in the pools that are measured, NOT_FOUND below the depth; and how.

        Where the multilingual setting is not measured, there are no ranks in the pool of all languages.
        """
        relevant = self.benchmark.judgements.relevant
        own, pooled = np.full((2, len(relevant)), NOT_FOUND, np.int32)
        everywhere, best = np.empty(0, np.int64), np.empty((0, 0), np.int32)
        recalls: list[float] = []
        for pool in pools(self.benchmark):
            top = self.top(pool, max(self.depth, TOP) if pool.language is None else self.depth)
            if pool.language is None:
                everywhere, best = pool.queries, np.sort(top.row[:, : min(TOP, len(self.corpus))].astype(np.int32))
            cut = Top(top.score[:, : self.depth], top.row[:, : self.depth])
            _put_ranks(pooled if pool.language is None else own, self.benchmark, pool, cut)
            if self.search.approximate:
                recalls += self._recalls(pool, cut)
        return Ranks(np.arange(len(relevant)), own, pooled, everywhere, best), self._about(recalls)

    def run(self, depth: int) -> Iterator[tuple[NDArray[np.int64], Top]]:
        """The best of each query, for a run file: in the pool of all languages, or in its one pool where that is not
        measured.
        """
        asked = pools(self.benchmark)
        several = sum(len(pool.queries) for pool in asked) > len(np.unique(np.concatenate([p.queries for p in asked])))
        for pool in [Asked(np.arange(len(self.queries)), None)] if several else asked:
            yield pool.queries, self.top(pool, depth)

    def top(self, pool: Asked, k: int, search: Search | None = None, queries: NDArray[np.int64] | None = None) -> Top:
        """The best k of (some of) a pool's queries, their rows among all candidates."""
        asked = pool.queries if queries is None else queries
        own = None if self.benchmark.own is None else self.benchmark.own[asked]
        wanted = k if own is None else k + 1
        part, rows = self._share(pool)
        found = nothing(len(asked), wanted)
        if len(part):
            local = (search or self.search).top(self.queries[asked], part, lambda row: self._ids(rows[row]), wanted)
            found = Top(local.score, np.where(local.row == NONE, NONE, rows[local.row]))
        parts = [Top(*columns) for columns in zip(*gather(found), strict=True)]
        top = merge(parts, self._ids, wanted) if len(parts) > 1 else found
        return top if own is None else without(top, own, k)

    def scores(self, queries: NDArray[np.integer], candidates: NDArray[np.integer]) -> NDArray[np.float32]:
        """Scores of each query [n] with its own row of candidates [n, m]."""
        rows, number = np.unique(candidates, return_inverse=True)
        vectors = self.corpus.take(rows)
        return np.einsum("nd,nmd->nm", self.queries[queries], vectors[number.reshape(candidates.shape)])

    def _share(self, pool: Asked) -> tuple[Embeddings, NDArray[np.int64]]:
        """This process's share of a pool, and which candidates they are."""
        if pool.language is None:
            share = share_of(len(self.corpus))
            return self.corpus.between(share.start, share.stop), np.arange(share.start, share.stop)
        rows = np.flatnonzero(self.benchmark.candidates.language == pool.language)
        share = share_of(len(rows))
        rows = rows[share.start : share.stop]
        if len(rows) and rows[-1] - rows[0] + 1 == len(rows):  # a language's candidates lie together, as a rule
            return self.corpus.between(int(rows[0]), int(rows[-1]) + 1), rows
        return Embeddings([self.corpus.take(rows)]), rows

    def _ids(self, rows: NDArray[np.int64]) -> list[str]:
        return [self.benchmark.candidates.ids[row] for row in rows.tolist()]

    def _recalls(self, pool: Asked, top: Top) -> list[float]:
        """For a sample of a pool's queries, the share of the exact best that were found."""
        count = min(self.search.recall_queries, len(pool.queries))
        sample = np.random.Generator(np.random.Philox(0)).choice(len(pool.queries), count, replace=False)
        exact = self.top(pool, self.depth, ExactSearch(), pool.queries[sample])
        return [
            float(np.isin(best[best != NONE], found).mean())
            for best, found in zip(exact.row, top.row[sample], strict=True)
        ]

    def _about(self, recalls: list[float]) -> dict[str, Any]:
        about = {**self.search.describe(), "depth": self.depth}
        if recalls:
            about |= {f"recall@{self.depth}": float(np.mean(recalls)), "recall_queries": len(recalls)}
        return about


def pools(benchmark: Benchmark) -> list[Asked]:
    """The pools that a benchmark measures, with the queries that have an answer there; in that of all, every query."""
    relevant, measured = benchmark.judgements.relevant, benchmark.measured
    asked_in = benchmark.queries.language[relevant.query]
    found_in = benchmark.candidates.language[relevant.candidate]
    kept = (asked_in == found_in) & ("monolingual" in measured) | (asked_in != found_in) & ("crosslingual" in measured)
    own = [
        Asked(np.unique(relevant.query[kept & (found_in == language)]).astype(np.int64), language)
        for language in range(len(benchmark.languages))
    ]
    everywhere = [Asked(np.arange(len(benchmark.queries)), None)] if "multilingual" in measured else []
    return [pool for pool in own + everywhere if len(pool.queries)]


def _put_ranks(ranks: NDArray[np.int32], benchmark: Benchmark, pool: Asked, top: Top) -> None:
    """Ranks of the relevant candidates that are among a pool's best."""
    relevant = benchmark.judgements.relevant
    here = np.isin(relevant.query, pool.queries)
    if pool.language is not None:
        here &= benchmark.candidates.language[relevant.candidate] == pool.language
    pairs = np.flatnonzero(here)
    for start in range(0, len(pairs), PAIRS):
        some = pairs[start : start + PAIRS]
        rows = top.row[np.searchsorted(pool.queries, relevant.query[some])]
        hit = rows == relevant.candidate[some, None]
        ranks[some] = np.where(hit.any(axis=1), hit.argmax(axis=1) + 1, NOT_FOUND)
