"""The line on overlap in each training run's record."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from src.data.training_data import TrainingData
from src.evaluation.benchmark import Benchmark
from src.evaluation.suite import Suite
from src.zero_shot.audit import overlap_section
from src.zero_shot.counts import LIMITED, check_overlap

logger = logging.getLogger(__name__)

MOST = 2_000_000  # training passages in all languages, a minute or two: more are compared only if a limit is set


def overlap_of_run(
    data: TrainingData, benchmark: Benchmark | Suite, cache_dir: Path, max_overlap: float | None
) -> dict[str, Any]:
    """Exact copies of what is scored in what is trained on; InputError where that is more than `max_overlap`."""
    passages = len(data.passages) * len(data.passages.languages)
    if passages > MOST and max_overlap is None:
        why = f"{passages:,} training passages take long to compare: set max_overlap, or run python -m src.audit"
        logger.info("whether the benchmark is in the training data was not measured: %s", why)
        return {"measure": None, "why": why}
    section = overlap_section(data, benchmark, cache_dir)
    for name, found in section["benchmarks"].items():
        for part in LIMITED:
            held = found["parts"][part]["all"]
            if held["exact"]:
                told = f"{held['exact']:,} of {held['texts']:,} {part} of {name} are in the training data"
                logger.warning("not zero-shot: %s", told)
    check_overlap(section, max_overlap)
    return section
