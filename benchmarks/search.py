"""Exact search over a memory-mapped corpus, beside FAISS's IndexFlatIP: python -m benchmarks.search.

1,000 queries, their 100 best of a million random unit vectors of 384 dimensions. The index holds its own copy of the
corpus; to fill it is not timed. Ours reads the files, and settles ties in double precision.
Memory is the process's own (RssAnon), watched from another process, above what it was before the search; pages of the
mapped files belong to the system. Repetitions are interleaved.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import Seconds, machine, now, since, spread, table
from src.retrieval.embeddings import Embeddings
from src.retrieval.exact import ExactSearch

OURS, THEIRS = "this project", "IndexFlatIP"


def main() -> None:
    """Write the corpus, measure, print."""
    options = _options()
    faiss.omp_set_num_threads(options.threads)
    print(machine("faiss-cpu", "numpy"), f"{options.threads} threads", sep=", ")
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
    ids = [f"{row:09d}" for row in range(len(corpus))]
    arms: dict[str, Callable[[], Any]] = {
        OURS: lambda: ExactSearch(device="cpu").top(
            queries, corpus, lambda rows: [ids[row] for row in rows], options.k
        ),
        THEIRS: lambda: index.search(queries, options.k),
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
    same = np.mean([len(np.intersect1d(*pair)) for pair in zip(found[OURS].row, found[THEIRS][1], strict=True)])
    files = f"{len(corpus.parts)} file" + "s" * (len(corpus.parts) > 1)
    print(f"\n{options.queries:,} queries x {len(corpus):,} x {corpus.dimension} in {files}, best {options.k}:")
    print(f"{same / options.k:.4%} of the found are found by both; corpus {corpus.nbytes / 1e9:.2f} GB\n")
    print(table(["", "wall s", "CPU s", "own memory above, MB"], [_row(name, times, memory) for name in arms]))
    ratios = [theirs.wall / ours.wall for ours, theirs in zip(times[OURS], times[THEIRS], strict=True)]
    print(f"\nwall time: {spread(ratios)} times as fast as {THEIRS}")


def noise(rows: int, dimension: int) -> NDArray[np.float32]:
    """Random vectors of about length one."""
    return np.random.default_rng(1).standard_normal((rows, dimension), dtype=np.float32) / np.float32(dimension**0.5)


def _row(name: str, times: dict[str, list[Seconds]], memory: dict[str, list[float]]) -> list[str]:
    wall, cpu = ([each[clock] for each in times[name]] for clock in (1, 0))
    return [name, spread(wall), spread(cpu), spread(memory[name], 0)]


@contextmanager
def watched(peaks: list[float]) -> Iterator[None]:
    """Add the peak of this process's own memory above what it is now, in MB, to the list."""
    context = multiprocessing.get_context("spawn")
    ready, stop, peak = context.Event(), context.Event(), context.Value("d", 0.0)
    watcher = context.Process(target=_watch, args=(os.getpid(), ready, stop, peak))
    watcher.start()
    ready.wait()
    before = own_memory(os.getpid())
    yield
    stop.set()
    watcher.join()
    peaks.append(max(0.0, peak.value - before))


def _watch(process: int, ready: Event, stop: Event, peak: Any) -> None:
    ready.set()
    while not stop.is_set():
        peak.value = max(peak.value, own_memory(process))
        time.sleep(0.01)


def own_memory(process: int | str) -> float:
    """MB that are the process's own: not the pages of mapped files."""
    status = Path(f"/proc/{process}/status").read_text()
    return next(float(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("RssAnon"))


if __name__ == "__main__":
    main()
