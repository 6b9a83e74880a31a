"""TREC's files: runs and judgements that trec_eval and its like read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from src.errors import InputError
from src.evaluation.benchmark import Benchmark
from src.retrieval.pool import Pool
from src.retrieval.scores import as_embeddings, leave_out, query_blocks
from src.retrieval.top_k import top_k


def write_run(
    path: Path,
    benchmark: Benchmark,
    queries: NDArray[np.float32],
    candidates: NDArray[np.float32],
    depth: int = 1000,
) -> None:
    """Each query's best `depth` candidates of the pool of all languages, a block of queries at a time.

    Lines are "query Q0 candidate rank score tag"; nine digits give back the same float32 score, so whoever reads the
    file and breaks ties as trec_eval does has the same ranking.
    """
    _check_ids(benchmark)
    queries, candidates = as_embeddings(queries, "query"), as_embeddings(candidates, "candidate")
    pool = Pool.of(benchmark.candidates.ids, benchmark.candidates.language, len(benchmark.languages))
    tag = "".join(benchmark.name.split())
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for block in query_blocks(len(queries), len(candidates)):
            scores = queries[block] @ candidates.T
            leave_out(scores, benchmark.own, block)
            best = top_k(scores, pool, depth)
            for query, row, row_scores in zip(
                benchmark.queries.ids[block],
                best.tolist(),
                np.take_along_axis(scores, best, axis=1).tolist(),
                strict=True,
            ):
                file.writelines(
                    f"{query} Q0 {benchmark.candidates.ids[candidate]} {rank} {score:.9g} {tag}\n"
                    for rank, (candidate, score) in enumerate(zip(row, row_scores, strict=True), start=1)
                    if score > -np.inf  # the query itself
                )


def write_judgements(path: Path, benchmark: Benchmark) -> None:
    """The judgements as qrels: "query 0 candidate grade"."""
    _check_ids(benchmark)
    judged = benchmark.judgements
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(
            f"{benchmark.queries.ids[query]} 0 {benchmark.candidates.ids[candidate]} {grade}\n"
            for query, candidate, grade in zip(
                judged.query.tolist(), judged.candidate.tolist(), judged.grade.tolist(), strict=True
            )
        )


def _check_ids(benchmark: Benchmark) -> None:
    ids: Sequence[str]
    for ids in (benchmark.queries.ids, benchmark.candidates.ids):
        for name in ids:
            if len(name.split()) != 1:
                raise InputError(f"the id {name!r} holds a space, which TREC's format cannot", where=benchmark.name)
