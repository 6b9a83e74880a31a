"""TREC's files: runs and judgements that trec_eval and its like read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from src.errors import InputError
from src.evaluation.benchmark import Benchmark
from src.retrieval.pool import Pool
from src.retrieval.scores import leave_out, query_blocks
from src.retrieval.search import NONE, Top
from src.retrieval.top_k import top_k

DEPTH = 1000  # candidates of a query in a run file


def write_run(path: Path, benchmark: Benchmark, best: Iterable[tuple[NDArray[np.int64], Top]]) -> None:
    """The best candidates of some queries after the other, each item being query numbers and what is best for them.

    Lines are "query Q0 candidate rank score tag"; nine digits give back the same float32 score, so whoever reads the
    file and breaks ties as trec_eval does has the same ranking.
    """
    check_ids(benchmark)
    tag = "".join(benchmark.name.split())
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for queries, top in best:
            for query, rows, scores in zip(queries.tolist(), top.row.tolist(), top.score.tolist(), strict=True):
                file.writelines(
                    f"{benchmark.queries.ids[query]} Q0 {benchmark.candidates.ids[row]} {rank} {score:.9g} {tag}\n"
                    for rank, (row, score) in enumerate(zip(rows, scores, strict=True), start=1)
                    if row != NONE
                )


def best_of_all(
    benchmark: Benchmark, queries: NDArray[np.float32], candidates: NDArray[np.float32], depth: int = DEPTH
) -> Iterator[tuple[NDArray[np.int64], Top]]:
    """Each query's best `depth` of all candidates, a block at a time, by the very scores that `rank_judged` uses."""
    pool = Pool.of(benchmark.candidates.ids, benchmark.candidates.language, len(benchmark.languages))
    for block in query_blocks(len(queries), len(candidates)):
        scores = queries[block] @ candidates.T
        leave_out(scores, benchmark.own, block)
        row = top_k(scores, pool, depth)
        score = np.take_along_axis(scores, row, axis=1)
        yield np.arange(block.start, block.stop), Top(score, np.where(score > -np.inf, row, NONE))


def write_judgements(path: Path, benchmark: Benchmark) -> None:
    """The judgements as qrels, those of missing documents as well: "query 0 candidate grade", sorted by query."""
    judged, ids = benchmark.judgements, benchmark.candidates.ids
    named = [ids[row] for row in judged.candidate.tolist()]
    lines = list(zip(judged.query.tolist(), named, judged.grade.tolist(), strict=True))
    if (missing := benchmark.missing) is not None:
        lines += zip(missing.query.tolist(), missing.ids, missing.grade.tolist(), strict=True)
        lines.sort(key=itemgetter(0))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{benchmark.queries.ids[query]} 0 {ident} {grade}\n" for query, ident, grade in lines)


def check_ids(benchmark: Benchmark) -> None:
    """InputError for an id that TREC's files cannot hold."""
    ids: Sequence[str]
    for ids in (benchmark.queries.ids, benchmark.candidates.ids, benchmark.missing.ids if benchmark.missing else ()):
        for name in ids:
            if len(name.split()) != 1:
                raise InputError(f"the id {name!r} holds a space, which TREC's format cannot", where=benchmark.name)
