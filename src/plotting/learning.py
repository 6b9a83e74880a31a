"""Learning curves: what validations found, by steps, by pairs seen and by time of training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from src.comparing.grouping import RunGroup
from src.comparing.to_target import default_metric
from src.plotting.case import seeds_of
from src.plotting.figure import Drawn, Made
from src.plotting.style import Look, grid, legend, line_handles, new_figure, thousands
from src.reporting.curves import CURVES, Curve, read_curves

MOST = 15  # groups
AXES = ("steps", "pairs", "seconds")
LABELS = {"steps": "optimizer steps", "pairs": "pairs of training seen"}
UNITS = {"seconds": 1, "minutes": 60, "hours": 3600}


@dataclass(frozen=True, eq=False)
class Path:
    """One run's curve."""

    values: NDArray[np.float64]
    along: dict[str, NDArray[np.float64]]  # steps, pairs and, where it was logged, seconds


def learning(groups: Sequence[RunGroup], looks: Mapping[str, Look]) -> Made:
    """A panel for each way to count what a run has had."""
    read = {group.label: [read_curves((run.trained or run).folder) for run in group.runs] for group in groups}
    metric = default_metric([curves for each in read.values() for curves in each])
    held = {group.label: _paths(group, read[group.label], metric) for group in groups}
    validated = [group for group in groups if held[group.label]]
    shown, others = validated[:MOST], [group.label for group in validated[MOST:]]
    if not shown:
        return [], [f"No learning curves: no run has {metric} in a {CURVES}."]
    without = [label for label, paths in held.items() if not paths]
    notes = [f"No learning curve of {'; '.join(without)}: no {metric} in a {CURVES}."] if without else []
    axes = [name for name in AXES if all(name in path.along for group in shown for path in held[group.label])]
    if "seconds" not in axes:
        notes.append("No learning curves by time: a run logged no seconds of training.")
    drawn = _draw(shown, held, looks, metric, axes)
    if others:
        notes.append(f"Learning curves: the first {MOST} of {len(validated)} groups; not {'; '.join(others)}.")
    return [drawn], notes


def _draw(
    groups: Sequence[RunGroup],
    held: Mapping[str, list[Path]],
    looks: Mapping[str, Look],
    metric: str,
    names: Sequence[str],
) -> Drawn:
    title = f"Learning curves: {metric} while training"
    figure = new_figure(title, 3.0 + 0.14 * len(groups))
    axes = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    longest = max(
        (path.along["seconds"][-1] for g in groups for path in held[g.label] if "seconds" in names), default=0
    )
    unit = next(name for name, seconds in reversed(UNITS.items()) if longest >= 2 * seconds or seconds == 1)
    for axis, name in zip(axes, names, strict=True):
        scale = UNITS[unit] if name == "seconds" else 1
        for group in groups:
            _lines(axis, held[group.label], name, scale, looks[group.label], group.label)
        axis.set_xlabel(LABELS.get(name, f"training time ({unit})"))
        axis.set_xlim(0, 1.05 * axis.dataLim.x1)
        axis.xaxis.set_major_locator(MaxNLocator(4))
        axis.xaxis.set_major_formatter(thousands)
        grid(axis)
    axes[0].set_ylabel(metric)
    legend(figure, line_handles({group.label: looks[group.label] for group in groups}))
    last = {group.label: float(np.mean([path.values[-1] for path in held[group.label]])) for group in groups}
    return Drawn(
        "learning",
        title,
        f"{metric} of the validation texts. Thick lines: means over seeds at the validations that all seeds have; "
        f"thin lines: single seeds ({seeds_of(groups)}). Time is that of training, without validations; "
        "it depends on the machine and what else it did.",
        "Learning curves; at the end " + "; ".join(f"{value:.3f} for {label}" for label, value in last.items()) + ".",
        figure,
    )


def _lines(axis: Axes, paths: Sequence[Path], name: str, scale: float, look: Look, label: str) -> None:
    if len(paths) > 1:
        for path in paths:
            axis.plot(path.along[name] / scale, path.values, color=look.colour, linewidth=0.6, alpha=0.55)
    mean = _mean(paths, name)
    every = max(1, len(mean.values) // 8)
    axis.plot(mean.along[name] / scale, mean.values, color=look.colour, linestyle=look.dash, marker=look.marker,
              markevery=every, markersize=4, label=label)  # fmt: skip


def _paths(group: RunGroup, read: Sequence[Mapping[str, Curve]], metric: str) -> list[Path]:
    """The curves of a group's runs; none of those without."""
    paths = []
    for run, curves in zip(group.runs, read, strict=True):
        config = (run.trained or run).config
        if metric in curves and len(curves[metric].steps):
            curve = curves[metric]
            timed = {"seconds": curve.seconds} if curve.timed else {}
            along = {"steps": curve.steps, "pairs": curve.steps * config["batch_size"], **timed}
            paths.append(Path(curve.values, along))
    return paths


def _mean(paths: Sequence[Path], name: str) -> Path:
    """Over the steps that all runs have."""
    common = paths[0].along["steps"]
    for path in paths[1:]:
        common = np.intersect1d(common, path.along["steps"])
    at = [np.searchsorted(path.along["steps"], common) for path in paths]
    values = np.mean([path.values[rows] for path, rows in zip(paths, at, strict=True)], axis=0)
    along = np.mean([path.along[name][rows] for path, rows in zip(paths, at, strict=True)], axis=0)
    return Path(values, {name: along})
