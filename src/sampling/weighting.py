"""How often each language, or each dataset, is drawn, given the sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from src.errors import InputError

UNDERFLOW = -300.0  # logarithm below which a share would come to nothing

Setting = str | Mapping[str, float]


@dataclass(frozen=True)
class Weighting:
    """Shares proportional to size ** exponent: 0 is uniform, 1 proportional, 1 / t a temperature t."""

    exponent: float
    setting: str | dict[str, float]  # as the user wrote it, for the record

    @classmethod
    def parse(cls, setting: Setting, where: str) -> Weighting:
        """Read `uniform`, `proportional` or `{temperature: t}`; `where` names the configuration key in errors."""
        if setting == "uniform":
            return cls(0.0, "uniform")
        if setting == "proportional":
            return cls(1.0, "proportional")
        if isinstance(setting, Mapping) and set(setting) == {"temperature"}:
            temperature = _temperature(setting["temperature"], where)
            return cls(1 / temperature, {"temperature": temperature})
        fix = "write uniform, proportional or {temperature: t}"
        raise InputError(f"unknown weighting {setting!r}", where=where, fix=fix)

    def shares(self, sizes: ArrayLike) -> NDArray[np.float64]:
        """Shares that sum to 1; size 0 gets none, any other some. At least one size must be positive."""
        sizes = np.asarray(sizes, dtype=np.float64)
        relative = np.log(np.where(sizes > 0, sizes / sizes.max(), 1.0))
        weights = (sizes > 0) * np.exp(np.maximum(self.exponent * relative, UNDERFLOW))
        return weights / weights.sum()


def _temperature(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        fix = "1 draws in proportion to size, larger values come closer to uniform"
        raise InputError(f"the temperature must be a positive number, got {value!r}", where=where, fix=fix)
    return float(value)
