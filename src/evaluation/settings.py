"""Means of the per-query results: one a view, and macro averages over the views of a setting.

A view is what the field calls a result: queries in one language against one pool. XQuAD-R has 11 monolingual, 110
cross-lingual and 11 multilingual ones. A setting's figure is the mean of its views' means, so that every language
counts the same however many queries it has.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from src.evaluation.benchmark import SETTINGS
from src.evaluation.results import CROSSLINGUAL, MONOLINGUAL, MULTILINGUAL, Results


class Views:
    """Query counts and metric means of all views as matrices [query language, candidate language].

    The last column is the pool of all languages. A view without queries has mean NaN.
    """

    def __init__(self, results: Results, languages: tuple[str, ...]) -> None:
        self.languages = languages
        self.shape = (len(languages), len(languages) + 1)
        self._view = results.query_language * self.shape[1] + results.candidate_language % self.shape[1]
        self.queries = self._sums(np.ones(len(results))).astype(np.int64)
        self.means = {metric: self._means(values) for metric, values in results.metrics.items()}

    def of_setting(self, setting: int) -> NDArray[np.bool_]:
        """The views of a setting that have queries."""
        own = np.eye(*self.shape, dtype=bool)
        pooled = np.zeros(self.shape, dtype=bool)
        pooled[:, -1] = True
        chosen = {MONOLINGUAL: own, CROSSLINGUAL: ~(own | pooled), MULTILINGUAL: pooled}[setting]
        return chosen & (self.queries > 0)

    def _sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.bincount(self._view, weights=values, minlength=self.shape[0] * self.shape[1])
        return sums.astype(np.float64).reshape(self.shape)

    def _means(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(invalid="ignore"):
            return self._sums(values) / self.queries


def settings_summary(views: Views) -> dict[str, dict[str, Any]]:
    """Each setting's metrics, the queries they rest on and the number of results averaged."""
    summary = {}
    for setting, name in enumerate(SETTINGS):
        chosen = views.of_setting(setting)
        if chosen.any():
            means = {metric: float(mean[chosen].mean()) for metric, mean in views.means.items()}
            summary[name] = {**means, "queries": int(views.queries[chosen].sum()), "results": int(chosen.sum())}
    return summary


def languages_summary(views: Views) -> dict[str, dict[str, dict[str, float]]]:
    """Each setting's metrics by query language; a cross-lingual figure is the mean over the other languages' pools."""
    summary: dict[str, dict[str, dict[str, float]]] = {}
    for setting, name in enumerate(SETTINGS):
        chosen = views.of_setting(setting)
        for row in np.flatnonzero(chosen.any(axis=1)):
            means = {metric: float(mean[row, chosen[row]].mean()) for metric, mean in views.means.items()}
            summary.setdefault(name, {})[views.languages[row]] = means
    return summary


def pairs_summary(views: Views) -> dict[str, dict[str, Any]]:
    """Metrics of "query language-candidate language", each candidate language's own pool, where there are queries."""
    return {
        f"{views.languages[row]}-{views.languages[column]}": {
            **{metric: float(mean[row, column]) for metric, mean in views.means.items()},
            "queries": int(views.queries[row, column]),
        }
        for row, column in np.argwhere(views.queries[:, :-1] > 0)
    }
