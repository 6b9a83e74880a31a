"""Panels of language x language matrices on one colour scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from src.plotting.style import WIDTH, new_figure, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 9  # panels of a figure
NUMBERED = 12  # of more languages the numbers would be too small to read
COLUMNS = 3
MANY = 24  # of more languages, the names of three columns would be too small to read


@dataclass(frozen=True)
class Scale:
    """How values become colours and numbers."""

    colours: str
    low: float
    high: float
    label: str
    signed: bool = False

    @property
    def norm(self) -> Normalize:
        """From values to places in the colours."""
        return Normalize(self.low, self.high)

    def text(self, value: float) -> str:
        """As short as it can be: .52, or +.03 of a difference."""
        if not np.isfinite(value):
            return "–"
        digits = f"{abs(value):.2f}"
        sign = "" if not self.signed or float(digits) == 0 else "+" if value > 0 else "−"
        return sign + digits.removeprefix("0")


def panels(title: str, matrices: Mapping[str, NDArray[np.float64]], languages: Sequence[str], scale: Scale) -> Figure:
    """One matrix a panel, its rows the languages of queries."""
    columns = min(2 if len(matrices) in (2, 4) or len(languages) > MANY else COLUMNS, len(matrices))
    rows = -(-len(matrices) // columns)
    width = WIDTH if columns > 1 else 0.6 * WIDTH
    lines = max(wrapped(label, _room(columns)).count("\n") + 1 for label in matrices)
    figure = new_figure(title, rows * (0.86 * width / columns + 0.2 + 0.13 * lines) + 0.7, width)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for number, (axis, (label, matrix)) in enumerate(zip(axes, matrices.items(), strict=False)):
        _panel(axis, matrix, languages, scale, columns)
        axis.set_title(wrapped(label, _room(columns)))
        axis.set_ylabel("query language" if number % columns == 0 else "")
        axis.set_xlabel("candidate language" if number + columns >= len(matrices) else "")
    for axis in axes[len(matrices) :]:
        axis.set_axis_off()
    colours = ScalarMappable(scale.norm, scale.colours)
    bar = figure.colorbar(colours, ax=figure.axes, label=scale.label, location="bottom", aspect=50, shrink=0.7)
    bar.outline.set_visible(False)
    return figure


def _room(columns: int) -> int:
    """Letters of a panel's title."""
    return 84 // columns if columns > 1 else 48


def _panel(axis: Axes, matrix: NDArray[np.float64], languages: Sequence[str], scale: Scale, columns: int) -> None:
    count = len(languages)
    gap = 0.4 if count <= NUMBERED else 0
    axis.pcolormesh(matrix, cmap=scale.colours, norm=scale.norm, edgecolors="white", linewidth=gap)
    axis.set(aspect="equal", facecolor="0.9")
    size = min(7.0, 7.0 * 33 / (columns * count))
    axis.set_xticks(np.arange(count) + 0.5, languages, fontsize=size, rotation=90 if _long(languages) else 0)
    axis.set_yticks(np.arange(count) + 0.5, languages, fontsize=size)
    axis.tick_params(length=0, pad=2)
    axis.invert_yaxis()
    axis.spines[:].set_visible(False)
    if count <= NUMBERED:
        _numbers(axis, matrix, scale, size=6.4 * min(1.0, 33 / (columns * count)) - (0.6 if scale.signed else 0))


def _long(languages: Sequence[str]) -> bool:
    return max(map(len, languages)) > 2 or len(languages) > NUMBERED


def _numbers(axis: Axes, matrix: NDArray[np.float64], scale: Scale, size: float) -> None:
    """The values, dark on light cells and light on dark ones."""
    shades = colormaps[scale.colours](scale.norm(matrix))
    light = shades[..., :3] @ [0.299, 0.587, 0.114] > 0.5
    for (row, column), value in np.ndenumerate(matrix):
        dark_ink = light[row, column] or not np.isfinite(value)
        colour = "black" if dark_ink else "white"
        axis.text(column + 0.5, row + 0.5, scale.text(value), ha="center", va="center", fontsize=size, color=colour)
