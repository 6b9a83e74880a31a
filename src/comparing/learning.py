"""What learning curves tell of groups of runs: steps, pairs and seconds to a target, and the critical batch size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from src.comparing.critical_tables import critical_tables
from src.comparing.grouping import RunGroup
from src.comparing.interval import Bootstrap
from src.comparing.runs import Run
from src.comparing.tables import Grid
from src.comparing.target_tables import shortfalls, target_table
from src.comparing.to_target import Attempt, Target, attempts, choose_target, default_metric
from src.reporting.curves import CURVES, Curve, read_curves
from src.reporting.tables import counted

Curves = dict[Run, dict[str, Curve]]


@dataclass(frozen=True, eq=False)
class Learning:
    """All that the curves told; nothing where no target was asked for and one batch size alone was trained with."""

    target: Target | None = None
    attempts: list[Attempt] = field(default_factory=list)
    tables: list[Grid] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def compare_learning(groups: Sequence[RunGroup], asked: str | None, bootstrap: Bootstrap) -> Learning:
    """Tables of the runs that trained; `asked` is `metric`, `metric:value` or, where batch sizes differ, None."""
    runs = [run for group in groups for run in group.runs if "batch_size" in run.config]
    if asked is None and len({run.config["batch_size"] for run in runs}) < 2:
        return Learning()
    curves: Curves = {run: read_curves(run.folder) for run in runs}
    if asked is None and not any(default_metric(curves.values()) in each for each in curves.values()):
        return Learning(notes=["No steps to a target: no run has a validation curve of retrieval.", *_without(curves)])
    target = choose_target(asked, [curves[run] for run in runs if run.finished] or list(curves.values()))
    # a run that was stopped may yet have reached it: it counts only where it did
    found = [each for each in attempts(groups, curves, target) if each.run.finished or each.crossing]
    tables, notes = critical_tables(found, bootstrap)
    return Learning(
        target,
        found,
        [target_table(found, target), *tables],
        [_about(target, asked), *shortfalls(found), *_without(curves, target.metric), *notes],
    )


def _about(target: Target, asked: str | None) -> str:
    chosen = "" if asked and ":" in asked else ", the best value that every run reaches"
    return (
        f"Target: {target.label}{chosen}. A run reaches it where its curve first crosses it, on the straight line "
        "between two validations. Seconds are those of training, without validations."
    )


def _without(curves: Curves, metric: str | None = None) -> list[str]:
    """Runs that are not in the table."""
    unlogged = sum(not each for each in curves.values())
    unmeasured = sum(bool(each) and metric is not None and metric not in each for each in curves.values())
    notes = [f"{counted(unlogged, 'run')} without {CURVES}, which every training run writes."] if unlogged else []
    return [*notes, f"{counted(unmeasured, 'run')} never measured {metric}."] if unmeasured else notes
