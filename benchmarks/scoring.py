"""Scoring XQuAD-R in all settings after encoding, beside other libraries: python -m benchmarks.scoring.

All start from the same random unit embeddings. sentence-transformers' InformationRetrievalEvaluator gives the measures
of the best 100 candidates in each view (a query language in one pool), which is less than this project's (whole
rankings, rank correlations, 122 results); pytrec_eval looks at whole rankings. One query language of the eleven is
timed in them, in its own pool, in the ten others and in all, and the time multiplied by eleven. What both find must be
the same. Repetitions are interleaved; medians are reported.
"""

from __future__ import annotations

import argparse
import resource
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks import summary
from benchmarks.scoring_peers import TREC, Means, with_pytrec_eval, with_sentence_transformers
from benchmarks.small_bert import DATA
from benchmarks.timing import Seconds, keep_quiet, machine, now, since, spread, table
from src.evaluation.benchmark import Benchmark, Judgements, TextSet
from src.evaluation.benchmarks import xquad_r
from src.evaluation.evaluate import Evaluation, score

OURS, THEIRS, TREC_EVAL = "this project", "sentence-transformers", "pytrec_eval"
TOLERANCE = 1e-5  # of a mean: what rounding in another order may change
ONE = 0  # the query language that is timed in other libraries


def main() -> None:
    """Measure, compare, print."""
    options = _options()
    keep_quiet()
    torch.set_num_threads(options.threads)
    real = DATA.is_dir() and not options.concepts
    benchmark = xquad_r.load(DATA) if real else invented(*filter(None, [options.concepts]))
    rng = np.random.default_rng(0)
    queries, candidates = (unit(rng, len(texts)) for texts in (benchmark.queries, benchmark.candidates))
    peers = {THEIRS: with_sentence_transformers, TREC_EVAL: with_pytrec_eval}
    if options.without_pytrec_eval:
        del peers[TREC_EVAL]
    before = peak_mib()
    expected = score(benchmark, queries, candidates)
    memory = peak_mib() - before
    arms: dict[str, Callable[[], Any]] = {OURS: partial(score, benchmark, queries, candidates)}
    for name, peer in peers.items():
        off = difference(benchmark, expected, peer(benchmark, queries, candidates, ONE))
        if not off < TOLERANCE:
            raise SystemExit(f"{name} finds other means: by up to {off}")
        print(f"greatest difference from {name}: {off:.1e}", flush=True)
        arms[name] = partial(peer, benchmark, queries, candidates, ONE)
    report(benchmark, [{name: timed(arm) for name, arm in arms.items()} for _ in range(options.repetitions)], options)
    print(f"\npeak memory of this project above the embeddings: {memory:.0f} MiB")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument(
        "--without-pytrec-eval", action="store_true", help="which takes a quarter of a minute each time"
    )
    parser.add_argument("--concepts", type=int, help="this many invented questions in place of XQuAD-R's")
    parser.add_argument("--threads", type=int, default=1, help="torch's; OMP_NUM_THREADS sets those of numpy")
    summary.add_options(parser)
    return parser.parse_args()


def difference(benchmark: Benchmark, ours: Evaluation, theirs: Means) -> float:
    """The greatest between two means of one measure, where the other library has it."""
    found, code = ours.summary["by_language"], benchmark.languages[ONE]
    views = {"monolingual": theirs[code], "multilingual": theirs["*"]}
    return max(abs(found[view][code][name] - value) for view, means in views.items() for name, value in means.items())


def report(benchmark: Benchmark, repetitions: list[dict[str, Seconds]], options: argparse.Namespace) -> None:
    """Print the table."""
    times = {name: 1 if name == OURS else len(benchmark.languages) for name in repetitions[0]}
    cpu = {name: [each[name].cpu * times[name] for each in repetitions] for name in times}
    wall = {name: [each[name].wall * times[name] for each in repetitions] for name in times}
    rows = [
        [
            name,
            spread(cpu[name]),
            spread(wall[name]),
            spread([b / a for a, b in zip(cpu[OURS], cpu[name], strict=True)]),
        ]
        for name in times
    ]
    print(machine("numpy", "torch", "sentence-transformers"))
    sizes = f"{len(benchmark.queries):,} queries, {len(benchmark.candidates):,} candidates, 768 dimensions"
    print(f"{benchmark.name}: {sizes}")
    print(f"median (least to greatest) of {len(repetitions)}; other libraries' times are of one language, times 11\n")
    print(table(["", "CPU s", "wall s", "times this project's CPU s"], rows))
    row = summary.Row("scoring XQuAD-R", "CPU s", cpu[OURS], cpu[THEIRS], [], "scoring", more_is_better=False)
    summary.add(options.summary, row)


def timed(run: Callable[[], Any]) -> Seconds:
    """How long a call takes."""
    start = now()
    run()
    return since(start)


def invented(questions: int = 1190) -> Benchmark:
    """A benchmark of XQuAD-R's size, where its files are absent, or with fewer questions."""
    rng = np.random.default_rng(1)
    languages = tuple(xquad_r.PUBLISHED)
    _, pool_sizes = zip(*xquad_r.PUBLISHED.values(), strict=True)
    query_language, candidate_language = (np.repeat(np.arange(11), counts) for counts in (questions, pool_sizes))
    starts = np.cumsum([0, *pool_sizes[:-1]])
    answers = np.stack(
        [start + rng.integers(size, size=questions) for start, size in zip(starts, pool_sizes, strict=True)]
    )
    queries, candidates = (
        TextSet([f"{languages[c]}_{i}" for i, c in enumerate(of)], ["text"] * len(of), of.astype(np.int16))
        for of in (query_language, candidate_language)
    )
    query = np.repeat(np.arange(len(query_language)), 11).astype(np.int32)
    judged = Judgements(query, np.tile(answers.T.ravel(), 11).astype(np.int32), np.ones(len(query), np.int16))
    concept = np.tile(np.arange(questions), 11).astype(np.int32)
    return Benchmark("invented", languages, queries, candidates, judged, concept, tuple(TREC), "mAP", "{text}")


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
