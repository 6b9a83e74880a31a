"""Intervals of differences between runs: a bootstrap over concepts, translations of one question kept together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from omegaconf import DictConfig

from src.comparing.paired import PerQuery
from src.errors import InputError
from src.evaluation.statistics import ClusteredBootstrap, Estimate
from src.options import POSITIVE, SEEDS, check_options


@dataclass(frozen=True)
class Bootstrap:
    """How intervals are drawn."""

    resamples: int = 2000
    confidence: float = 0.95
    seed: int = 0

    @classmethod
    def of(cls, config: DictConfig) -> Bootstrap:
        """As a command's options say; InputError where they cannot be."""
        check_options(config, {"resamples": POSITIVE, "seed": SEEDS})
        confidence = config.confidence
        if isinstance(confidence, bool) or not isinstance(confidence, (int, float)) or not 0 < confidence < 1:
            raise InputError(f"confidence must lie between 0 and 1, got {confidence!r}", where="confidence")
        return cls(config.resamples, confidence, config.seed)

    def estimate(self, differences: PerQuery, setting: str, metric: str) -> Estimate:
        """The macro-averaged difference in one setting, over the queries that have the metric, and its interval."""
        clusters, values = self._held(differences, setting, metric, self.seed)
        return clusters.mean(values)

    def drawn(self, results: PerQuery, setting: str, metric: str, stream: int) -> NDArray[np.float64]:
        """The macro-averaged metric in each resample [resamples]; each `stream` draws on its own."""
        seed = int(np.random.SeedSequence([self.seed, stream]).generate_state(1)[0])
        clusters, values = self._held(results, setting, metric, seed)
        return clusters.drawn(values)

    def clusters(self, results: PerQuery, rows: NDArray[np.bool_], seed: int | None = None) -> ClusteredBootstrap:
        """Some rows' concepts, and the views whose means are averaged: pairs of languages."""
        query, candidate = results.codes("query_language")[rows], results.codes("candidate_language")[rows]
        return ClusteredBootstrap(
            results.keys.column("concept").to_numpy()[rows],
            query * (candidate.max() + 1) + candidate,
            resamples=self.resamples,
            confidence=self.confidence,
            seed=self.seed if seed is None else seed,
        )

    def _held(
        self, results: PerQuery, setting: str, metric: str, seed: int
    ) -> tuple[ClusteredBootstrap, NDArray[np.float64]]:
        values = results.values[metric]
        rows = results.of_setting(setting) & np.isfinite(values)
        return self.clusters(results, rows, seed), values[rows]
