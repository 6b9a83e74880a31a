"""The arithmetic of docs/scale.md, checked by simulation: python -m benchmarks.scale prints its tables.

Nothing here trains or measures speed. Rates of hardware are assumptions (`Machine`), and say so. Simulated are: what
each rank gathers (the project's own gather in a process group that only pretends, with real shapes), how long the
slowest rank takes (drawn text lengths), how many rows of a batch share a question (drawn), and what shards must give
for their merged ranking to be that of the whole (drawn vectors, which are no embeddings).
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import table

DIMENSION, ENCODER, VOCABULARY = 768, 86e6, 385e6  # LaBSE: parameters of the layers, of the word embeddings
PAIRS, QUESTIONS, PASSAGES = 39_780_811, 400_000, 8_841_823  # of mMARCO; questions in the triples: about
ROWS = 128  # of each GPU's batch, each with a question, a passage and an explicit negative
QUESTION_TOKENS, PASSAGE_TOKENS, SPREAD = 15.0, 90.0, 0.5  # mean lengths, and their standard deviation over the mean
MIRACL, MIRACL_TOKENS, MIRACL_QUERIES = 106_000_000, 130.0, 13_495


@dataclass(frozen=True)
class Machine:
    """A node of 8 GPUs; all are assumptions, none was measured by this project."""

    flops: float = 125e12  # that a GPU sustains in bf16: 40 % of an A100's peak
    inside: float = 200e9  # bytes a second between the GPUs of a node
    between: float = 20e9  # and for each GPU between nodes
    memory: float = 1.5e12  # bytes a second that a GPU reads from its memory

    def link(self, gpus: int) -> float:
        """Bytes a second of the slowest link that `gpus` use."""
        return self.inside if gpus <= 8 else self.between


def main() -> None:
    """Print the tables."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    print("\nWhat one step moves, for each GPU\n", gathered(), sep="\n")
    print("\nExpected time of a step\n", step_times(), sep="\n")
    print("\nWhat a global batch holds\n", batches(), sep="\n")
    print("\nMIRACL: bytes of the embeddings\n", corpus_bytes(), sep="\n")
    print("\nMIRACL: hours to encode\n", encode_hours(), sep="\n")
    print("\nMIRACL: searching it\n", search_costs(), sep="\n")
    print("\nShards of 20,000 drawn vectors\n", shards_merged(), sep="\n")


def gathered() -> str:
    """Formula beside what the project's gather returned for those shapes."""
    rows = []
    for gpus in (8, 16, 32, 64):
        formula = (gpus - 1) * ROWS * 3 * (DIMENSION * 4 + 8)
        found = pretended(gpus) * (gpus - 1) // gpus
        gradient = reduced(gpus, ENCODER + VOCABULARY)
        rows.append([gpus, gpus * ROWS, *megabytes(formula, found), *megabytes(gradient, reduced(gpus, ENCODER))])
    return table(["GPUs", "batch", "gathered MB", "simulated MB", "gradients MB", "embeddings frozen MB"], rows)


def pretended(gpus: int) -> int:
    """Bytes that a rank holds after gathering questions, passages and negatives with their ids."""
    import torch
    import torch.distributed as dist
    from torch.testing._internal.distributed.fake_pg import FakeStore

    from src.objectives.gather import gather_embeddings, gather_ids

    dist.init_process_group("fake", rank=0, world_size=gpus, store=FakeStore())
    try:
        sizes = [ROWS] * gpus
        parts = [gather_embeddings(torch.zeros(ROWS, DIMENSION), sizes) for _ in range(3)]
        parts += [gather_ids(torch.zeros(ROWS, dtype=torch.int64), sizes) for _ in range(3)]
    finally:
        dist.destroy_process_group()
    return sum(part.numel() * part.element_size() for part in parts)


def reduced(gpus: int, parameters: float) -> float:
    """Bytes that a rank sends in a ring all-reduce of float32 gradients."""
    return 2 * (gpus - 1) / gpus * parameters * 4


def step_times(machine: Machine = Machine()) -> str:
    """Compute of the mean rank and of the slowest, gather and gradients: as one after the other, and all hidden."""
    tokens = ROWS * (QUESTION_TOKENS + 2 * PASSAGE_TOKENS)
    mean = 6 * ENCODER * tokens / machine.flops
    rows = []
    for gpus in (1, 8, 16, 32, 64):
        formula, found = slowest(gpus), simulated_slowest(gpus)
        gather = 2 * (gpus - 1) * ROWS * 3 * DIMENSION * 4 / machine.link(gpus)  # forward, and gradients back
        every, frozen = (reduced(gpus, size) / machine.link(gpus) for size in (ENCODER + VOCABULARY, ENCODER))
        worst, best = mean * found + gather + every, max(mean * found, frozen) + gather
        days = PAIRS / (gpus * ROWS) / 86_400
        rows.append(
            [
                gpus,
                *(f"{1000 * value:.0f}" for value in (mean,)),
                f"{formula:.3f}",
                f"{found:.3f}",
                *(f"{1000 * value:.1f}" for value in (gather,)),
                *(f"{1000 * value:.0f}" for value in (every, frozen, worst, best)),
                f"{24 * days * best:.1f} to {24 * days * worst:.1f}",
            ]
        )
    head = ["GPUs", "compute ms", "slowest: formula", "simulated", "gather ms", "gradients ms", "frozen ms"]
    return table([*head, "step, worst ms", "best ms", "one pass, h"], rows)


def slowest(gpus: int) -> float:
    """The slowest rank's tokens over the mean rank's: sums of many lengths are normal (Blom's expected maximum)."""
    from statistics import NormalDist

    each = math.sqrt(QUESTION_TOKENS**2 + 2 * PASSAGE_TOKENS**2) * SPREAD
    relative = each / math.sqrt(ROWS) / (QUESTION_TOKENS + 2 * PASSAGE_TOKENS)
    return 1 + relative * NormalDist().inv_cdf((gpus - 0.375) / (gpus + 0.25)) if gpus > 1 else 1.0


def simulated_slowest(gpus: int, steps: int = 400) -> float:
    """The same from drawn log-normal lengths."""
    rng = np.random.default_rng(gpus)
    sigma = math.sqrt(math.log(1 + SPREAD**2))
    tokens = sum(
        rng.lognormal(math.log(mean) - sigma**2 / 2, sigma, (steps, gpus, ROWS)).sum(axis=2)
        for mean in (QUESTION_TOKENS, PASSAGE_TOKENS, PASSAGE_TOKENS)
    )
    return float((tokens.max(axis=1) / tokens.mean()).mean())


def batches() -> str:
    """Steps, negatives, and rows whose question another row of the batch asks too."""
    rng, rows = np.random.default_rng(0), []
    for gpus in (1, 8, 16, 32, 64):
        batch = gpus * ROWS
        formula = 1 - (1 - 1 / QUESTIONS) ** (batch - 1)
        drawn = [rng.integers(0, QUESTIONS, batch) for _ in range(100)]
        found = np.mean([1 - np.mean(np.bincount(each, minlength=QUESTIONS)[each] == 1) for each in drawn])
        scores = ROWS * 2 * batch * 4 / 1e6
        rows.append(
            [
                gpus,
                f"{batch:,}",
                f"{PAIRS / batch:,.0f}",
                f"{2 * batch - 1:,}",
                f"{formula:.2%}",
                f"{found:.2%}",
                f"{scores:.1f}",
            ]
        )
    return table(
        ["GPUs", "batch", "steps a pass", "candidates beside the positive", "same question", "simulated", "scores MB"],
        rows,
    )


def corpus_bytes() -> str:
    """Whole and a shard of it."""
    rows = []
    for size in (384, 768, 1024):
        whole = [MIRACL * size * width / 1e9 for width in (4, 2)]
        rows.append([size, *(f"{value:,.0f}" for value in (*whole, *(value / 8 for value in whole)))])
    return table(["dimensions", "float32 GB", "float16 GB", "an eighth: float32 GB", "float16 GB"], rows)


def encode_hours() -> str:
    """By tokens a second of one GPU, with what part of the assumed rate that is."""
    rows = []
    for rate in (50_000, 150_000, 300_000):
        hours = MIRACL * MIRACL_TOKENS / rate / 3600
        part = 2 * ENCODER * rate / Machine().flops
        rows.append([f"{rate:,}", f"{part:.0%}", *(f"{hours / gpus:,.1f}" for gpus in (1, 8, 64))])
    return table(["tokens/s a GPU", "of 125 TFLOP/s", "1 GPU", "8 GPUs", "64 GPUs"], rows)


def search_costs(machine: Machine = Machine()) -> str:
    """Memory in all and a query's work: vectors looked at."""
    from src.retrieval.faiss_search import lists_for

    usual, more = (lists_for(rows, MIRACL) for rows in (500_000, 2_000_000))  # search.train_rows
    kinds = {
        "exact, float16": (DIMENSION * 2, 1),
        "exact, float32": (DIMENSION * 4, 1),
        f"IVF{usual},Flat nprobe=64": (DIMENSION * 4 + 8, usual),
        f"IVF{more},Flat nprobe=64": (DIMENSION * 4 + 8, more),
        f"IVF{more},PQ96 nprobe=64": (96 + 8, more),
        "HNSW32": (DIMENSION * 4 + 2 * 32 * 4, 0),
    }
    rows = []
    for name, (width, lists) in kinds.items():
        looked = f"{64 * MIRACL / lists + lists if lists > 1 else MIRACL:,.0f}" if lists else ""
        passes = math.ceil(MIRACL_QUERIES / 1024)
        read = passes * MIRACL * width / 8 / machine.memory
        work = 2.0 * MIRACL_QUERIES * MIRACL * DIMENSION / 8 / machine.flops
        whole = MIRACL * width / 1e9
        rows.append(
            [name, f"{whole:,.0f}", f"{whole / 8:,.1f}", looked, f"{max(work, read):.1f}" if lists == 1 else ""]
        )
    return table(["index", "GB", "an eighth, GB", "vectors a query is compared with", "8 GPUs, all queries: s"], rows)


def shards_merged() -> str:
    """Recall of the best 100 of 20,000 drawn vectors where each of several shards gives its own best so many."""
    import faiss

    faiss.omp_set_num_threads(1)
    corpus, queries = drawn(20_000, 0), drawn(200, 1)
    exact = best(corpus, queries, 100)[1]
    rows = []
    for shards in (8, 64):
        parts = np.array_split(np.arange(len(corpus)), shards)
        for each in (10, 25, 100):
            found = merged([(part, best(corpus[part], queries, each)) for part in parts])
            rows.append([shards, each, f"{recall(found, exact):.3f}"])
    return table(["shards", "asked of each", "of the best 100 found"], rows)


def drawn(count: int, seed: int) -> NDArray[np.float32]:
    """Unit vectors around 500 centres, the same ones for every seed."""
    centres = np.random.default_rng(7).normal(size=(500, 64))
    rng = np.random.default_rng(seed)
    vectors = centres[rng.integers(0, 500, count)] + rng.normal(size=(count, 64))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def best(corpus: NDArray[np.float32], queries: NDArray[np.float32], k: int) -> Any:
    """Scores and rows of each query's best."""
    import faiss

    return faiss.knn(queries, corpus, k, metric=faiss.METRIC_INNER_PRODUCT)


def merged(found: list[Any]) -> NDArray[np.int64]:
    """The best 100 of several shards' best 100."""
    scores = np.concatenate([scores for _, (scores, _) in found], axis=1)
    rows = np.concatenate([part[rows] for part, (_, rows) in found], axis=1)
    return np.take_along_axis(rows, np.argsort(-scores, axis=1)[:, :100], axis=1)


def recall(found: NDArray[np.int64], exact: NDArray[np.int64]) -> float:
    """The share of the exact best that was found."""
    return float(np.mean([len(np.intersect1d(a, b)) / len(b) for a, b in zip(found, exact, strict=True)]))


def megabytes(*sizes: float) -> list[str]:
    """As text."""
    return [f"{size / 1e6:,.1f}" for size in sizes]


if __name__ == "__main__":
    main()
