"""What it takes each run to reach a target on its validation curve: steps, pairs and seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from src.comparing.grouping import RunGroup
from src.comparing.labels import USUAL
from src.comparing.runs import Run
from src.errors import InputError
from src.reporting.curves import Curve

LOSS = "val/loss"
LESS_IS_BETTER = ("val/rank_distance",)


@dataclass(frozen=True)
class Target:
    """A value of a metric that is to be reached."""

    metric: str
    value: float

    def reached(self, value: float) -> bool:
        """Whether a value is as good as the target."""
        return _sign(self.metric) * (value - self.value) >= 0

    @property
    def label(self) -> str:
        """Such as "val/mAP of 0.350"."""
        return f"{self.metric} of {self.value:.{4 if abs(self.value) < 10 else 1}f}"


@dataclass(frozen=True)
class Crossing:
    """When a run reached the target, on the straight line between two validations."""

    steps: float
    seconds: float | None  # of training alone; None where the run logged no time
    at_once: bool  # its first validation was already as good, so that all this is only a bound


@dataclass(frozen=True, eq=False)
class Attempt:
    """One run and the target."""

    group: str
    run: Run
    crossing: Crossing | None  # None: never reached

    @property
    def batch_size(self) -> int:
        """Pairs in one global batch."""
        return int(self.run.config["batch_size"])

    @property
    def pairs(self) -> float | None:
        """Examples seen until the target."""
        return self.crossing.steps * self.batch_size if self.crossing else None


def crossing(curve: Curve, target: Target) -> Crossing | None:
    """The first crossing, interpolated linearly between the validation before it and the first as good as the target.

    A run whose first validation is as good has crossed there or earlier; nothing is known of it before that.
    """
    good = [target.reached(value) for value in curve.values]
    if True not in good:
        return None
    after = good.index(True)
    before = max(0, after - 1)
    low, high = curve.values[before], curve.values[after]
    share = float((target.value - low) / (high - low)) if after else 1.0
    seconds = _between(curve.seconds, before, after, share) if curve.timed else None
    return Crossing(_between(curve.steps, before, after, share), seconds, at_once=after == 0)


def _between(axis: NDArray[np.float64], before: int, after: int, share: float) -> float:
    return float(axis[before] + share * (axis[after] - axis[before]))


def choose_target(asked: str | None, curves: Sequence[Mapping[str, Curve]]) -> Target:
    """The target as asked for, `metric` or `metric:value`; without a value, the best one that every run reaches."""
    metric, _, value = (asked or default_metric(curves)).partition(":")
    if metric == LOSS:
        raise InputError(
            f"{LOSS} is measured in batches of batch_size, so it does not compare between batch sizes",
            where="target",
            fix="target=val/mAP, or another metric of retrieval",
        )
    held = [each[metric] for each in curves if metric in each]
    if not held:
        known = dict.fromkeys(name for each in curves for name in each if name != LOSS)
        raise InputError(f"no run measured {metric!r}", where="target", fix=f"one of {', '.join(known) or 'none'}")
    return Target(metric, _number(value) if value else _common_best(metric, held))


def default_metric(curves: Iterable[Mapping[str, Curve]]) -> str:
    """The mean of the settings, `val/<metric>`: the retrieval metric without a setting in its name."""
    named = (name for each in curves for name in each if name.count("/") == 1)
    return next((name for name in named if name not in (LOSS, *LESS_IS_BETTER)), "val/mAP")


def _common_best(metric: str, curves: Sequence[Curve]) -> float:
    sign = _sign(metric)
    return sign * min(float((sign * curve.values).max()) for curve in curves)


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise InputError(f"{value!r} is no number", where="target", fix="such as target=val/mAP:0.35") from error


def _sign(metric: str) -> int:
    return -1 if metric in LESS_IS_BETTER else 1


def attempts(groups: Sequence[RunGroup], curves: Mapping[Run, Mapping[str, Curve]], target: Target) -> list[Attempt]:
    """Every run that measured the target's metric, in the order of the groups."""
    return [
        Attempt(group.label, run, crossing(curves[run][target.metric], target))
        for group in groups
        for run in group.runs
        if target.metric in curves.get(run, {})
    ]


def by_group(found: Sequence[Attempt]) -> dict[str, list[Attempt]]:
    """Attempts by group; groups of one family together, batch sizes rising."""
    groups: dict[str, list[Attempt]] = {}
    for each in sorted(found, key=lambda attempt: (family(attempt.group), attempt.batch_size)):
        groups.setdefault(each.group, []).append(each)
    return groups


def family(group: str) -> str:
    """A group's name without its batch size; empty where no more is left."""
    return "" if group == USUAL else " ".join(word for word in group.split() if not word.startswith("batch_size="))
