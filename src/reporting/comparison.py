"""Groups of runs compared on one benchmark: mean and spread over seeds, and each group against a baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from src.evaluation.statistics import Estimate
from src.reporting.comparability import NOT_METRICS
from src.reporting.folder import plain
from src.reporting.grouping import RunGroup
from src.reporting.interval import Bootstrap
from src.reporting.paired import compared_runs, difference, mean_per_query, paired_seeds
from src.reporting.runs import Run
from src.reporting.tables import bias_measures

BIAS = "bias"  # the setting under which the measures of language bias stand
BIAS_SETTING = "multilingual"  # where they are measured
BETTER = {"rank_distance": -1, "recall_gap": -1, "MRC": 1, "PEER": 1}  # is less (-1) or more (1) of a measure better


@dataclass(frozen=True)
class Spread:
    """A figure over the runs of one group."""

    runs: int
    mean: float
    std: float | None  # None for one run: no spread is invented
    minimum: float
    maximum: float


@dataclass(frozen=True)
class Against:
    """A group's figure minus the baseline's, over the runs that were compared."""

    baseline: str
    difference: float
    low: float | None  # interval over concepts; None where a run left no per-query results
    high: float | None
    paired_seeds: int  # 0: no seed in common, all runs were compared
    wins: int | None  # languages in which the group is better; None for a measure without better and worse
    languages: int | None


@dataclass(frozen=True)
class Row:
    """One group, setting and metric of one benchmark."""

    benchmark: str
    group: str
    setting: str
    metric: str
    spread: Spread
    against: Against | None


def compare_groups(
    groups: Sequence[RunGroup], baseline: RunGroup | None, benchmark: str, bootstrap: Bootstrap
) -> list[Row]:
    """Rows of all groups in their order; without a baseline only the spreads."""
    measures = _measures(groups[0].runs[0].metrics[benchmark])
    rows = []
    for group in groups:
        versus = _Versus(group, baseline, benchmark, bootstrap) if baseline not in (None, group) else None
        for setting, metric in measures:
            values = _values(group.runs, benchmark, setting, metric)
            if np.isfinite(values).all():
                against = versus.of(setting, metric) if versus else None
                rows.append(Row(benchmark, group.label, setting, metric, spread_of(values), against))
    return rows


class _Versus:
    """One group against the baseline: what is read once for all of its metrics."""

    def __init__(self, group: RunGroup, baseline: RunGroup | None, benchmark: str, bootstrap: Bootstrap) -> None:
        assert baseline is not None
        self.baseline, self.benchmark, self.bootstrap = baseline.label, benchmark, bootstrap
        self.runs, self.others = compared_runs(group, baseline)
        self.paired = len(paired_seeds(group, baseline))
        mine, theirs = mean_per_query(self.runs, benchmark), mean_per_query(self.others, benchmark)
        self.deltas = difference(mine, theirs, (self.runs[0], self.others[0])) if mine and theirs else None

    def of(self, setting: str, metric: str) -> Against:
        means = [np.mean(_values(runs, self.benchmark, setting, metric)) for runs in (self.runs, self.others)]
        drawn = self._estimate(setting, metric)
        wins, languages = self._wins(setting, metric)
        low, high = (drawn.low, drawn.high) if drawn else (None, None)
        return Against(self.baseline, float(means[0] - means[1]), low, high, self.paired, wins, languages)

    def _estimate(self, setting: str, metric: str) -> Estimate | None:
        where = BIAS_SETTING if setting == BIAS else setting
        held = self.deltas is not None and metric in self.deltas.values  # a gap between languages is of no query
        return self.bootstrap.estimate(self.deltas, where, metric) if self.deltas and held else None

    def _wins(self, setting: str, metric: str) -> tuple[int | None, int | None]:
        mine, theirs = (_by_language(runs, self.benchmark, setting, metric) for runs in (self.runs, self.others))
        common = mine.keys() & theirs.keys()
        sign = BETTER.get(metric.partition("@")[0]) if setting == BIAS else 1
        if not common or sign is None:
            return None, None
        return sum(sign * (mine[language] - theirs[language]) > 0 for language in common), len(common)


def _measures(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(setting, metric) in the order of the summary, bias last."""
    metrics = [(setting, name) for setting, values in summary["settings"].items() for name in values]
    kept = [(setting, name) for setting, name in metrics if name not in NOT_METRICS]
    return kept + [(BIAS, measure) for measure in bias_measures(summary["bias"])]


def _values(runs: Sequence[Run], benchmark: str, setting: str, metric: str) -> list[float]:
    """One value a run, NaN where it has none."""
    values = []
    for run in runs:
        summary = run.metrics[benchmark]
        group = summary["bias"] if setting == BIAS else summary["settings"].get(setting, {})
        value = plain(group.get(metric))
        values.append(float("nan") if value is None else float(value))
    return values


def _by_language(runs: Sequence[Run], benchmark: str, setting: str, metric: str) -> dict[str, float]:
    """Mean over runs by query language, for the languages that have a value in every run."""
    tables = [run.metrics[benchmark]["by_language"] for run in runs]
    if setting == BIAS:
        values = [table.get(metric, {}) for table in tables]
    else:
        values = [{code: each.get(metric) for code, each in table.get(setting, {}).items()} for table in tables]
    held = [code for code in values[0] if all(value.get(code) is not None for value in values)]
    return {code: float(np.mean([value[code] for value in values])) for code in held}


def spread_of(values: Sequence[float]) -> Spread:
    """Mean, standard deviation and range of one value a run."""
    std = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return Spread(len(values), float(np.mean(values)), std, min(values), max(values))
