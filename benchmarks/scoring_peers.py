"""Other libraries' scores of one query language: in its own pool, in each other language's, and in all ("*")."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from src.evaluation.benchmark import Benchmark

Vectors = NDArray[np.float32]
Means = dict[str, dict[str, float]]  # pool -> measure -> mean over the queries, measures by this project's names
TREC = {
    "mAP": "map",
    "mAP@20": "map_cut_20",
    "MRR": "recip_rank",
    "nDCG@10": "ndcg_cut_10",
    "R@1": "recall_1",
    "R@10": "recall_10",
    "R@100": "recall_100",
}
PORTION = 100  # queries given to pytrec_eval at once: whole views would take gigabytes as dictionaries


def with_pytrec_eval(benchmark: Benchmark, queries: Vectors, candidates: Vectors, code: int) -> Means:
    """All of its measures over whole rankings."""
    asked = np.flatnonzero(benchmark.queries.language == code)
    scores = queries[asked] @ candidates.T
    relevant = _relevant(benchmark, asked)
    return {name: _trec_view(benchmark, scores, relevant, pool) for name, pool in _pools(benchmark)}


def with_sentence_transformers(benchmark: Benchmark, queries: Vectors, candidates: Vectors, code: int) -> Means:
    """Their InformationRetrievalEvaluator, one a pool; it looks at the best 100 alone, and embeds nothing here."""
    asked = np.flatnonzero(benchmark.queries.language == code)
    relevant = _relevant(benchmark, asked)
    return {
        name: _their_view(queries[asked], candidates[pool], relevant, pool.tolist()) for name, pool in _pools(benchmark)
    }


def _pools(benchmark: Benchmark) -> Iterator[tuple[str, NDArray[np.int64]]]:
    for code, name in enumerate(benchmark.languages):
        yield name, np.flatnonzero(benchmark.candidates.language == code)
    yield "*", np.arange(len(benchmark.candidates))


def _relevant(benchmark: Benchmark, asked: NDArray[np.int64]) -> list[set[int]]:
    judged = benchmark.judgements
    first, last = (np.searchsorted(judged.query, asked, side=side) for side in ("left", "right"))
    return [set(judged.candidate[a:b].tolist()) for a, b in zip(first, last, strict=True)]


def _trec_view(
    benchmark: Benchmark, scores: Vectors, relevant: list[set[int]], pool: NDArray[np.int64]
) -> dict[str, float]:
    import pytrec_eval

    names, members = [str(c) for c in pool], set(pool.tolist())
    results: list[dict[str, float]] = []
    for start in range(0, len(scores), PORTION):
        portion = range(start, min(start + PORTION, len(scores)))
        qrels = {str(q): {str(c): 1 for c in relevant[q] & members} for q in portion}
        run = {str(q): dict(zip(names, scores[q, pool].tolist(), strict=True)) for q in portion}
        results += pytrec_eval.RelevanceEvaluator(qrels, set(TREC.values())).evaluate(run).values()
    return {name: float(np.mean([result[measure] for result in results])) for name, measure in TREC.items()}


class _Embedded:
    """What their evaluator asks of a model, answered with embeddings that exist already."""

    def __init__(self, queries: Vectors) -> None:
        self.queries = torch.from_numpy(queries)

    def encode_query(self, texts: Any, **_: Any) -> torch.Tensor:
        """Of the queries, in their order."""
        return self.queries


def _their_view(queries: Vectors, pool: Vectors, relevant: list[set[int]], rows: list[int]) -> dict[str, float]:
    from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator
    from sentence_transformers.util import dot_score

    members = set(rows)
    names = [f"{number:05d}" for number in range(len(queries))]
    evaluator = InformationRetrievalEvaluator(
        dict.fromkeys(names, ""),
        {str(row): "" for row in rows},
        {name: {str(c) for c in relevant[number] & members} for number, name in enumerate(names)},
        accuracy_at_k=[1],
        precision_recall_at_k=[1, 10, 100],
        map_at_k=[20],
        score_functions={"dot": dot_score},
        write_csv=False,
    )
    model: Any = _Embedded(queries)
    found: Any = evaluator.compute_all_metrics(model, corpus_embeddings=torch.from_numpy(pool))["dot"]
    recalls = {f"R@{k}": float(found["recall@k"][k]) for k in (1, 10, 100)}
    return {"mAP@20": float(found["map@k"][20]), "nDCG@10": float(found["ndcg@k"][10]), **recalls}
