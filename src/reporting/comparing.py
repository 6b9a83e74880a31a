"""What `python -m src.compare` does: find runs, group them, compare them, tell it in three forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from src.errors import InputError
from src.reporting.comparability import cautions, refuse_mixed
from src.reporting.comparison import BIAS, Row
from src.reporting.comparison_groups import compare_groups
from src.reporting.comparison_tables import Grid, grids, write_csv, write_markdown
from src.reporting.comparison_values import measures_of
from src.reporting.folder import PER_QUERY
from src.reporting.grouping import Grouping, RunGroup, choose_baseline, group_runs
from src.reporting.interval import Bootstrap
from src.reporting.learning import Learning, compare_learning
from src.reporting.runs import Run, Skipped, find_runs
from src.reporting.target_tables import write_attempts
from src.reporting.verdicts import Verdict, verdicts


@dataclass(frozen=True, eq=False)
class Comparison:
    """All that a comparison found."""

    rows: list[Row]
    best: list[Row]  # the best group of each setting of the leading metric, and of bias, against every other
    tables: list[Grid]
    notes: list[str]
    learning: Learning
    groups: list[RunGroup]  # in the order of the tables
    baselines: dict[str, str]  # benchmark -> label of its baseline, where it has one
    verdicts: list[Verdict]
    metrics: dict[str, str]  # benchmark -> the metric that its tables lead with
    confidence: float

    def write(self, folder: Path) -> list[Path]:
        """`comparison.csv`, `comparison.md` and, where there is a target, `to_target.csv`."""
        files = [
            write_csv(folder / "comparison.csv", self.rows),
            write_markdown(folder / "comparison.md", self.tables, self.notes),
        ]
        target = self.learning.target
        return files + (
            [write_attempts(folder / "to_target.csv", self.learning.attempts, target)] if target is not None else []
        )


def compare_runs(
    folders: Sequence[Path],
    bootstrap: Bootstrap,
    *,
    baseline: str | None = None,
    metric: str | None = None,
    ignore: Sequence[str] = (),
    target: str | None = None,
    dimension: int | None = None,
) -> Comparison:
    """Compare all finished runs below the folders, benchmark by benchmark: whole embeddings, or cut to `dimension`."""
    runs, skipped = find_runs(folders, dimension=dimension)
    grouping = group_runs(runs, ignore)
    rows: list[Row] = []
    best: list[Row] = []
    tables: list[Grid] = []
    said: list[Verdict] = []
    baselines: dict[str, str] = {}
    metrics: dict[str, str] = {}
    usually = grouping.labels.usually
    notes = [f"Unless a group's name says otherwise: {usually}."] if usually else []
    notes += cautions(grouping.groups) + _other_sizes(runs, dimension)
    for benchmark in dict.fromkeys(name for run in runs for name in run.metrics):
        groups = _scored_on(benchmark, grouping.groups)
        scored = [run for group in groups for run in group.runs]
        refuse_mixed(scored, benchmark)
        every = sum(len(group.runs) for group in grouping.groups)
        if len(scored) < every:
            notes.append(f"{len(scored)} of {every} runs were scored on {benchmark}.")
        against = _baseline(groups, grouping.groups, baseline)
        groups.sort(key=lambda group: group is not against)
        metrics[benchmark] = _lead(metric, groups[0].runs[0], benchmark)
        found = compare_groups(groups, against, benchmark, metrics[benchmark], bootstrap)
        baselines |= {benchmark: against.label} if against else {}
        rows += found.rows
        best += found.best
        said += verdicts(found, bootstrap.confidence)
        tables += grids(found.rows, metrics[benchmark], bootstrap.confidence)
    learning = compare_learning(grouping.groups, target, bootstrap)
    notes += [*_about(rows, bootstrap), *learning.notes, *left_out(grouping, skipped)]
    order = list(dict.fromkeys(row.group for row in rows))
    return Comparison(
        rows,
        best,
        tables + learning.tables,
        notes,
        learning,
        sorted(grouping.groups, key=lambda group: order.index(group.label)),
        baselines,
        said,
        metrics,
        bootstrap.confidence,
    )


def _other_sizes(runs: Sequence[Run], dimension: int | None) -> list[str]:
    """That there is more to compare than whole embeddings."""
    sizes = sorted({size for run in runs for size in run.sizes}, reverse=True)
    if not sizes or dimension is not None:
        return []
    return [f"Also scored at {', '.join(map(str, sizes))} dimensions: dimension={sizes[0]} compares these."]


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


def _about(rows: Sequence[Row], bootstrap: Bootstrap) -> list[str]:
    """How the differences were made."""
    compared = [row.against for row in rows if row.against]
    if not compared:
        return []
    notes = [
        f"Intervals: {100 * bootstrap.confidence:g} % over concepts ({bootstrap.resamples:,} resamples, translations "
        "of a question together). They leave out the spread over seeds, which is the ± above."
    ]
    unpaired = {row.group for row in rows if row.against and not row.against.paired_seeds}
    if unpaired:
        notes.append(f"No seed in common with the baseline, so runs are not paired: {', '.join(sorted(unpaired))}.")
    if any(each.low is None for each in compared):
        notes.append(
            f"No interval of a suite's average or of a gap between languages, nor where a run left no {PER_QUERY}."
        )
    return notes


def left_out(grouping: Grouping, skipped: Sequence[Skipped]) -> list[str]:
    """Settings that are not in the names of groups, and runs that are not in the tables."""
    notes = []
    confounded = grouping.labels.confounded.items()
    if confounded:
        told = "; ".join(f"{key} ({', '.join(map(str, values))})" for key, values in confounded)
        notes.append(f"Also different between groups, so that a difference may be theirs: {told}.")
    notes += [f"Left out, a later run has the same settings and seed: {run.folder}." for run in grouping.repeated]
    return notes + [f"Left out, {each.reason}: {each.folder}." for each in skipped]
