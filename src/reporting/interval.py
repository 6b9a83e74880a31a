"""Intervals of differences between runs: a bootstrap over concepts, translations of one question kept together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from src.evaluation.statistics import ClusteredBootstrap, Estimate
from src.reporting.paired import PerQuery


@dataclass(frozen=True)
class Bootstrap:
    """How intervals are drawn."""

    resamples: int = 2000
    confidence: float = 0.95
    seed: int = 0

    def estimate(self, differences: PerQuery, setting: str, metric: str) -> Estimate:
        """The macro-averaged difference in one setting, over the queries that have the metric, and its interval."""
        values = differences.values[metric]
        rows = differences.of_setting(setting) & np.isfinite(values)
        concept = differences.keys.column("concept").to_numpy()[rows]
        query, candidate = differences.codes("query_language")[rows], differences.codes("candidate_language")[rows]
        view = query * (candidate.max() + 1) + candidate
        bootstrap = ClusteredBootstrap(
            concept, view, resamples=self.resamples, confidence=self.confidence, seed=self.seed
        )
        return bootstrap.mean(values[rows])
