"""The critical batch size of a sweep over batch sizes, by two definitions, from each run's steps to one target.

The hyperbola of McCandlish et al. (1812.06162, eq. 5.1), (S / Smin - 1) (E / Emin - 1) = 1 for S steps and E = B S
examples, is S(B) = Smin (1 + Bcrit / B) with Bcrit = Emin / Smin: at Bcrit a run takes twice the fewest steps and twice
the fewest examples. Zhang et al. (2410.21676) ask instead where steps exceed linear scaling by a fifth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from src.comparing.interval import Bootstrap
from src.evaluation.statistics import Estimate

Floats = NDArray[np.float64]
Steps = tuple[int, Sequence[float]]  # a batch size, and each run's steps to the target
OVERHEAD = 0.2  # 2410.21676
BEYOND = 30.0  # Bcrit is sought up to so many times the sweep's batches, and down to such a part of them
SPACING = 0.01  # of the Bcrit that are tried, in logarithm
FEWEST_BATCHES, FEWEST_RUNS = 3, 2  # that an estimate is made from; runs of each batch size


@dataclass(frozen=True)
class Hyperbola:
    """S(B) = Smin (1 + Bcrit / B); Bcrit is 0 or infinite where steps say only that it lies beyond what is tried."""

    critical: float
    steps: float  # Smin; 0 for an infinite Bcrit
    examples: float  # Emin; 0 for a Bcrit of 0
    error: float  # root mean square of log S


@dataclass(frozen=True)
class CriticalBatch:
    """Both definitions' estimates; intervals over the runs of each batch size."""

    critical: Estimate  # of the hyperbola
    steps: Estimate
    examples: Estimate
    error: float  # of the fit: root mean square of log S
    overhead: Estimate  # by linear scaling; infinite: not exceeded within the sweep


def estimate_critical_batch(steps: Sequence[Steps], bootstrap: Bootstrap) -> CriticalBatch:
    """Estimates from several batch sizes, in rising order.

    The bootstrap draws runs anew within each batch size, so that every resample holds all of them.
    """
    assert len(steps) >= FEWEST_BATCHES
    assert min(len(of_batch) for _, of_batch in steps) >= FEWEST_RUNS
    batches = np.array([batch for batch, _ in steps], np.float64)
    draw = np.random.default_rng(bootstrap.seed)
    own = fit_hyperbola(batches, [np.array(each) for _, each in steps])
    own_overhead = overhead_batch(batches, np.array([np.mean(each) for _, each in steps]))
    fits, overheads = [], []
    for _ in range(bootstrap.resamples):
        drawn = [draw.choice(np.array(each), len(each)) for _, each in steps]
        fits.append(fit_hyperbola(batches, drawn))
        overheads.append(overhead_batch(batches, np.array([each.mean() for each in drawn])))
    return CriticalBatch(
        critical=_estimate(own.critical, [fit.critical for fit in fits], bootstrap.confidence),
        steps=_estimate(own.steps, [fit.steps for fit in fits], bootstrap.confidence),
        examples=_estimate(own.examples, [fit.examples for fit in fits], bootstrap.confidence),
        error=own.error,
        overhead=_estimate(own_overhead, overheads, bootstrap.confidence),
    )


def fit_hyperbola(batches: Floats, steps: Sequence[Floats]) -> Hyperbola:
    """Least squares of log S over all runs: the spread of steps over seeds grows with the steps themselves.

    Smin follows from Bcrit in closed form, and Bcrit is sought on a grid, to one per cent.
    """
    tried = np.exp(np.arange(np.log(batches.min() / BEYOND), np.log(batches.max() * BEYOND), SPACING))
    runs = np.array([len(each) for each in steps])
    shape = np.log1p(tried[:, None] / batches)  # [tried, batch sizes]
    logs = np.array([np.log(each).mean() for each in steps])
    within = sum(float(((np.log(each) - mean) ** 2).sum()) for each, mean in zip(steps, logs, strict=True))
    rest = logs - shape
    log_smin = rest @ runs / runs.sum()
    squares = (rest - log_smin[:, None]) ** 2 @ runs
    best = int(squares.argmin())
    smin, error = float(np.exp(log_smin[best])), float(np.sqrt((squares[best] + within) / runs.sum()))
    if best == 0:
        return Hyperbola(0.0, smin, 0.0, error)
    if best == len(tried) - 1:
        return Hyperbola(np.inf, 0.0, smin * float(tried[-1]), error)
    return Hyperbola(float(tried[best]), smin, smin * float(tried[best]), error)


def overhead_batch(batches: Floats, steps: Floats, overhead: float = OVERHEAD) -> float:
    """The largest batch whose steps exceed linear scaling by no more than `overhead`; infinite where none does.

    Linear scaling starts from the batch size that needs the fewest examples, B S(B); from there upwards the first
    crossing counts, on a straight line in log B between two batch sizes.
    """
    examples = batches * steps
    start = int(examples.argmin())
    excess = examples / examples[start] - 1
    above = [position for position in range(start, len(batches)) if excess[position] > overhead]
    if not above:
        return float("inf")
    after = above[0]
    share = (overhead - excess[after - 1]) / (excess[after] - excess[after - 1])
    low, high = np.log(batches[after - 1]), np.log(batches[after])
    return float(np.exp(low + share * (high - low)))


def _estimate(own: float, drawn: Sequence[float], confidence: float) -> Estimate:
    """Percentiles that are values drawn, since some may be infinite."""
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], method="nearest")
    return Estimate(own, float(low), float(high))
