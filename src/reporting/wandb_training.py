"""What a training run's summary says of the training itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from src.reporting.curves import read_curves

COUNTS = ("steps", "pairs_seen", "real_tokens", "computed_tokens", "negatives_per_query")  # of the record
SPEEDS = ("pairs_per_second", "tokens_per_second")
FIGURES = (*COUNTS, *SPEEDS)


def training_figures(section: Mapping[str, Any], folder: Path) -> dict[str, float]:
    """Counts of the record's `training`, and the speed until the last validation; tokens by the run's mean a pair."""
    counts = {name: section[name] for name in COUNTS if name in section}
    steps, seconds = _clock(folder)
    if not seconds or not counts.get("steps"):
        return counts
    through = steps / counts["steps"] / seconds  # the share of the run done a second
    return {
        **counts,
        "pairs_per_second": counts["pairs_seen"] * through,
        "tokens_per_second": counts["real_tokens"] * through,
    }


def pair_table(section: Mapping[str, Any], languages: Sequence[str]) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows of the table of language pairs that were trained on."""
    pairs = section.get("realised_language_pairs", {})
    named = named_pairs(languages)
    return ["query_language", "passage_language", "pairs"], [[*named[pair], count] for pair, count in pairs.items()]


def named_pairs(languages: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The two languages behind a name such as `zh-Hant-de`: a code may hold the dash that joins them."""
    return {f"{one}-{other}": (one, other) for one, other in product(languages, languages)}


def _clock(folder: Path) -> tuple[float, float]:
    """Steps and seconds of training at the last validation that was timed; zeros where none was."""
    curve = read_curves(folder).get("val/loss")
    if curve is None or not np.isfinite(curve.seconds).any():
        return 0.0, 0.0
    last = np.flatnonzero(np.isfinite(curve.seconds))[-1]
    return float(curve.steps[last]), float(curve.seconds[last])
