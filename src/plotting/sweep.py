"""A sweep over one numeric setting: the metric of each setting of retrieval, and the bias, against its value."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes

from src.comparing.grouping import RunGroup
from src.plotting.case import Case, seeds_of
from src.plotting.figure import Drawn, Made
from src.plotting.style import DASHES, PALETTE, Look, cycled, grid, legend, line_handles, new_figure, thousands
from src.plotting.varying import FEWEST, Family, Varying, varying
from src.reporting.tables import SETTINGS, bias_label

WIDE = 8.0  # the largest value by the smallest, from which the axis is logarithmic
MANY = 1000  # from here on ticks have separators
MOST_LINES = 3  # of groups that do not have the setting

Values = Callable[[RunGroup], Sequence[float]]


def sweep(case: Case) -> Made:
    """One figure for each setting that varies."""
    found = varying(case.groups)
    if not found or not case.settings:
        return [], [f"No curve over a setting: no number takes {FEWEST} values among groups that are otherwise alike."]
    last = [_last(each) for each in found]
    names = [name if last.count(name) == 1 else each.key for name, each in zip(last, found, strict=True)]
    drawn = [_draw(case, each, name) for each, name in zip(found, names, strict=True)]
    return drawn, [note for each in found for note in _left_out(each)]


def _left_out(varied: Varying) -> list[str]:
    """A note on groups without the setting that are no lines."""
    labels = [group.label for group in varied.without[MOST_LINES:]]
    told = f"Curve over {varied.key}: {MOST_LINES} of the groups without it are lines; not {'; '.join(labels)}."
    return [told] if labels else []


def _last(varied: Varying) -> str:
    """Of the setting's dotted name."""
    return varied.key.rsplit(".", 1)[-1]


def _draw(case: Case, varied: Varying, file: str) -> Drawn:
    name = _last(varied)
    measure = case.bias_measure()
    title = f"{case.metric}{' and language bias' if measure else ''} by {varied.key}"
    panels: dict[str, tuple[str, Values]] = {
        SETTINGS[setting]: (case.metric, lambda group, of=setting: case.values(group, of))  # type: ignore[misc]
        for setting in case.settings
    }
    if measure is not None:
        panels["language bias"] = (bias_label(measure), lambda group: case.bias(group, measure))
    columns = 2 if len(panels) > 1 else 1
    rows = -(-len(panels) // columns)
    looks = _looks(varied)
    figure = new_figure(title, 2.1 * rows + 0.6 + 0.14 * len(looks))
    axes = figure.subplots(rows, columns, sharex=True, squeeze=False).ravel()
    for number, (axis, (head, (label, values))) in enumerate(zip(axes, panels.items(), strict=False)):
        _panel(axis, case, varied, values, looks)
        axis.set(title=head, ylabel=label, xlabel=varied.key if number + columns >= len(panels) else "")
    for axis in axes[len(panels) :]:
        axis.set_axis_off()
    if len(looks) > 1:
        legend(figure, line_handles(looks))
    members = [group for family in varied.families for group in family.members.values()]
    values_told = ", ".join(f"{value:g}" for value in sorted({v for family in varied.families for v in family.members}))
    return Drawn(
        f"sweep-{file.replace('_', '-').replace('.', '-')}{case.suffix}",
        title,
        f"Marks are means over {seeds_of(members)}, dots single runs, whiskers one standard deviation over seeds; one "
        f"seed has none. Up is better for {case.metric}"
        + (f"; lines without marks are groups that have no {name}" if varied.without else "")
        + f". {case.sizes()}.",
        f"Curves over {varied.key} at {values_told}, in {len(panels)} panels.",
        figure,
    )


def _panel(axis: Axes, case: Case, varied: Varying, values: Values, looks: dict[str, Look]) -> None:
    """One measure: a line a family, and one across for each group without the setting."""
    name = _last(varied)
    for family in varied.families:
        _line(axis, case, family, values, looks[_named(family, name)])
    for group in varied.without[:MOST_LINES]:
        axis.axhline(float(np.mean(values(group))), color="0.35", linestyle=looks[group.label].dash, linewidth=0.9)
    _scale(axis, varied)
    if axis.dataLim.y1 > MANY:
        axis.yaxis.set_major_formatter(thousands)
    grid(axis)


def _looks(varied: Varying) -> dict[str, Look]:
    """Of the lines: families in colours, groups without the setting as grey lines."""
    name = _last(varied)
    names = [_named(family, name) for family in varied.families]
    colours = cycled(PALETTE, len(names)) if len(names) > 1 else ["0.5"]  # one line leaves the colours to its marks
    lines = {label: Look(colour, "", "", "-") for label, colour in zip(names, colours, strict=True)}
    grey = varied.without[:MOST_LINES]
    return lines | {g.label: Look("0.35", "", "", dash) for g, dash in zip(grey, cycled(DASHES[1:], 3), strict=False)}


def _named(family: Family, name: str) -> str:
    return family.name or f"by {name}"


def _line(axis: Axes, case: Case, family: Family, values: Values, look: Look) -> None:
    found = {at: np.array(values(group), dtype=np.float64) for at, group in family.members.items()}
    axis.plot(list(found), [each.mean() for each in found.values()], color=look.colour, linestyle=look.dash, zorder=2)
    for at, each in found.items():
        own = case.looks[family.members[at].label]
        axis.plot([at] * len(each), each, ".", color="0.6", markersize=3, zorder=2.5)
        if len(each) > 1:
            axis.errorbar(at, each.mean(), each.std(ddof=1), ecolor="0.35", elinewidth=0.8, capsize=2, zorder=2)
        axis.plot(at, each.mean(), own.marker, color=own.colour, markersize=6, markeredgecolor="white",
                  markeredgewidth=0.5, zorder=3)  # fmt: skip


def _scale(axis: Axes, varied: Varying) -> None:
    """Ticks at the values; logarithmic where they span much."""
    values = sorted({value for family in varied.families for value in family.members})
    if values[0] > 0 and values[-1] / values[0] >= WIDE:
        axis.set_xscale("log")
        axis.minorticks_off()
    axis.set_xticks(values, [f"{value:g}" for value in values], rotation=90 if len(values) > 8 else 0)
