"""Tests of a difference between two encoders, or two ways to train them: whole concepts are what is swapped or drawn.

They start from contributions, one figure a concept, whose mean is the difference (`ClusteredBootstrap.contributions`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 2_000_000  # signs held at a time
AS_FAR = 1 - 1e-9  # sums of the same figures in another order differ in their last digits


def randomised(contributions: NDArray[np.float64], *, draws: int = 10_000, seed: int = 0) -> NDArray[np.float64]:
    """Two-sided p of each row of contributions [figures, concepts] by approximate randomisation.

    If two encoders do not differ, their results for a concept, with all its translations, could as well be swapped:
    its contribution changes its sign. p = (1 + draws at least as far from zero) / (1 + draws), which never rejects
    more often than it says (Noreen 1989; Phipson and Smyth 2010). All rows see the same draws.
    """
    figures, concepts = contributions.shape
    found = np.abs(contributions.sum(axis=1)) * AS_FAR
    as_far = np.zeros(figures, dtype=np.int64)
    for signs in _signs(concepts, draws, seed):
        as_far += (np.abs(signs @ contributions.T) >= found).sum(axis=0)
    return (1 + as_far) / (1 + draws)


def _signs(concepts: int, draws: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Random signs [some draws, concepts]."""
    rng = np.random.Generator(np.random.Philox(seed))
    width = -(-concepts // 8)
    step = max(8, BLOCK // concepts // 8 * 8)  # whole words of random bits, so that blocks do not change the draws
    for start in range(0, draws, step):
        rows = min(step, draws - start)
        drawn = np.frombuffer(rng.bytes(rows * width), dtype=np.uint8).reshape(rows, width)
        yield 2 * np.unpackbits(drawn, axis=1, count=concepts).astype(np.float64) - 1


def bootstrapped(drawn: NDArray[np.float64]) -> float:
    """Two-sided p of resampled differences: how often they would lie beyond zero, twice the smaller tail.

    Shifted to the null, a resample beyond zero is one as far out as what was found; below 1 - confidence where the
    percentile interval leaves zero out.
    """
    held = drawn[np.isfinite(drawn)]
    tails = 1 + min(int((held <= 0).sum()), int((held >= 0).sum()))
    return min(1.0, 2 * tails / (1 + len(held)))


@dataclass(frozen=True)
class Crossed:
    """A difference over seeds and concepts, both of which are a sample of more."""

    difference: float
    error: float  # standard error
    freedom: float  # degrees of freedom of its t statistic
    p: float  # two-sided

    def interval(self, confidence: float) -> tuple[float, float]:
        """Where the difference lies if seeds and concepts were drawn again."""
        from scipy.special import stdtrit

        reach = float(stdtrit(self.freedom, (1 + confidence) / 2)) * self.error
        return self.difference - reach, self.difference + reach


def crossed(contributions: NDArray[np.float64]) -> Crossed | None:
    """The test with seeds and concepts crossed [seeds, concepts]; None with fewer than two of either.

    Two-way random effects without replication: Var(mean) = (MS_seeds + MS_concepts - MS_rest) / (S C), never less
    than either alone; t with Satterthwaite's degrees of freedom (the quasi-F of Clark 1973). Of two or three seeds
    these are themselves so uncertain that the test would reject up to twice too often: never more than 2 (S - 1).
    """
    from scipy.special import stdtr

    seeds, concepts = contributions.shape
    if min(seeds, concepts) < 2:
        return None
    mean = float(contributions.mean())
    by_seed, by_concept = contributions.mean(axis=1), contributions.mean(axis=0)
    rest = contributions - by_seed[:, None] - by_concept + mean
    ms_seed = concepts * float(by_seed.var(ddof=1))
    ms_concept = seeds * float(by_concept.var(ddof=1))
    ms_rest = float((rest**2).sum()) / ((seeds - 1) * (concepts - 1))
    square, estimated = _quasi(ms_seed, seeds - 1, ms_concept, concepts - 1, ms_rest)
    freedom = min(estimated, 2.0 * (seeds - 1))
    error = float(np.sqrt(square / contributions.size))
    if error <= abs(mean) * 1e-12:  # every run gains the same for every concept
        return Crossed(mean, 0.0, freedom, 0.0 if mean else 1.0)
    return Crossed(mean, error, freedom, float(2 * stdtr(freedom, -abs(mean) / error)))


def _quasi(seed: float, seed_freedom: int, concept: float, concept_freedom: int, rest: float) -> tuple[float, float]:
    """The mean square of the mean of all, and its degrees of freedom."""
    larger, freedom = max((seed, seed_freedom), (concept, concept_freedom))
    both = seed + concept - rest
    if both <= larger:
        return larger, freedom
    parts = seed**2 / seed_freedom + concept**2 / concept_freedom + rest**2 / (seed_freedom * concept_freedom)
    return both, both**2 / parts


def holm(ps: Sequence[float], family: int | None = None) -> list[float]:
    """p values corrected for their number, or for a larger family all the rest of which counts as 1 (Holm 1979)."""
    size = len(ps) if family is None else family
    corrected, highest = [0.0] * len(ps), 0.0
    for rank, position in enumerate(np.argsort(ps, kind="stable")):
        highest = max(highest, min(1.0, (size - rank) * ps[position]))
        corrected[position] = highest
    return corrected


def effect_size(contributions: NDArray[np.float64]) -> float | None:
    """The mean in standard deviations of the concepts' (Cohen's d of a paired comparison); None without any spread."""
    deviation = float(contributions.std(ddof=1)) if len(contributions) > 1 else 0.0
    return float(contributions.mean()) / deviation if deviation > 1e-12 * abs(float(contributions.mean())) else None
