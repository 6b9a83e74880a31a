"""Bars by query language: which languages a group serves well, with intervals over concepts."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from src.comparing.grouping import RunGroup
from src.plotting.case import Case, left_out, seeds_of
from src.plotting.concepts import Intervals, intervals
from src.plotting.figure import Drawn, Made
from src.plotting.style import INK, bar_handles, grid, legend, new_figure
from src.reporting.folder import PER_QUERY, plain
from src.reporting.tables import SETTINGS

MOST = 8  # groups
MOST_BARS = 130  # of one panel
HALO = [withStroke(linewidth=2, foreground="white")]  # so that a line is seen on a dark bar too


def languages(case: Case) -> Made:
    """A panel a setting, a row of bars a language."""
    if len(case.languages) < 2 or not case.settings:
        return [], ["No bars by language: there is one language, or an average alone."]
    groups, others = case.chosen(max(2, min(MOST, MOST_BARS // len(case.languages))))
    drawn_at = {group.label: intervals(group, case.benchmark, case.metric, case.confidence) for group in groups}
    title = f"{case.metric} by language of the query"
    rows = len(case.languages) * (len(groups) + 1)
    figure = new_figure(title, 1.2 + max(2.4, rows * max(0.075, min(0.12, 5 / rows))) + 0.13 * len(groups))
    axes = figure.subplots(1, len(case.settings), sharey=True, squeeze=False)[0]
    for axis, setting in zip(axes, case.settings, strict=True):
        for place, group in enumerate(groups):
            _bars(axis, case, group, setting, (place, len(groups)), drawn_at[group.label])
        axis.set(title=SETTINGS[setting], xlabel=case.metric, ylim=(len(case.languages) - 0.5, -0.5))
        axis.set_xlim(left=0)
        axis.set_yticks(range(len(case.languages)), case.languages)
        axis.xaxis.set_major_locator(MaxNLocator(4))
        grid(axis, "x")
    axes[0].set_ylabel("query language")
    legend(figure, bar_handles({group.label: case.looks[group.label] for group in groups}))
    without = [label for label, found in drawn_at.items() if found is None]
    drawn = Drawn(
        f"languages{case.suffix}",
        title,
        f"Means over {seeds_of(groups)}; a cross-lingual bar is the mean over the other languages' pools. "
        f"{_about(case, len(without) < len(groups))} {case.sizes()}.",
        f"Bars of {case.metric} for {len(case.languages)} query languages in {len(case.settings)} settings, "
        f"{len(groups)} groups.",
        figure,
    )
    notes = [f"Bars by language without intervals, no {PER_QUERY}: {'; '.join(without)}."] if without else []
    return [drawn], notes + left_out("Bars by language", len(groups), others)


def _about(case: Case, held: bool) -> str:
    if not held:
        return "No intervals: no run left its results by query."
    return (
        f"Lines: {100 * case.confidence:g} % intervals by bootstrap over concepts, translations of a question kept "
        "together; they are of these encoders and leave out the spread over seeds."
    )


def _bars(
    axis: Axes, case: Case, group: RunGroup, setting: str, place: tuple[int, int], found: Intervals | None
) -> None:
    number, count = place
    height = 0.82 / count
    at = {code: row + (number + 0.5) * height - 0.41 for row, code in enumerate(case.languages)}
    means = _means(case, group, setting)
    look = case.looks[group.label]
    axis.barh([at[code] for code in means], list(means.values()), height, color=look.colour, hatch=look.hatch,
              edgecolor="white", linewidth=0, label=group.label)  # fmt: skip
    for code, y in at.items():
        if found and (setting, code) in found:
            estimate = found[setting, code]
            axis.plot([estimate.low, estimate.high], [y, y], color=INK, linewidth=0.8, solid_capstyle="butt",
                      path_effects=HALO)  # fmt: skip


def _means(case: Case, group: RunGroup, setting: str) -> dict[str, float]:
    """Mean over runs by language, for languages that all runs have."""
    tables = [summary["by_language"].get(setting, {}) for summary in case.summaries(group)]
    values = {code: [plain(table.get(code, {}).get(case.metric)) for table in tables] for code in case.languages}
    return {code: float(np.mean(each)) for code, each in values.items() if None not in each}
