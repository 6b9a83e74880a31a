"""Our runs beside published figures: only where model, strategy, benchmark, metric and languages are the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from src.comparing.comparison import Spread, spread_of
from src.comparing.grouping import RunGroup
from src.comparing.runs import Run
from src.publishing.apart import Apart, apart, said_by
from src.publishing.papers import MEAN, Measured, Paper, papers

if TYPE_CHECKING:
    from src.comparing.comparing import Comparison

EXACT = "Flat"  # of FAISS's indices
ALONE = {"monolingual"}  # settings in which a language's figure does not depend on which others there are


@dataclass(frozen=True)
class Beside:
    """One figure of ours and its published one."""

    source: str
    group: str
    of: Measured
    language: str  # MEAN or the question's
    ours: Spread
    published: float
    apart: tuple[Apart, ...]

    @property
    def difference(self) -> float:
        """Ours minus theirs."""
        return self.ours.mean - self.published


@dataclass(frozen=True, eq=False)
class SideBySide:
    """All pairs of figures, and why others have no partner."""

    rows: list[Beside] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def side_by_side(comparison: Comparison, sources: Sequence[Paper] | None = None) -> SideBySide:
    """The runs of a comparison beside every published figure that is of the same."""
    found = SideBySide()
    for paper in papers() if sources is None else sources:
        partners = [_partners(group, paper) for group in comparison.groups]
        found.rows.extend(row for rows, _ in partners for row in rows)
        without = list(dict.fromkeys(reason for _, reasons in partners for reason in reasons))
        if without:
            found.notes.append(f"{paper.source} has no figures of {'; of '.join(without)}.")
        if any(rows for rows, _ in partners):
            found.notes.append(f"{paper.source}: {paper.authors}. {paper.reading}")
    return found


def _partners(group: RunGroup, paper: Paper) -> tuple[list[Beside], list[str]]:
    """One group's rows, and of what there are none."""
    model, sampler = said_by(group.runs, "model.name"), said_by(group.runs, "sampler")
    for column, ours in (("model", model), ("sampler", sampler)):
        if ours not in paper.values(column):
            return [], [f"{column}={ours} (only {', '.join(paper.values(column))})"]
    rows: list[Beside] = []
    reasons = []
    for benchmark in dict.fromkeys(name for run in group.runs for name in run.metrics):
        runs = [run for run in group.runs if benchmark in run.metrics]
        name = benchmark.removesuffix("[paper]")  # what a benchmark is called here in a paper's languages only
        reason = _another(runs, benchmark, name, paper)
        reasons += [reason] if reason else []
        figures = paper.figures.items() if reason is None else ()
        for of, published in figures:
            if of[:3] == (model, sampler, name):
                rows += _rows(group.label, runs, benchmark, of, published, paper)
    return rows, reasons


def _another(runs: Sequence[Run], benchmark: str, name: str, paper: Paper) -> str | None:
    """Why a benchmark of ours is not the paper's, or None."""
    if name not in paper.values("benchmark"):
        return f"{benchmark} (only {', '.join(paper.values('benchmark'))})"
    indices = {(run.metrics[benchmark].get("search") or {}).get("factory", EXACT) for run in runs} - {EXACT}
    if indices:
        return f"{benchmark} by an approximate search ({', '.join(sorted(indices))})"
    ours, theirs = set(runs[0].metrics[benchmark]["languages"]), paper.languages(name)  # a comparison has no others
    pooled = {of.setting for of in paper.figures if of.benchmark == name} - ALONE
    if ours == theirs or (ours > theirs and not pooled):
        return None
    return f"{benchmark} in {len(ours)} languages (only in {len(theirs)}: {' '.join(sorted(theirs))})"


def _rows(
    group: str, runs: Sequence[Run], benchmark: str, of: Measured, published: Mapping[str, float], paper: Paper
) -> Iterator[Beside]:
    whole = set(runs[0].metrics[benchmark]["languages"]) == paper.languages(of.benchmark)
    differing = tuple(apart(runs, paper, of.sampler))
    for language, value in published.items():
        ours = [_ours(run.metrics[benchmark], of, language) for run in runs]
        if np.isfinite(ours).all() and (language != MEAN or whole):
            yield Beside(paper.source, group, of, language, spread_of(ours), value, differing)


def _ours(summary: Mapping[str, Any], of: Measured, language: str) -> float:
    """Our figure; NaN where there is none."""
    bias = of.metric in summary["bias"]
    if language == MEAN:
        measures = summary["bias"] if bias else summary["settings"].get(of.setting, {})
        value = measures.get(of.metric)
    elif bias:
        value = summary["by_language"].get(of.metric, {}).get(language)
    else:
        value = summary["by_language"].get(of.setting, {}).get(language, {}).get(of.metric)
    return float("nan") if value is None else float(value)
