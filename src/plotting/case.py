"""What is drawn of one benchmark: the groups that were scored on it, and their figures run by run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from src.comparing.grouping import RunGroup
from src.plotting.style import Look
from src.reporting.folder import plain
from src.reporting.tables import SETTINGS, bias_measures, counted

if TYPE_CHECKING:
    from src.comparing.comparing import Comparison


@dataclass(frozen=True, eq=False)
class Case:
    """One benchmark of a comparison."""

    benchmark: str
    metric: str  # that its tables lead with
    groups: tuple[RunGroup, ...]  # scored on it, in the order of the tables
    looks: Mapping[str, Look]
    baseline: str | None
    confidence: float
    suffix: str  # of its files' names, where there are several benchmarks

    @property
    def summary(self) -> Mapping[str, Any]:
        """That of the first run: what was scored is the same in all."""
        return self.groups[0].runs[0].metrics[self.benchmark]

    @property
    def languages(self) -> list[str]:
        """Codes, in the benchmark's order."""
        return list(self.summary["languages"])

    @property
    def settings(self) -> list[str]:
        """The settings that are measured, with the tables' metric."""
        return [setting for setting in SETTINGS if self.metric in self.summary["settings"].get(setting, {})]

    def summaries(self, group: RunGroup) -> list[Mapping[str, Any]]:
        """Of each run of a group."""
        return [run.metrics[self.benchmark] for run in group.runs]

    def values(self, group: RunGroup, setting: str) -> list[float]:
        """The tables' metric, one value a run."""
        return [each["settings"].get(setting, {}).get(self.metric) for each in self.summaries(group)]

    def bias_measure(self) -> str | None:
        """The first measure of language bias that every run has."""
        every = [summary for group in self.groups for summary in self.summaries(group)]
        for name in bias_measures(self.summary["bias"]):
            if all(plain(each["bias"].get(name)) is not None for each in every):
                return name
        return None

    def bias(self, group: RunGroup, measure: str) -> list[float]:
        """A measure of language bias, one value a run."""
        return [float(each["bias"][measure]) for each in self.summaries(group)]

    def pairs(self, group: RunGroup) -> NDArray[np.float64] | None:
        """The metric by query and candidate language, mean over runs; NaN where it was not measured, or None."""
        codes = self.languages
        tables = [each["pairs"] for each in self.summaries(group)]
        found = [
            [[plain(table.get(f"{query}-{code}", {}).get(self.metric)) for code in codes] for query in codes]
            for table in tables
        ]
        mean = np.array(found, dtype=np.float64).mean(axis=0)
        return mean if np.isfinite(mean).any() else None

    def chosen(self, most: int, groups: Sequence[RunGroup] | None = None) -> tuple[list[RunGroup], list[str]]:
        """At most so many groups, the baseline and the best, in the tables' order; and the labels of the others."""
        asked = list(self.groups if groups is None else groups)
        best = sorted(asked, key=lambda group: (group.label != self.baseline, -self._score(group)))[:most]
        kept = {group.label for group in best}
        return [group for group in asked if group.label in kept], [g.label for g in asked if g.label not in kept]

    def sizes(self) -> str:
        """How much was scored."""
        summary = self.summary
        return (
            f"{self.benchmark}: {counted(len(self.languages), 'language')}, {summary['queries']:,} queries, "
            f"{summary['candidates']:,} candidates"
        )

    def _score(self, group: RunGroup) -> float:
        values = [value for setting in self.settings for value in self.values(group, setting) if value is not None]
        return float(np.mean(values)) if values else float("-inf")


def cases(comparison: Comparison, looks: Mapping[str, Look]) -> list[Case]:
    """One for each benchmark of the comparison."""
    several = len(comparison.metrics) > 1
    return [
        Case(
            benchmark,
            metric,
            tuple(_scored(comparison.groups, benchmark)),
            looks,
            comparison.baselines.get(benchmark),
            comparison.confidence,
            f"-{benchmark.replace('/', '-')}" if several else "",
        )
        for benchmark, metric in comparison.metrics.items()
    ]


def _scored(groups: Sequence[RunGroup], benchmark: str) -> list[RunGroup]:
    having = [replace(group, runs=tuple(run for run in group.runs if benchmark in run.metrics)) for group in groups]
    return [group for group in having if group.runs]


def seeds_of(groups: Sequence[RunGroup]) -> str:
    """How many runs stand behind each group, such as "3 seeds each" or "1 to 3 seeds"."""
    counts = sorted({len(group.runs) for group in groups})
    if len(counts) > 1:
        return f"{counts[0]} to {counts[-1]} seeds"
    return f"{counted(counts[0], 'seed')}{' each' if len(groups) > 1 else ''}"


def left_out(what: str, shown: int, labels: Sequence[str]) -> list[str]:
    """A note on groups that a figure has no room for."""
    if not labels:
        return []
    return [f"{what}: {shown} of {shown + len(labels)} groups, the baseline and the best; not {'; '.join(labels)}."]
