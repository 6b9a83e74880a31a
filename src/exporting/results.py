"""An encoder's results with their intervals, as far as the queries behind them were kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from src.comparing.interval import Bootstrap
from src.comparing.paired import PerQuery, mean_per_query
from src.comparing.runs import Run
from src.evaluation.dimensions import is_whole
from src.evaluation.statistics import Estimate

BOOTSTRAP = Bootstrap()
SAME = 1e-6


@dataclass(frozen=True, eq=False)
class Result:
    """One benchmark: its summary, and intervals where its queries were kept."""

    summary: Mapping[str, Any]
    intervals: Mapping[str, Mapping[str, Estimate]]  # setting -> metric -> interval
    cut: tuple[Mapping[str, Any], ...]  # summaries of embeddings cut to smaller sizes, largest first

    @property
    def metrics(self) -> list[str]:
        """All that any setting has, in the benchmark's order."""
        settings = self.summary["settings"].values()
        return list(dict.fromkeys(name for each in settings for name in each if name not in ("queries", "results")))


def results_of(encoder: Run, bootstrap: Bootstrap = BOOTSTRAP) -> list[Result]:
    """Results by benchmark, of whole embeddings, in the order they were scored."""
    whole = [summary for summary in encoder.metrics.values() if is_whole(summary)]
    return [_result(encoder, summary, bootstrap) for summary in whole if "members" not in summary]


def _result(encoder: Run, summary: Mapping[str, Any], bootstrap: Bootstrap) -> Result:
    name = summary["name"]
    cut = [each for each in encoder.metrics.values() if each.get("cut_from", {}).get("name") == name]
    queries = mean_per_query([encoder], name)
    intervals = (
        {} if queries is None else {key: _intervals(queries, key, summary, bootstrap) for key in summary["settings"]}
    )
    return Result(summary, intervals, tuple(sorted(cut, key=lambda each: -each["dimension"])))


def _intervals(
    queries: PerQuery, setting: str, summary: Mapping[str, Any], bootstrap: Bootstrap
) -> dict[str, Estimate]:
    """Those of figures that are means over queries; of any other there is none."""
    figures = {**summary["bias"], **summary["settings"][setting]}
    rows = queries.of_setting(setting)
    held = [name for name, values in queries.values.items() if name in figures and np.isfinite(values[rows]).any()]
    found = {name: bootstrap.estimate(queries, setting, name) for name in held}
    return {
        name: each
        for name, each in found.items()
        if abs(each.estimate - figures[name]) < SAME * max(1, abs(each.estimate))
    }
