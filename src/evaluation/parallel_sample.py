"""A small sample of parallel candidates' embeddings, so that how languages lie to each other can be drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from src.evaluation.benchmark import Benchmark
from src.retrieval.embeddings import Embeddings

CONCEPTS = 100  # at most


@dataclass(frozen=True, eq=False)
class ParallelSample:
    """One answer in each language to some questions, as columns of equal length."""

    embeddings: NDArray[np.float16]  # [texts, dimension]
    ids: list[str]
    concept: NDArray[np.int32]
    language: NDArray[np.int16]  # index into `languages`
    languages: tuple[str, ...]


def parallel_sample(benchmark: Benchmark, candidates: Embeddings) -> ParallelSample | None:
    """The same for all encoders; None where no question has answers in two languages.

    Concepts that are answered in the most languages come first, drawn once; of each language the first answer.
    """
    relevant = benchmark.judgements.relevant
    languages = len(benchmark.languages)
    cell = benchmark.concept[relevant.query] * np.int64(languages) + benchmark.candidates.language[relevant.candidate]
    order = np.lexsort((relevant.candidate, cell))
    cells, first = np.unique(cell[order], return_index=True)
    concepts, counts = np.unique(cells // languages, return_counts=True)
    drawn = np.random.Generator(np.random.Philox(0)).permutation(len(concepts))
    kept = drawn[np.argsort(-counts[drawn], kind="stable")][:CONCEPTS]
    kept = concepts[kept[counts[kept] > 1]]
    if not len(kept):
        return None
    chosen = np.isin(cells // languages, kept)
    rows = relevant.candidate[order][first][chosen]
    return ParallelSample(
        candidates.take(rows).astype(np.float16),
        [str(benchmark.candidates.ids[row]) for row in rows.tolist()],
        (cells[chosen] // languages).astype(np.int32),
        (cells[chosen] % languages).astype(np.int16),
        benchmark.languages,
    )
