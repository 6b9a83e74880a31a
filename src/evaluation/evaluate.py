"""Scoring an encoder on a benchmark: each text is encoded once, and every setting is a view of one set of ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from src.errors import InputError
from src.evaluation import bias
from src.evaluation.benchmark import Benchmark
from src.evaluation.debiasing import check_debias
from src.evaluation.dimensions import at_size, name_at, sizes_of
from src.evaluation.encoding import Encoding, encode_candidates, encode_queries
from src.evaluation.language_bias import language_bias
from src.evaluation.parallel import device, place
from src.evaluation.parallel_sample import ParallelSample, parallel_sample
from src.evaluation.results import as_table, results
from src.evaluation.searched import Searched, check_search, needs_every_rank
from src.evaluation.settings import Views
from src.evaluation.suite import Suite, benchmarks_of
from src.evaluation.summary import summarize
from src.evaluation.trec import DEPTH, best_of_all, check_ids, write_judgements, write_run
from src.retrieval.embeddings import Embeddings
from src.retrieval.exact import ExactSearch
from src.retrieval.pool import Pool
from src.retrieval.ranks import Ranks, rank_judged
from src.retrieval.scores import as_embeddings, query_blocks
from src.retrieval.search import Search

if TYPE_CHECKING:
    from src.encoder.dual_encoder import DualEncoder

EVERY_RANK = {"name": "exact", "depth": None}


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a benchmark says about an encoder."""

    benchmark: Benchmark
    summary: dict[str, Any]  # plain values, for metrics.json
    per_query: pa.Table  # see `results.as_table`
    matrices: dict[str, NDArray[np.float64]]  # "mAP": bias.own_pool_map, "pooled mAP": bias.pooled_map
    sample: ParallelSample | None  # of the candidates' embeddings


def evaluate_all(
    encoder: DualEncoder,
    loaded: Benchmark | Suite,
    *,
    runs: Path | None = None,
    dimensions: Sequence[int] | None = None,
    **options: Any,
) -> list[Evaluation]:
    """Score a benchmark, or each of a suite; `runs` is the folder for run.trec, or for runs/<name>/run.trec of each.

    After each stand its results at `dimensions`, or at the sizes that the encoder was trained for (see `sizes_of`). The
    options are `evaluate`'s.
    """
    benchmarks = benchmarks_of(loaded)
    sizes = sizes_of(encoder, dimensions, options.get("search"))
    check_all(loaded, encoder.dimension, options.get("search"), save_run=runs is not None)
    check_debias(encoder, loaded)
    folders = [runs and (runs if len(benchmarks) == 1 else runs / "runs" / each.name) for each in benchmarks]
    return [
        evaluation
        for benchmark, folder in zip(benchmarks, folders, strict=True)
        for evaluation in evaluate_sizes(encoder, benchmark, sizes, run_file=folder and folder / "run.trec", **options)
    ]


def check_all(loaded: Benchmark | Suite, dimension: int, search: Search | None, *, save_run: bool) -> None:
    """InputError where the search cannot give what a benchmark measures, or its run cannot be written.

    Told before any text is encoded.
    """
    if search is not None:
        search.check(dimension)
        for benchmark in benchmarks_of(loaded):
            check_search(benchmark, search)
    for benchmark in benchmarks_of(loaded) if save_run else ():
        check_ids(benchmark)


def evaluate(
    encoder: DualEncoder,
    benchmark: Benchmark,
    *,
    search: Search | None = None,
    encoding: Encoding | None = None,
    progress: bool = True,
    run_file: Path | None = None,
) -> Evaluation:
    """Encode a benchmark's texts and score them; the processes of a distributed run share the work and agree.

    `progress` logs how far a long encoding is; `search` and `run_file` are as in `score`.
    """
    (whole,) = evaluate_sizes(
        encoder, benchmark, (), search=search, encoding=encoding, progress=progress, run_file=run_file
    )
    return whole


def evaluate_sizes(
    encoder: DualEncoder,
    benchmark: Benchmark,
    sizes: Sequence[int],
    *,
    search: Search | None = None,
    encoding: Encoding | None = None,
    progress: bool = True,
    run_file: Path | None = None,
) -> list[Evaluation]:
    """`evaluate`'s, and then those of the same embeddings cut to each of `sizes`, their runs in run@<size>.trec.

    A cut embedding is brought to unit length again where the encoder does so; debiasing comes before the cut.
    """
    encoding = encoding or Encoding()
    check_debias(encoder, benchmark)
    queries = encode_queries(encoder, benchmark, encoding, progress=progress)
    candidates = encode_candidates(encoder, benchmark, encoding, progress=progress)
    found = [score(benchmark, queries, candidates, search=search, run_file=run_file)]
    for size in sizes:
        asked, corpus = (each.cut(size, normalize=encoder.normalize) for each in (Embeddings([queries]), candidates))
        file = run_file and run_file.with_stem(name_at(run_file.stem, size))
        cut = score(benchmark, asked.matrix(), corpus, search=search, run_file=file)
        found.append(replace(cut, summary=at_size(cut.summary, size, encoder.dimension)))
    return found


def score(
    benchmark: Benchmark,
    queries: NDArray[np.float32],
    candidates: NDArray[np.float32] | Embeddings,
    *,
    search: Search | None = None,
    run_file: Path | None = None,
) -> Evaluation:
    """Score embeddings [texts, dimension] by their inner products.

    Ranking order: score descending, then document id descending, as trec_eval's. Without a `search`, or with an exact
    one of unlimited depth, everything is ranked where a metric or the rank distance looks at whole rankings; otherwise
    the best are searched, as deep as the metrics look. In a distributed run every process gives all embeddings and
    gets the whole evaluation; `run_file` (TREC format) is written by the first, with the judgements in qrels.trec
    beside it.
    """
    search = search or ExactSearch()
    check_search(benchmark, search)
    corpus = candidates if isinstance(candidates, Embeddings) else Embeddings.of(candidates)
    for kind, count, texts in (
        ("query", len(queries), benchmark.queries),
        ("candidate", len(corpus), benchmark.candidates),
    ):
        if count != len(texts):
            raise InputError(f"{count} {kind} embeddings for {len(texts)} texts", where=benchmark.name)
    queries = as_embeddings(queries, "query")
    searched = Searched(benchmark, queries, corpus, search)
    whole = needs_every_rank(benchmark) and search.depth is None and not search.approximate
    ranks, how = (_rank_all(benchmark, queries, corpus.matrix()), EVERY_RANK) if whole else searched.ranks()
    if run_file is not None:
        _write_run(run_file, searched, everywhere=whole)
    rows = results(benchmark, ranks)
    biased = None
    if "multilingual" in benchmark.measured:
        biased = language_bias(benchmark, ranks, searched.scores, None if whole else searched.depth)
    return Evaluation(
        benchmark,
        summarize(benchmark, Views(rows, benchmark.languages), biased, how),
        as_table(benchmark, rows, biased.of_queries if biased else {}),
        _matrices(benchmark, ranks) if whole else {},
        parallel_sample(benchmark, corpus),
    )


def _rank_all(benchmark: Benchmark, queries: NDArray[np.float32], candidates: NDArray[np.float32]) -> Ranks:
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


def _write_run(path: Path, searched: Searched, *, everywhere: bool) -> None:
    """The best of the pool of all languages where that is measured, or the only one, from the scores that ranked it."""
    benchmark = searched.benchmark
    pooled = "multilingual" in benchmark.measured or len(benchmark.languages) == 1
    if everywhere and pooled:
        best = best_of_all(benchmark, searched.queries, searched.corpus.matrix()) if place()[0] == 0 else iter(())
    else:
        best = searched.run(DEPTH)
    if place()[0] == 0:
        write_run(path, benchmark, best)
        write_judgements(path.with_name("qrels.trec"), benchmark)
    else:
        for _ in best:  # take part in the searches
            pass


def _matrices(benchmark: Benchmark, ranks: Ranks) -> dict[str, NDArray[np.float64]]:
    pooled = {"pooled mAP": bias.pooled_map(benchmark, ranks)} if "multilingual" in benchmark.measured else {}
    return {"mAP": bias.own_pool_map(benchmark, ranks), **pooled}
