"""Exact search over a memory-mapped corpus, beside other libraries: python -m benchmarks.search.

1,000 queries, their 100 best of a million random unit vectors of 384 dimensions. The index holds its own copy of the
corpus; to fill it is not timed. Ours reads the files, and settles ties in double precision. sentence-transformers'
`util.semantic_search` (inner products) and the bare loop (a block's products, top-k, top-k of both; with queries all at
once) are given a tensor over the same mapped file, or a copy of several.
Memory is the process's own (RssAnon), watched from another process, above what it was before the search; pages of the
mapped files belong to the system. Repetitions are interleaved.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers.util import dot_score, semantic_search

from benchmarks import summary
from benchmarks.timing import Seconds, machine, now, since, spread, table
from benchmarks.watched_memory import watched
from src.retrieval.embeddings import Embeddings
from src.retrieval.exact import ExactSearch

OURS, FLAT, THEIRS, BARE = "this project", "IndexFlatIP", "sentence-transformers", "bare PyTorch"
BLOCK = 50_000  # rows of the corpus in the bare loop


def main() -> None:
    """Write the corpus, measure, print."""
    options = _options()
    faiss.omp_set_num_threads(options.threads)
    torch.set_num_threads(options.threads)
    warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
    print(machine("faiss-cpu", "numpy", "torch", "sentence-transformers"), f"{options.threads} threads", sep=", ")
    with tempfile.TemporaryDirectory() as folder:
        for shards in options.shards:
            corpus = mapped(Path(folder, str(shards)), options.corpus, options.dimension, shards)
            measure(corpus, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--dimension", type=int, default=384)
    parser.add_argument("--k", type=int, default=100)
    parser.add_argument("--shards", type=int, nargs="+", default=[1, 20])
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    summary.add_options(parser)
    return parser.parse_args()


def mapped(folder: Path, rows: int, dimension: int, shards: int) -> Embeddings:
    """Random unit vectors in files, memory-mapped."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(shards):
        vectors = rng.standard_normal((rows // shards, dimension), dtype=np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        np.save(folder / f"{number:06d}.npy", vectors)
    return Embeddings([np.load(file, mmap_mode="r") for file in sorted(folder.iterdir())], folder)


def measure(corpus: Embeddings, options: argparse.Namespace) -> None:
    """Both, in turn; then a table, and whether both found the same."""
    queries = corpus.take(np.arange(options.queries)) + np.float32(0.3) * noise(options.queries, corpus.dimension)
    index = faiss.IndexFlatIP(corpus.dimension)
    for _, block in corpus.blocks():
        index.add(block)
    asked = torch.from_numpy(queries)
    tensor = torch.from_numpy(corpus.parts[0] if len(corpus.parts) == 1 else np.concatenate(corpus.parts))
    ids = [f"{row:09d}" for row in range(len(corpus))]
    arms: dict[str, Callable[[], Any]] = {
        OURS: lambda: ExactSearch(device="cpu").top(
            queries, corpus, lambda rows: [ids[row] for row in rows], options.k
        ),
        FLAT: lambda: index.search(queries, options.k),
        THEIRS: lambda: semantic_search(asked, tensor, top_k=options.k, score_function=dot_score),
        BARE: lambda: bare(asked, tensor, options.k),
    }
    found = {name: arm() for name, arm in arms.items()}  # warm: the files are in the system's cache
    times: dict[str, list[Seconds]] = {name: [] for name in arms}
    memory: dict[str, list[float]] = {name: [] for name in arms}
    for _ in range(options.repetitions):
        for name, arm in arms.items():
            with watched(memory[name]):
                start = now()
                arm()
                times[name].append(since(start))
    hits = {
        FLAT: found[FLAT][1],
        THEIRS: np.array([[hit["corpus_id"] for hit in each] for each in found[THEIRS]]),
        BARE: found[BARE],
    }
    same = {name: shared(found[OURS].row, rows) for name, rows in hits.items()}
    if min(same.values()) < 0.999:  # rounding may swap the last with the first that is not found
        raise SystemExit(f"they find other rows: shared with {OURS} {same}")
    files = f"{len(corpus.parts)} file" + "s" * (len(corpus.parts) > 1)
    print(f"\n{options.queries:,} queries x {len(corpus):,} x {corpus.dimension} in {files}, best {options.k}:")
    told = ", ".join(f"{name} {share:.4%}" for name, share in same.items())
    print(f"corpus {corpus.nbytes / 1e9:.2f} GB; found as by {OURS}: {told}\n")
    print(table(["", "wall s", "CPU s", "own memory above, MB"], [_row(name, times, memory) for name in arms]))
    for name in hits:
        ratios = [other.cpu / ours.cpu for ours, other in zip(times[OURS], times[name], strict=True)]
        print(f"CPU time: {spread(ratios)} times as fast as {name}")
    cpu = {name: [each.cpu for each in arm] for name, arm in times.items()}
    what = f"search, {options.queries:,} x {len(corpus):,} x {corpus.dimension}"
    row = summary.Row(what, "CPU s", cpu[OURS], cpu[THEIRS], cpu[BARE], "search", more_is_better=False)
    if len(corpus.parts) == 1:
        summary.add(options.summary, row)


def bare(queries: torch.Tensor, corpus: torch.Tensor, k: int) -> NDArray[np.int64]:
    """The rows of each query's best k."""
    best, rows = torch.full((len(queries), k), -torch.inf), torch.zeros(len(queries), k, dtype=torch.int64)
    for start in range(0, len(corpus), BLOCK):
        score, row = (queries @ corpus[start : start + BLOCK].T).topk(min(k, len(corpus) - start))
        best, kept = torch.cat([best, score], 1).topk(k)
        rows = torch.cat([rows, row + start], 1).gather(1, kept)
    return rows.numpy()


def shared(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """The share of rows that both found."""
    return float(np.mean([len(np.intersect1d(*pair)) / len(pair[0]) for pair in zip(one, other, strict=True)]))


def noise(rows: int, dimension: int) -> NDArray[np.float32]:
    """Random vectors of about length one."""
    return np.random.default_rng(1).standard_normal((rows, dimension), dtype=np.float32) / np.float32(dimension**0.5)


def _row(name: str, times: dict[str, list[Seconds]], memory: dict[str, list[float]]) -> list[str]:
    wall, cpu = ([each[clock] for each in times[name]] for clock in (1, 0))
    return [name, spread(wall), spread(cpu), spread(memory[name], 0)]


if __name__ == "__main__":
    main()
