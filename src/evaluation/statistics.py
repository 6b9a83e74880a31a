"""Intervals for macro-averaged metrics by bootstrap over concepts: translations of a question are not new samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

CHUNK = 4_000_000  # resampled concepts held at a time


@dataclass(frozen=True)
class Estimate:
    """A figure with its percentile interval."""

    estimate: float
    low: float
    high: float


class ClusteredBootstrap:
    """Resamples concepts, with all the rows that belong to them, for means of views and the mean of those.

    Rows are results of queries: `concept` says which belong together and `view` which are averaged together before the
    views' means are averaged (a setting of XQuAD-R has 11 or 110 of them). Rows given to `mean` or `difference` must be
    in the order given here; all calls see the same resamples, so they can be compared with each other.
    """

    def __init__(
        self,
        concept: ArrayLike,
        view: ArrayLike | None = None,
        *,
        resamples: int = 2000,
        confidence: float = 0.95,
        seed: int = 0,
    ) -> None:
        if not 0 < confidence < 1 or resamples < 1:
            raise ValueError(f"confidence {confidence} must be between 0 and 1, resamples {resamples} positive")
        _, self._concept = np.unique(np.asarray(concept), return_inverse=True)
        _, self._view = np.unique(
            np.zeros(len(self._concept)) if view is None else np.asarray(view), return_inverse=True
        )
        self.concepts, self.views = int(self._concept.max()) + 1, int(self._view.max()) + 1
        self._cell = self._view * self.concepts + self._concept
        counts = self._sums(np.ones(len(self._cell)))
        self._balanced = bool((counts == counts[:, :1]).all())  # every view holds every concept equally often
        self._counts = np.ones((1, self.concepts)) if self._balanced else counts
        self.resamples, self.confidence, self.seed = resamples, confidence, seed

    def mean(self, values: ArrayLike) -> Estimate:
        """The mean over views of their rows' mean, and its interval; [low, high] is one point for a single concept."""
        cells = self.cells(values)
        low, high = percentiles(self.drawn_cells([cells])[0], self.confidence)
        return Estimate(float(self.contributions(cells).mean()), low, high)

    def drawn(self, values: ArrayLike) -> NDArray[np.float64]:
        """The mean over views in each resample [resamples], for intervals of what is made of several means."""
        return self.drawn_cells([self.cells(values)])[0]

    def difference(self, values: ArrayLike, others: ArrayLike) -> Estimate:
        """The same for `values - others`, paired row by row."""
        return self.mean(np.asarray(values, dtype=np.float64) - np.asarray(others, dtype=np.float64))

    def cells(self, values: ArrayLike) -> NDArray[np.float64]:
        """All that counts of the rows [views or 1, concepts]: linear, so differences of rows are those of cells.

        Where every view holds every concept equally often, the mean over views is a mean of one figure a concept.
        """
        sums = self._sums(np.asarray(values, dtype=np.float64))
        if not self._balanced:
            return sums
        rows = np.bincount(self._view, minlength=self.views)
        return np.asarray((sums / rows[:, None]).mean(axis=0, keepdims=True) * self.concepts)

    def contributions(self, cells: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each concept adds [concepts]: their mean is the macro mean, their spread that of its linearisation.

        With views v of N_v rows, of which concept c has n_cv with the sum s_cv, and m_v = sum_c s_cv / N_v:
        mean_v m_v + C mean_v (s_cv - m_v n_cv) / N_v.
        """
        rows = self._counts.sum(axis=1, keepdims=True)
        means = cells.sum(axis=1, keepdims=True) / rows
        influence = self.concepts * ((cells - means * self._counts) / rows).mean(axis=0)
        return np.asarray(means.mean() + influence)

    def drawn_cells(self, several: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        """Macro means of several figures in the same resamples [figures, resamples]."""
        drawn = [[_macro_mean(weights, cells, self._counts) for cells in several] for weights in self._resamples()]
        return np.concatenate([np.stack(each) for each in drawn], axis=1)

    def _sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        if values.shape != self._cell.shape or np.isnan(values).any():
            raise ValueError(f"one number a row is needed: {len(self._cell)} rows, values of shape {values.shape}")
        sums = np.bincount(self._cell, weights=values, minlength=self.views * self.concepts)
        return sums.astype(np.float64).reshape(self.views, self.concepts)

    def _resamples(self) -> Iterator[NDArray[np.float64]]:
        """How often each resample holds each concept [some resamples, concepts], the same at every call."""
        rng = np.random.Generator(np.random.Philox(self.seed))
        step = max(1, CHUNK // self.concepts)
        for start in range(0, self.resamples, step):
            rows = min(step, self.resamples - start)
            drawn = rng.integers(self.concepts, size=(rows, self.concepts))
            drawn += np.arange(rows)[:, None] * self.concepts
            counts = np.bincount(drawn.reshape(-1), minlength=rows * self.concepts)
            yield counts.reshape(rows, self.concepts).astype(np.float64)


def percentiles(drawn: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """The interval that holds this share of what was drawn, without NaN."""
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(drawn, [tail, 1 - tail])
    return float(low), float(high)


def _macro_mean(
    weights: NDArray[np.float64], sums: NDArray[np.float64], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """For each resample the mean of the views' means; a view none of whose concepts was drawn is left out."""
    with np.errstate(invalid="ignore"):
        means = (weights @ sums.T) / (weights @ counts.T)
    return np.nanmean(means, axis=1)
