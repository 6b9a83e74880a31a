"""How results change from one domain to others: means in and out of domain, the worst domain, the relative drop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from src.comparing.comparison import Spread, spread_of
from src.comparing.grouping import RunGroup
from src.comparing.interval import Bootstrap
from src.comparing.paired import PerQuery, mean_per_query
from src.comparing.runs import Run
from src.evaluation.statistics import percentiles
from src.reporting.folder import plain

RESULT, INSIDE, OUTSIDE, WORST, DROP = "result", "in-domain mean", "out-of-domain mean", "worst domain", "relative drop"


@dataclass(frozen=True)
class Domains:
    """Benchmarks, by whether they are of the domain that the encoders are at home in."""

    inside: tuple[str, ...]
    outside: tuple[str, ...]

    @property
    def every(self) -> tuple[str, ...]:
        """All, the in-domain ones first."""
        return (*self.inside, *self.outside)


@dataclass(frozen=True)
class Figure:
    """One figure of one group of runs."""

    group: str
    setting: str
    metric: str
    measure: str
    of: str  # the domain, or empty
    over: str  # what it is a mean over, beside the runs
    spread: Spread
    low: float | None = None  # interval over concepts
    high: float | None = None


def shift_figures(
    group: RunGroup, domains: Domains, settings: Sequence[str], metric: str, bootstrap: Bootstrap
) -> list[Figure]:
    """Everything but the split, setting by setting; a figure that a run cannot give (a drop from zero) is left out."""
    per_query = {name: mean_per_query(group.runs, name) for name in domains.every}
    figures = []
    for setting in settings:
        scores = {name: _scores(group.runs, name, setting, metric) for name in domains.every}
        interval = drop_interval(per_query, domains, setting, metric, bootstrap)
        for measure, of, over, values in _measures(scores, domains):
            if np.isfinite(values).all():
                low, high = interval if interval and (measure, of) == (DROP, "") else (None, None)
                spread = spread_of(values.tolist())
                figures.append(Figure(group.label, setting, metric, measure, of, over, spread, low, high))
    return figures


def _measures(
    scores: Mapping[str, NDArray[np.float64]], domains: Domains
) -> list[tuple[str, str, str, NDArray[np.float64]]]:
    """(measure, domain, mean over what, a value for each run)."""
    inside, outside = (np.mean([scores[name] for name in names], axis=0) for names in (domains.inside, domains.outside))
    worst = min(scores, key=lambda name: float(scores[name].mean()))
    over_in, over_out = (", ".join(names) for names in (domains.inside, domains.outside))
    return [
        *((RESULT, name, "", values) for name, values in scores.items()),
        *((DROP, name, "", relative_drop(inside, scores[name])) for name in domains.outside),
        (INSIDE, "", over_in, inside),
        (OUTSIDE, "", over_out, outside),
        (WORST, worst, "", scores[worst]),
        (DROP, "", f"{over_in} against {over_out}", relative_drop(inside, outside)),
    ]


def relative_drop(inside: NDArray[np.float64], outside: NDArray[np.float64]) -> NDArray[np.float64]:
    """(in - out) / in; NaN where nothing is found in domain.

    >>> relative_drop(np.array([0.8, 0.0]), np.array([0.6, 0.1]))
    array([0.25,  nan])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(inside > 0, (inside - outside) / inside, np.nan)


def drop_interval(
    per_query: Mapping[str, PerQuery | None], domains: Domains, setting: str, metric: str, bootstrap: Bootstrap
) -> tuple[float, float] | None:
    """Of the drop of results averaged over runs: each domain's concepts are resampled on their own.

    None where a domain has no results by query.
    """
    drawn = {}
    for stream, name in enumerate(domains.every):
        results = per_query[name]
        if results is None:
            return None
        drawn[name] = bootstrap.drawn(results, setting, metric, stream)
    inside, outside = (np.mean([drawn[name] for name in names], axis=0) for names in (domains.inside, domains.outside))
    drops = relative_drop(inside, outside)
    return percentiles(drops, bootstrap.confidence) if np.isfinite(drops).any() else None


def _scores(runs: Sequence[Run], domain: str, setting: str, metric: str) -> NDArray[np.float64]:
    """One value a run, NaN where it has none."""
    values = [plain(run.metrics[domain]["settings"][setting].get(metric)) for run in runs]
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
