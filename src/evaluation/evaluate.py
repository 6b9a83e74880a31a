"""Scoring an encoder on a benchmark: each text is encoded once, and every setting is a view of one set of ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from src.errors import InputError
from src.evaluation import bias
from src.evaluation.benchmark import Benchmark
from src.evaluation.parallel import device, gather_strided, place
from src.evaluation.progress import LoggedProgress
from src.evaluation.results import as_table, results
from src.evaluation.settings import Views, languages_summary, pairs_summary, settings_summary
from src.evaluation.suite import Suite, benchmarks_of
from src.evaluation.trec import write_judgements, write_run
from src.retrieval.pool import Pool
from src.retrieval.ranks import Ranks, rank_judged
from src.retrieval.scores import query_blocks

if TYPE_CHECKING:
    from src.encoder.dual_encoder import DualEncoder

Side = Literal["query", "passage"]
Precision = Literal["bf16", "fp16"]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a benchmark says about an encoder."""

    benchmark: Benchmark
    summary: dict[str, Any]  # plain values, for metrics.json
    per_query: pa.Table  # see `results.as_table`
    matrices: dict[str, NDArray[np.float64]]  # "mAP": bias.own_pool_map, "pooled mAP": bias.pooled_map


def evaluate_all(
    encoder: DualEncoder, loaded: Benchmark | Suite, *, runs: Path | None = None, **options: Any
) -> list[Evaluation]:
    """Score a benchmark, or each of a suite; `runs` is the folder for run.trec, or for runs/<name>/run.trec of each.

    The options are `evaluate`'s.
    """
    benchmarks = benchmarks_of(loaded)
    folders = [runs and (runs if len(benchmarks) == 1 else runs / "runs" / each.name) for each in benchmarks]
    return [
        evaluate(encoder, benchmark, run_file=folder and folder / "run.trec", **options)
        for benchmark, folder in zip(benchmarks, folders, strict=True)
    ]


def evaluate(
    encoder: DualEncoder,
    benchmark: Benchmark,
    *,
    progress: bool = True,
    run_file: Path | None = None,
    tokens_per_batch: int = 1024,
    precision: Precision | None = None,
) -> Evaluation:
    """Encode a benchmark's texts and score them; the processes of a distributed run share the work and agree.

    `progress` logs how far a long encoding is; `run_file` is as in `score`, the rest as in `encode`.
    """
    how = {"tokens_per_batch": tokens_per_batch, "precision": precision}
    queries = _encode(encoder, benchmark.queries.texts, "query", f"{benchmark.name} queries", progress, how)
    candidates = _encode(encoder, benchmark.candidates.texts, "passage", f"{benchmark.name} candidates", progress, how)
    return score(benchmark, queries, candidates, run_file=run_file)


def score(
    benchmark: Benchmark,
    queries: NDArray[np.float32],
    candidates: NDArray[np.float32],
    *,
    run_file: Path | None = None,
) -> Evaluation:
    """Score embeddings [texts, dimension] by their inner products.

    Ranking order: score descending, then document id descending, as trec_eval's. In a distributed run every process
    gives all embeddings and gets the whole evaluation; `run_file` (TREC format) is written by the first, with the
    judgements in qrels.trec beside it.
    """
    for kind, embeddings, texts in (
        ("query", queries, benchmark.queries),
        ("candidate", candidates, benchmark.candidates),
    ):
        if len(embeddings) != len(texts):
            raise InputError(f"{len(embeddings)} {kind} embeddings for {len(texts)} texts", where=benchmark.name)
    ranks = _rank(benchmark, queries, candidates)
    if run_file is not None and place()[0] == 0:
        write_run(run_file, benchmark, queries, candidates)
        write_judgements(run_file.with_name("qrels.trec"), benchmark)
    rows = results(benchmark, ranks)
    pooled = "multilingual" in benchmark.measured
    of_queries = _bias_of_queries(benchmark, ranks) if pooled else {}
    matrices = {"mAP": bias.own_pool_map(benchmark, ranks)}
    return Evaluation(
        benchmark,
        _summary(benchmark, Views(rows, benchmark.languages), of_queries),
        as_table(benchmark, rows, of_queries),
        matrices | ({"pooled mAP": bias.pooled_map(benchmark, ranks)} if pooled else {}),
    )


def _rank(benchmark: Benchmark, queries: NDArray[np.float32], candidates: NDArray[np.float32]) -> Ranks:
    """Ranks of all relevant candidates; each process of a distributed run ranks every `world`-th block of queries."""
    rank, world = place()
    pool = Pool.of(benchmark.candidates.ids, benchmark.candidates.language, len(benchmark.languages))
    relevant = benchmark.judgements.relevant
    blocks = query_blocks(len(queries), len(candidates))[rank::world]
    ranks = rank_judged(queries, candidates, pool, relevant.query, relevant.candidate, blocks, bias.TOP, benchmark.own)
    if world == 1:
        return ranks
    from src.evaluation.collector import collect  # torchmetrics takes seconds to import

    return collect(ranks, device())


def _encode(
    encoder: DualEncoder, texts: Sequence[str], side: Side, what: str, progress: bool, how: dict[str, Any]
) -> NDArray[np.float32]:
    """Embeddings of texts, equal texts encoded once, in shares where there are several processes."""
    from src.encoder.encode import encode

    rank, world = place()
    numbers: dict[str, int] = {}
    number = [numbers.setdefault(text, len(numbers)) for text in texts]
    share = list(numbers)[rank::world]
    report = LoggedProgress(what, len(share)) if progress and rank == 0 else None
    embeddings = gather_strided(encode(encoder, share, side, on_progress=report, **how), len(numbers))
    return embeddings if len(numbers) == len(texts) else embeddings[number]


def _bias_of_queries(benchmark: Benchmark, ranks: Ranks) -> dict[str, NDArray[np.float64]]:
    return {
        "rank_distance": bias.rank_distance(benchmark, ranks),
        f"same_language@{bias.TOP}": bias.same_language(benchmark, ranks),
    }


def _summary(benchmark: Benchmark, views: Views, of_queries: dict[str, NDArray[np.float64]]) -> dict[str, Any]:
    by_language = {name: bias.language_means(benchmark, values) for name, values in of_queries.items()}
    return {
        "name": benchmark.name,
        "languages": list(benchmark.languages),
        "fingerprint": benchmark.fingerprint,
        "template": benchmark.template,
        "candidates": len(benchmark.candidates),
        "queries": len(benchmark.queries),
        "settings": settings_summary(views),
        "bias": _bias_summary(benchmark, by_language),
        "by_language": {**languages_summary(views), **by_language},
        "pairs": pairs_summary(views),
    }


def _bias_summary(benchmark: Benchmark, by_language: dict[str, dict[str, float]]) -> dict[str, float]:
    """Means over query languages of their queries' means; empty where the benchmark has a single language."""
    summary = {name: float(np.mean(list(means.values()))) for name, means in by_language.items() if means}
    if "rank_distance" in summary:
        summary["rank_distance_share"] = summary["rank_distance"] / (len(benchmark.candidates) - 1)
    if by_language:
        unbiased = bias.language_means(benchmark, bias.unbiased_share(benchmark))
        summary[f"same_language@{bias.TOP}_unbiased"] = float(np.mean(list(unbiased.values())))
    return summary
