"""Sections of a run's record, each from the object that it describes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from src.data.row_digest import as_text, digest

if TYPE_CHECKING:
    from torch import nn

    from src.data.datamodule import Strategy
    from src.data.pair_index import PairIndex
    from src.data.training_data import TrainingData
    from src.evaluation.benchmark import Benchmark


def data_section(data: TrainingData) -> dict[str, Any]:
    """Sources with their hashes, fingerprint, and concepts per split and language."""
    splits = {"train": data.train, "validation": data.validation, "test": data.test}
    return {
        "name": data.name,
        "fingerprint": data.fingerprint,
        "sources": dict(data.sources),
        "languages": list(data.train.languages),
        "concepts": {name: _concepts(index) for name, index in splits.items() if index is not None},
    }


def _concepts(index: PairIndex) -> dict[str, Any]:
    """Concepts in all, per dataset, and per language: those with both question and passage in it."""
    both = index.question_languages & index.passage_languages
    datasets = np.bincount(index.dataset, minlength=len(index.datasets))
    bits = [both.dtype.type(1 << bit) for bit in range(len(index.languages))]
    return {
        "all": len(index),
        "by_dataset": dict(zip(index.datasets, datasets.tolist(), strict=True)),
        "by_language": {
            code: int(np.count_nonzero(both & bit)) for code, bit in zip(index.languages, bits, strict=True)
        },
    }


def plan_section(strategy: Strategy, steps: int, index: PairIndex) -> dict[str, Any]:
    """What the strategy drew in all steps, by replaying its plan: microseconds a row, nothing beside the training."""
    languages = len(index.languages)
    batches = [strategy.plan(step) for step in range(steps)]
    digests = [digest(batch, step) for step, batch in enumerate(batches)]
    rows = np.concatenate(batches or [np.empty((0, 3), np.int32)])
    pair = rows[:, 1].astype(np.int64) * languages + rows[:, 2]
    counts = np.bincount(pair, minlength=languages**2).reshape(languages, languages)
    return {
        "strategy": strategy.describe(),
        "planned_language_pairs": pair_counts(counts, index.languages),
        "pairs": len(rows),
        "distinct_pairs": len(np.unique(rows[:, 0] * np.int64(languages**2) + pair)),
        "distinct_concepts": len(np.unique(rows[:, 0])),
        "digest": as_text(np.sum(digests, axis=0, dtype=np.uint64)) if digests else None,
    }


def model_section(name: str, model: nn.Module, dimension: int, cut_to: Sequence[int] = ()) -> dict[str, Any]:
    """Name, parameters in all and trainable, the embedding's width, and the sizes it is trained to be cut to."""
    sizes = [(parameter.numel(), parameter.requires_grad) for parameter in model.parameters()]
    return {
        "name": name,
        "parameters": sum(size for size, _ in sizes),
        "trainable": sum(size for size, trainable in sizes if trainable),
        "dimension": dimension,
        **({"matryoshka_dimensions": list(cut_to)} if cut_to else {}),
    }


def benchmark_section(benchmark: Benchmark) -> dict[str, Any]:
    """What was scored: fingerprint, files with their hashes, and sizes."""
    return {
        "fingerprint": benchmark.fingerprint,
        "sources": dict(benchmark.sources),
        "template": benchmark.template,
        "queries": len(benchmark.queries),
        "candidates": len(benchmark.candidates),
    }


def pair_counts(counts: NDArray[np.integer] | Sequence[Sequence[int]], languages: Sequence[str]) -> dict[str, int]:
    """Rows by language pair from a [query language, passage language] matrix; pairs that never occur are left out."""
    matrix = np.asarray(counts)
    return {f"{languages[q]}-{languages[p]}": int(matrix[q, p]) for q, p in np.argwhere(matrix).tolist()}


def training_section(steps: int, totals: Mapping[str, Any], languages: Sequence[str]) -> dict[str, Any]:
    """Optimizer steps, and what the batches really held (see `training.telemetry`)."""
    counted = {key: value for key, value in totals.items() if key != "language_pairs"}
    return {"steps": steps, **counted, "realised_language_pairs": pair_counts(totals["language_pairs"], languages)}
