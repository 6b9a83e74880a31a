"""The critical batch size of groups that differ in the batch size alone, with the formulae behind it."""

from __future__ import annotations

from collections.abc import Sequence

from src.comparing.critical_batch import (
    BEYOND,
    FEWEST_BATCHES,
    FEWEST_RUNS,
    OVERHEAD,
    CriticalBatch,
    Steps,
    estimate_critical_batch,
)
from src.comparing.interval import Bootstrap
from src.comparing.tables import Grid
from src.comparing.to_target import Attempt, by_group, family
from src.evaluation.statistics import Estimate
from src.reporting.tables import number

FEW = 10  # runs of a batch size, below which a bootstrap over them is rough
PERCENT = f"{100 * OVERHEAD:g} %"
FORMULAE = [
    "Bcrit, Smin, Emin: the hyperbola (S / Smin - 1) (E / Emin - 1) = 1 of 1812.06162 for S steps and E = B S pairs at "
    "batch size B, that is S = Smin (1 + Bcrit / B) with Bcrit = Emin / Smin; least squares of log S over all runs. It "
    "takes the objective to be the same at every batch size. With negatives from the batch it is not: see its misfit.",
    f"{PERCENT} overhead, the critical batch size of 2410.21676: the largest batch whose B S is at most "
    f"{1 + OVERHEAD:g} times that of the batch size which needs the fewest pairs, on a straight line in log B between "
    f"batch sizes. An exact hyperbola would exceed Emin by {PERCENT} at Bcrit / {1 / OVERHEAD:g}.",
]


def critical_tables(found: Sequence[Attempt], bootstrap: Bootstrap) -> tuple[list[Grid], list[str]]:
    """A table a family, and notes: how the figures were made, or why there are none."""
    families: dict[str, list[list[Attempt]]] = {}
    for group, members in by_group(found).items():
        families.setdefault(family(group), []).append(members)
    tables, notes, runs = [], [], []
    for name, groups in families.items():
        if len(groups) > 1:
            steps, left_out = _usable(groups)
            notes += left_out
            if len(steps) < FEWEST_BATCHES:
                notes.append(_refusal(name, len(steps)))
            else:
                estimates = estimate_critical_batch(steps, bootstrap)
                tables.append(_grid(name, estimates, (steps[0][0], steps[-1][0]), bootstrap.confidence))
                notes += _extrapolated(name, estimates, steps[-1][0])
                runs += [len(each) for _, each in steps]
    return tables, [*notes, *FORMULAE, _about(bootstrap, min(runs))] if tables else notes


def _usable(groups: Sequence[list[Attempt]]) -> tuple[list[Steps], list[str]]:
    """Batch sizes with enough runs, all of which reach the target: the mean of some of them would be too small."""
    steps: list[Steps] = []
    notes = []
    for members in groups:
        reached = [each.crossing.steps for each in members if each.crossing is not None]
        if len(reached) == len(members) >= FEWEST_RUNS:
            steps.append((members[0].batch_size, reached))
        else:
            why = "a single run" if len(members) < FEWEST_RUNS else "not all of its runs reached the target"
            notes.append(f"Not in the estimate of the critical batch size, {why}: {members[0].group}.")
    return steps, notes


def _refusal(name: str, usable: int) -> str:
    return (
        f"No critical batch size{f' of {name}' if name else ''}: it takes {FEWEST_BATCHES} batch sizes with "
        f"{FEWEST_RUNS} runs or more each, all of which reach the target; there are {usable}."
    )


def _extrapolated(name: str, found: CriticalBatch, largest: int) -> list[str]:
    if found.critical.estimate <= largest:
        return []
    bcrit = f"Bcrit of {name}" if name else "Bcrit"
    return [f"{bcrit} lies beyond the largest batch of the sweep, {largest:,}: an extrapolation."]


def _grid(name: str, found: CriticalBatch, swept: tuple[int, int], confidence: float) -> Grid:
    smallest, largest = swept
    rows = [
        ["Bcrit, hyperbola", *_figures(found.critical, smallest / BEYOND, largest * BEYOND)],
        ["Smin, fewest steps", *_figures(found.steps)],
        ["Emin, fewest pairs", *_figures(found.examples)],
        ["misfit, root mean square of log S", f"{found.error:.2f}", ""],
        [f"{PERCENT} overhead over linear scaling", *_figures(found.overhead, 0, largest)],
    ]
    title = " · ".join(filter(None, ["critical batch size", name]))
    return Grid(title, ["estimate", "value", f"{100 * confidence:g} % interval"], rows)


def _figures(found: Estimate, low: float = 0, high: float = 0) -> list[str]:
    shown = [_bounded(value, low, high) for value in (found.estimate, found.low, found.high)]
    return [shown[0], f"[{shown[1]}, {shown[2]}]"]


def _bounded(value: float, low: float, high: float) -> str:
    """A figure; infinity, and 0 where there is a least, say only that it lies beyond what was looked at."""
    if value == float("inf"):
        return f"> {number(float(high), 0)}"
    if value == 0 and low:
        return f"< {number(float(low), 1)}"
    return number(value, 0 if value >= 10 else 1)


def _about(bootstrap: Bootstrap, fewest: int) -> str:
    rough = f"; {fewest} runs make it a rough one" if fewest < FEW else ""
    return f"Its interval: {bootstrap.resamples:,} resamples of the runs within each batch size{rough}."
