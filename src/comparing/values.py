"""What runs found of one measure of one benchmark: a figure a run, or a figure a language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from src.comparing.comparability import NOT_METRICS
from src.comparing.comparison import BETTER, BIAS
from src.comparing.paired_concepts import Measure
from src.comparing.runs import Run
from src.reporting.folder import plain
from src.reporting.tables import bias_measures


def measures_of(summary: Mapping[str, Any]) -> list[Measure]:
    """(setting, metric) in the order of the summary, bias last."""
    metrics = [(setting, name) for setting, values in summary["settings"].items() for name in values]
    kept = [(setting, name) for setting, name in metrics if name not in NOT_METRICS]
    return kept + [(BIAS, measure) for measure in bias_measures(summary["bias"])]


def better(setting: str, metric: str) -> int | None:
    """1 where more of a measure is better, -1 where less is, None where it is neither."""
    return BETTER.get(metric.partition("@")[0]) if setting == BIAS else 1


def values_of(runs: Sequence[Run], benchmark: str, measure: Measure) -> list[float]:
    """One value a run, NaN where it has none."""
    setting, metric = measure
    values = []
    for run in runs:
        summary = run.metrics[benchmark]
        group = summary["bias"] if setting == BIAS else summary["settings"].get(setting, {})
        value = plain(group.get(metric))
        values.append(float("nan") if value is None else float(value))
    return values


def wins_of(
    runs: Sequence[Run], others: Sequence[Run], benchmark: str, measure: Measure
) -> tuple[int | None, int | None]:
    """Languages in which the runs are better than the others, and languages that both have."""
    mine, theirs = _by_language(runs, benchmark, *measure), _by_language(others, benchmark, *measure)
    common = mine.keys() & theirs.keys()
    sign = better(*measure)
    if not common or sign is None:
        return None, None
    return sum(sign * (mine[language] - theirs[language]) > 0 for language in common), len(common)


def _by_language(runs: Sequence[Run], benchmark: str, setting: str, metric: str) -> dict[str, float]:
    """Mean over runs by query language, for the languages that have a value in every run."""
    tables = [run.metrics[benchmark]["by_language"] for run in runs]
    if setting == BIAS:
        values = [table.get(metric, {}) for table in tables]
    else:
        values = [{code: each.get(metric) for code, each in table.get(setting, {}).items()} for table in tables]
    held = [code for code in values[0] if all(value.get(code) is not None for value in values)]
    return {code: float(np.mean([value[code] for value in values])) for code in held}
