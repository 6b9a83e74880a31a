"""The trade-off: good within a language or across languages, and how biased."""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.lines import Line2D

from src.plotting.case import Case, seeds_of
from src.plotting.figure import Drawn, Made
from src.plotting.style import INK, SEQUENTIAL, grid, legend, new_figure, thousands
from src.reporting.tables import bias_digits, bias_label

MANY = 1000  # a bias in thousands needs no digits after the point
AXES = ("monolingual", "crosslingual")


def tradeoff(case: Case) -> Made:
    """A mark a group: monolingual against cross-lingual, the bias as its colour."""
    measure = case.bias_measure()
    if measure is None or not set(AXES) <= set(case.settings):
        return [], ["No trade-off: it takes monolingual and cross-lingual figures and a measure of language bias."]
    title = f"Trade-off: {case.metric} within and across languages, and {bias_label(measure)}"
    levels = {group.label: float(np.mean(case.bias(group, measure))) for group in case.groups}
    digits = 0 if max(levels.values()) > MANY else bias_digits(measure)
    handles = [
        Line2D([], [], marker=case.looks[group.label].marker, color="0.55", linestyle="", markersize=7,
               markeredgecolor=INK, markeredgewidth=0.6,
               label=f"{group.label} ({levels[group.label]:,.{digits}f})")
        for group in case.groups
    ]  # fmt: skip
    figure = new_figure(title, 4.4 + 0.12 * len(handles))
    axis = figure.subplots()
    norm = Normalize(min(levels.values()), max(levels.values()))
    for group in case.groups:
        x, y = (np.array(case.values(group, setting), dtype=np.float64) for setting in AXES)
        colour = colormaps[SEQUENTIAL](norm(levels[group.label]))
        axis.plot(x, y, ".", color="0.6", markersize=3, zorder=2)
        if len(x) > 1:
            axis.errorbar(x.mean(), y.mean(), y.std(ddof=1), x.std(ddof=1), ecolor="0.45", elinewidth=0.8, zorder=2)
        axis.scatter(x.mean(), y.mean(), s=90, c=[colour], marker=case.looks[group.label].marker,
                     edgecolors=INK, linewidths=0.7, zorder=3, label=group.label)  # fmt: skip
    axis.set(xlabel=f"monolingual {case.metric}", ylabel=f"cross-lingual {case.metric}")
    axis.margins(0.08)
    grid(axis)
    bar = figure.colorbar(ScalarMappable(norm, SEQUENTIAL), ax=axis, label=bias_label(measure), fraction=0.05, pad=0.02,
                          format=thousands)  # fmt: skip
    bar.outline.set_visible(False)
    legend(figure, handles)
    best = max(case.groups, key=lambda group: float(np.mean(case.values(group, AXES[1]))))
    drawn = Drawn(
        f"tradeoff{case.suffix}",
        title,
        f"Each mark is a group's mean over {seeds_of(case.groups)}: up and right is better. Its colour is "
        f"{bias_label(measure)} in the pool of all languages, written behind its name. Dots are "
        f"single runs, whiskers one standard deviation over seeds; a group with one seed has none. {case.sizes()}.",
        f"Scatter plot of monolingual against cross-lingual {case.metric}; highest across languages: {best.label}.",
        figure,
    )
    return [drawn], []
