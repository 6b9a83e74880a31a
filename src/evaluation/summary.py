"""A benchmark's results in plain values, as metrics.json holds them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from src.evaluation import bias
from src.evaluation.benchmark import Benchmark
from src.evaluation.language_bias import LanguageBias
from src.evaluation.settings import Views, languages_summary, pairs_summary, settings_summary


def summarize(
    benchmark: Benchmark, views: Views, biased: LanguageBias | None, search: dict[str, Any]
) -> dict[str, Any]:
    """What was scored and how, and the means."""
    of_queries = biased.of_queries if biased else {}
    by_language = {name: bias.language_means(benchmark, values) for name, values in of_queries.items()}
    return {
        "name": benchmark.name,
        "languages": list(benchmark.languages),
        "fingerprint": benchmark.fingerprint,
        "template": benchmark.template,
        "candidates": len(benchmark.candidates),
        "queries": len(benchmark.queries),
        "search": search,
        "settings": settings_summary(views),
        "bias": _bias_summary(benchmark, by_language, biased) if biased else {},
        "bias_unmeasured": biased.unmeasured if biased else {},
        "by_language": {**languages_summary(views), **by_language, **(biased.by_answer if biased else {})},
        "pairs": pairs_summary(views),
        **({f"shares@{bias.TOP}": _matrix(biased.shares)} if biased else {}),
    }


def _bias_summary(
    benchmark: Benchmark, by_language: dict[str, dict[str, float]], biased: LanguageBias
) -> dict[str, float]:
    """Means over query languages of their queries' means, and what is not such a mean."""
    summary = {name: float(np.mean(list(means.values()))) for name, means in by_language.items() if means}
    if "rank_distance" in summary:
        summary["rank_distance_share"] = summary["rank_distance"] / (len(benchmark.candidates) - 1)
    unbiased = bias.language_means(benchmark, bias.unbiased_share(benchmark))
    summary[f"same_language@{bias.TOP}_unbiased"] = float(np.mean(list(unbiased.values())))
    return summary | {name: value for name, value in biased.whole.items() if np.isfinite(value)}


def _matrix(values: NDArray[np.float64]) -> list[list[float | None]]:
    """Rows of plain values, null where there is none."""
    return [[None if np.isnan(value) else value for value in row] for row in values.tolist()]
