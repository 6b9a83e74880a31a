"""A loss's weight: one number, or one that changes at given shares of the run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from src.errors import InputError

FIX = "a number, or for example {0: 0, 0.2: 1}: 0 at first, 1 from a fifth of the steps on"


@dataclass(frozen=True)
class Weight:
    """Steps of a staircase: (from this share of the run's steps on, weight), by share; the first begins at 0."""

    stairs: tuple[tuple[float, float], ...]

    @classmethod
    def read(cls, setting: Any, where: str) -> Weight:
        """From a number or a mapping of shares to numbers; an InputError naming `where` otherwise."""
        pairs = setting.items() if isinstance(setting, Mapping) else [(0.0, setting)]
        stairs = tuple(sorted((_number(share, where), _number(weight, where)) for share, weight in pairs))
        if not stairs or stairs[0][0] != 0 or stairs[-1][0] >= 1:
            raise InputError("a weight's shares begin at 0 and stay below 1", where=where, fix=FIX)
        if min(weight for _, weight in stairs) < 0:
            raise InputError("a weight cannot be negative", where=where, fix=FIX)
        return cls(stairs)

    def at(self, progress: float) -> float:
        """The weight when this share of the steps is done."""
        return next(weight for share, weight in reversed(self.stairs) if share <= progress)

    @property
    def is_nothing(self) -> bool:
        """Whether it is 0 throughout."""
        return not any(weight for _, weight in self.stairs)


ONE = Weight(((0.0, 1.0),))


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError(f"not a weight: {value!r}", where=where, fix=FIX)
    return float(value)
