"""How a probability moves from one value to another over a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from src.errors import InputError

Values = NDArray[np.float64]
Shape = Callable[[Values], Values]  # from progress in [0, 1] to the share of the way gone

ROUNDING = 1e-9  # that progress may lack at the edge of a stage
CHUNK = 1 << 16  # steps that a mean is taken over at a time


class Annealing:
    """start + (end - start) f(p), at progress p = step / steps and at `end` from there on.

    `linear`: f(p) = p. `cosine`: f(p) = (1 - cos(pi p)) / 2. `{steps: n}`: n stages of equal length,
    f(p) = floor(n p) / (n - 1), so the first is at `start` and the last at `end`.
    """

    def __init__(self, start: float, end: float, steps: int, schedule: str | Mapping[str, int]) -> None:
        if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
            fix = "give the steps of the whole run, as ${max_steps} does"
            raise InputError(f"steps must be a whole number from 1 on, got {steps!r}", where="sampler.steps", fix=fix)
        self.start, self.end = _probability(start, "start"), _probability(end, "end")
        if self.start == self.end:
            raise InputError(
                f"alpha stays at {start} from start to end",
                where="sampler.start, sampler.end",
                fix=f"choose sampler=hybrid sampler.alpha={start}",
            )
        self.steps, self._shape = steps, _shape(schedule)

    def at(self, steps: NDArray[np.int64]) -> Values:
        """The value at each step."""
        way = np.where(steps < self.steps, self._shape(np.minimum(steps / self.steps, 1.0)), 1.0)
        return self.start * (1 - way) + self.end * way

    def mean(self) -> float:
        """The mean over the run."""
        starts = range(0, self.steps, CHUNK)
        return sum(float(self.at(np.arange(s, min(s + CHUNK, self.steps))).sum()) for s in starts) / self.steps


def _shape(schedule: Any) -> Shape:
    if schedule == "linear":
        return _line
    if schedule == "cosine":
        return _cosine
    if isinstance(schedule, Mapping) and set(schedule) == {"steps"}:
        return partial(_stairs, _stages(schedule["steps"]))
    fix = "write linear, cosine or {steps: n}"
    raise InputError(f"unknown schedule {schedule!r}", where="sampler.schedule", fix=fix)


def _line(progress: Values) -> Values:
    return progress


def _cosine(progress: Values) -> Values:
    return (1 - np.cos(np.pi * progress)) / 2


def _stairs(stages: int, progress: Values) -> Values:
    return np.minimum(np.floor(progress * stages + ROUNDING), stages - 1) / (stages - 1)


def _stages(number: object) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or number < 2:
        what = f"steps must be a whole number of stages from 2 on, got {number!r}"
        raise InputError(what, where="sampler.schedule", fix="{steps: 2} changes alpha once, halfway")
    return number


def _probability(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        fix = "1 makes every batch monolingual, 0 every batch cross-lingual"
        raise InputError(f"{name} must be between 0 and 1, got {value!r}", where=f"sampler.{name}", fix=fix)
    return float(value)
