"""MLQA-R: MLQA's dev questions in 7 languages, each asked in 2 to 4 of them (LAReQA, arXiv 2004.05484)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from src.evaluation.benchmark import Benchmark
from src.evaluation.benchmarks.lareqa import load_lareqa

PUBLISHED = {  # language -> queries, candidates
    "ar": (517, 2545),
    "de": (512, 2362),
    "en": (1148, 6264),
    "es": (500, 1787),
    "hi": (507, 2426),
    "vi": (511, 2828),
    "zh": (504, 2322),
}


def load(folder: str | Path, **options: Any) -> Benchmark:
    """The benchmark in a folder of `{language}.json` files; the options are `load_lareqa`'s."""
    return load_lareqa("mlqa_r", folder, PUBLISHED, **options)
