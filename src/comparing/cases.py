"""What is compared on each benchmark: the groups scored on it, the baseline among them and the metric that leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from src.comparing.comparability import other_searches, refuse_mixed
from src.comparing.comparison import BIAS
from src.comparing.grouping import RunGroup, choose_baseline
from src.comparing.runs import Run
from src.comparing.values import measures_of
from src.errors import InputError


@dataclass(frozen=True, eq=False)
class Case:
    """One benchmark."""

    benchmark: str
    groups: list[RunGroup]  # with the runs that were scored on it; the baseline first
    baseline: RunGroup | None
    metric: str
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def cases_of(every: Sequence[RunGroup], baseline: str | None, metric: str | None) -> list[Case]:
    """One case a benchmark; InputError where runs of one cannot stand in one table."""
    names = dict.fromkeys(name for group in every for run in group.runs for name in run.metrics)
    return [_case(name, every, baseline, metric) for name in names]


def _case(benchmark: str, every: Sequence[RunGroup], baseline: str | None, metric: str | None) -> Case:
    groups = _scored_on(benchmark, every)
    scored = [run for group in groups for run in group.runs]
    refuse_mixed(scored, benchmark)
    against = _baseline(groups, every, baseline)
    runs = sum(len(group.runs) for group in every)
    return Case(
        benchmark,
        sorted(groups, key=lambda group: group is not against),
        against,
        _lead(metric, scored[0], benchmark),
        [f"{len(scored)} of {runs} runs were scored on {benchmark}."] if len(scored) < runs else [],
        other_searches(groups, benchmark),
    )


def _scored_on(benchmark: str, groups: Sequence[RunGroup]) -> list[RunGroup]:
    """The groups' runs that have this benchmark; groups without any are gone."""
    having = [replace(group, runs=tuple(run for run in group.runs if benchmark in run.metrics)) for group in groups]
    return [group for group in having if group.runs]


def _baseline(groups: Sequence[RunGroup], every: Sequence[RunGroup], asked: str | None) -> RunGroup | None:
    """The baseline among the groups of one benchmark: the one that is asked for may be scored on others only."""
    if asked is None or any(asked in group.label for group in groups):
        return choose_baseline(groups, asked)
    choose_baseline([group for group in every if asked in group.label][:1] or every, asked)  # a name that none has
    return None


def _lead(asked: str | None, run: Run, benchmark: str) -> str:
    """The metric that the tables show; InputError where the benchmark has no such metric."""
    known = list(dict.fromkeys(metric for setting, metric in measures_of(run.metrics[benchmark]) if setting != BIAS))
    if asked is not None and asked not in known:
        raise InputError(f"No metric {asked!r} in {benchmark}.", where="metric", fix=f"one of {', '.join(known)}")
    return asked or known[0]
