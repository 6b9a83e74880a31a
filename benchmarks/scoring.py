"""Scoring XQuAD-R in all settings after encoding, side by side with pytrec_eval: python -m benchmarks.scoring.

Both start from the same random unit embeddings. pytrec_eval is given one view after the other, as dictionaries in
portions of queries (whole views would take gigabytes); one query language of the eleven is timed, in its own pool, in
the ten others and in all, and the time multiplied by eleven. Repetitions are interleaved; medians are reported.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytrec_eval
from numpy.typing import NDArray

from src.evaluation.benchmark import Benchmark, Judgements, TextSet
from src.evaluation.benchmarks import xquad_r
from src.evaluation.evaluate import score

DATA = Path(os.environ.get("EVENHAND_DATA", Path(__file__).resolve().parents[1] / ".." / "shared" / "data")) / "xquad_r"
MEASURES = {
    "mAP": "map",
    "mAP@20": "map_cut_20",
    "MRR": "recip_rank",
    "nDCG@10": "ndcg_cut_10",
    "R@1": "recall_1",
    "R@10": "recall_10",
    "R@100": "recall_100",
}
PORTION = 100


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repetitions", type=int, default=5)
    arguments.add_argument("--peer-repetitions", type=int, default=2)
    options = arguments.parse_args()

    benchmark = xquad_r.load(DATA) if DATA.is_dir() else invented()
    rng = np.random.default_rng(0)
    queries, candidates = (unit(rng, len(texts)) for texts in (benchmark.queries, benchmark.candidates))
    before = peak_mib()
    ours, theirs = [timed(lambda: score(benchmark, queries, candidates))], []
    memory = peak_mib() - before
    for repetition in range(max(options.repetitions - 1, options.peer_repetitions)):
        if repetition < options.peer_repetitions:
            theirs.append(timed(lambda: with_pytrec_eval(benchmark, queries, candidates, 0)))
        if repetition < options.repetitions - 1:
            ours.append(timed(lambda: score(benchmark, queries, candidates)))
    report(benchmark, ours, theirs, memory)


def report(benchmark: Benchmark, ours: list[Timing], theirs: list[Timing], memory: float) -> None:
    """Medians and ratios, and whether both found the same."""
    languages = len(benchmark.languages)
    code = benchmark.languages[0]
    found = ours[0][2].summary["by_language"]
    expected = {"monolingual": theirs[0][2][code], "multilingual": theirs[0][2]["*"]}
    off = max(abs(found[s][code][m] - expected[s][n]) for s in expected for m, n in MEASURES.items())
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, numpy {np.__version__}")
    sizes = f"{len(benchmark.queries):,} queries, {len(benchmark.candidates):,} candidates, 768 dimensions"
    print(f"{benchmark.name}: {sizes}")
    for name, unit_of, index in (("CPU", "s", 0), ("wall", "s", 1)):
        our, their = (statistics.median(t[index] for t in timings) for timings in (ours, theirs))
        print(
            f"{name}: ours {our:.2f} {unit_of} (of {len(ours)}), pytrec_eval {their * languages:.0f} {unit_of} "
            f"({their:.1f} for one query language, of {len(theirs)}, times {languages}): {their * languages / our:.0f}x"
        )
    print(f"peak memory above the embeddings: {memory:.0f} MiB")
    print(f"largest difference from pytrec_eval: {off:.1e}")


Timing = tuple[float, float, Any]  # CPU seconds, wall seconds, result


def timed(run: Callable[[], Any]) -> Timing:
    """How long a call takes."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = run()
    return time.process_time() - cpu, time.perf_counter() - wall, result


def with_pytrec_eval(
    benchmark: Benchmark, queries: NDArray[np.float32], candidates: NDArray[np.float32], code: int
) -> dict[str, dict[str, float]]:
    """Means by pool of one language's queries: each language's own pool, and "*" for all."""
    asked = np.flatnonzero(benchmark.queries.language == code)
    scores = queries[asked] @ candidates.T
    first, last = (np.searchsorted(benchmark.judgements.query, asked, side=side) for side in ("left", "right"))
    relevant = [set(benchmark.judgements.candidate[a:b].tolist()) for a, b in zip(first, last, strict=True)]
    pools = {name: np.flatnonzero(benchmark.candidates.language == i) for i, name in enumerate(benchmark.languages)}
    pools["*"] = np.arange(len(benchmark.candidates))
    return {name: one_view(benchmark, scores, relevant, pool) for name, pool in pools.items()}


def one_view(
    benchmark: Benchmark, scores: NDArray[np.float32], relevant: list[set[int]], pool: NDArray[np.int64]
) -> dict[str, float]:
    """Means over the queries, a portion of them at a time."""
    ids, members = [benchmark.candidates.ids[i] for i in pool], set(pool.tolist())
    results: list[dict[str, float]] = []
    for start in range(0, len(scores), PORTION):
        rows = range(start, min(start + PORTION, len(scores)))
        run = {str(row): dict(zip(ids, scores[row, pool].tolist(), strict=True)) for row in rows}
        qrels = {str(row): {benchmark.candidates.ids[i]: 1 for i in relevant[row] & members} for row in rows}
        results += pytrec_eval.RelevanceEvaluator(qrels, set(MEASURES.values())).evaluate(run).values()
    return {name: float(np.mean([result[name] for result in results])) for name in MEASURES.values()}


def invented() -> Benchmark:
    """A benchmark of XQuAD-R's size, where its files are absent."""
    rng = np.random.default_rng(1)
    languages = tuple(xquad_r.PUBLISHED)
    query_counts, pool_sizes = zip(*xquad_r.PUBLISHED.values(), strict=True)
    query_language, candidate_language = (np.repeat(np.arange(11), counts) for counts in (query_counts, pool_sizes))
    starts = np.cumsum([0, *pool_sizes[:-1]])
    answers = np.stack([start + rng.integers(size, size=1190) for start, size in zip(starts, pool_sizes, strict=True)])
    sets = [
        TextSet([f"{languages[c]}_{i}" for i, c in enumerate(of)], ["text"] * len(of), of.astype(np.int16))
        for of in (query_language, candidate_language)
    ]
    query = np.repeat(np.arange(len(query_language)), 11).astype(np.int32)
    judged = Judgements(query, np.tile(answers.T.ravel(), 11).astype(np.int32), np.ones(len(query), np.int16))
    concept = np.tile(np.arange(1190), 11).astype(np.int32)
    return Benchmark("invented", languages, *sets, judged, concept, tuple(MEASURES), "mAP", "{text}")


def unit(rng: np.random.Generator, count: int, dimension: int = 768) -> NDArray[np.float32]:
    """Random vectors of length one."""
    vectors = rng.standard_normal((count, dimension), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def peak_mib() -> float:
    """The process's peak of resident memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
