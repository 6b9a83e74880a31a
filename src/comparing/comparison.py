"""What a comparison says of one group of runs in one measure: mean and spread over seeds, and a difference, tested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BIAS = "bias"  # the setting under which the measures of language bias stand
BIAS_SETTING = "multilingual"  # where they are measured
BETTER = {"rank_distance": -1, "recall_gap": -1, "MRC": 1, "PEER": 1}  # is less (-1) or more (1) of a measure better


@dataclass(frozen=True)
class Spread:
    """A figure over the runs of one group."""

    runs: int
    mean: float
    std: float | None  # None for one run: no spread is invented
    minimum: float
    maximum: float


@dataclass(frozen=True)
class Against:
    """A group's figure minus another's, over the runs that were compared; no tests where per-query results lack."""

    baseline: str
    difference: float
    low: float | None  # interval over concepts, of which it takes two
    high: float | None
    paired_seeds: int  # 0: no seed in common, all runs were compared
    wins: int | None  # languages in which the group is better; None for a measure without better and worse
    languages: int | None
    effect: float | None = None  # the difference in standard deviations of the concepts' differences
    p: float | None = None  # approximate randomisation over concepts: of these encoders, not of their seeds
    p_bootstrap: float | None = None  # clustered bootstrap over concepts
    p_seeds: float | None = None  # concepts and seeds both drawn; None with fewer than two pairs of seeds
    p_holm: float | None = None  # the larger of p and p_seeds, corrected; None outside the family of comparisons
    low_seeds: float | None = None  # interval over concepts and seeds; None with fewer than two pairs of seeds
    high_seeds: float | None = None
    p_holm_encoders: float | None = None  # p by itself, corrected as p_holm is: whether these encoders differ

    @property
    def interval(self) -> tuple[float, float] | None:
        """Over concepts and, where seeds can be paired and it is the wider one, over seeds too."""
        if self.low is None or self.high is None:
            return None
        if self.low_seeds is None or self.high_seeds is None or self.high_seeds - self.low_seeds < self.high - self.low:
            return self.low, self.high
        return self.low_seeds, self.high_seeds

    @property
    def tested(self) -> float | None:
        """The larger of p and p_seeds: the difference must hold for other questions and for other seeds."""
        return self.p if self.p is None or self.p_seeds is None else max(self.p, self.p_seeds)


@dataclass(frozen=True)
class Row:
    """One group, setting and metric of one benchmark."""

    benchmark: str
    group: str
    setting: str
    metric: str
    spread: Spread
    against: Against | None


def spread_of(values: Sequence[float]) -> Spread:
    """Mean, standard deviation and range of one value a run."""
    std = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return Spread(len(values), float(np.mean(values)), std, min(values), max(values))
