"""The sample of parallel candidates' embeddings in a run's folder: `parallel_sample.npz`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from src.evaluation.parallel_sample import ParallelSample
from src.reporting.folder import replacing

SAMPLE = "parallel_sample"


def write_sample(folder: Path, benchmark: str, sample: ParallelSample) -> Path:
    """One file a benchmark; the same embeddings give the same bytes."""
    path = _path(folder, benchmark)
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(
            file,
            embeddings=sample.embeddings,
            ids=np.array(sample.ids),
            concept=sample.concept,
            language=sample.language,
            languages=np.array(sample.languages),
        )
    return path


def read_sample(folder: Path, benchmark: str) -> ParallelSample | None:
    """A benchmark's sample; None where the run left none."""
    path = _path(folder, benchmark)
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as held:
        return ParallelSample(
            held["embeddings"],
            held["ids"].tolist(),
            held["concept"],
            held["language"],
            tuple(held["languages"].tolist()),
        )


def _path(folder: Path, benchmark: str) -> Path:
    return folder / f"{SAMPLE}-{benchmark}.npz"
