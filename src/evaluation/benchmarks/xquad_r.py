"""XQuAD-R: 1,190 questions and their answer sentences, parallel in 11 languages (LAReQA, arXiv 2004.05484)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from src.evaluation.benchmark import Benchmark
from src.evaluation.benchmarks.lareqa import load_lareqa

PUBLISHED = {  # language -> queries, candidates
    "ar": (1190, 1222),
    "de": (1190, 1276),
    "el": (1190, 1234),
    "en": (1190, 1180),
    "es": (1190, 1215),
    "hi": (1190, 1244),
    "ru": (1190, 1219),
    "th": (1190, 852),
    "tr": (1190, 1167),
    "vi": (1190, 1209),
    "zh": (1190, 1196),
}


def load(folder: str | Path, **options: Any) -> Benchmark:
    """The benchmark in a folder of `{language}.json` files; the options are `load_lareqa`'s."""
    return load_lareqa("xquad_r", folder, PUBLISHED, **options)
