"""The language heat-map: query language by candidate language, one picture per benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from src.reporting.folder import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = "cividis"  # perceptually uniform and the same to colour-blind readers
ANNOTATED = 20  # above this many languages the numbers would be too small to read
EXPLAINED = {
    "mAP": ("Each pool alone", "mAP of the row's queries against\nthe candidates in the column's language"),
    "pooled mAP": (
        "All languages in one pool",
        "mAP when only the column's language holds the answer;\na bright diagonal: queries favour their own language",
    ),
}


def save_heatmap(path: Path, matrices: Mapping[str, NDArray[Any]], languages: Sequence[str], title: str) -> Path:
    """Draw the matrices side by side on one colour scale; NaN cells (no query can be scored) stay blank."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    side = max(3.2, (0.37 if len(languages) <= ANNOTATED else 0.19) * len(languages))  # inches, without the labels
    figure = Figure(figsize=(len(matrices) * (side + 0.6) + 0.9, side + 1.7), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(matrices), squeeze=False)[0]
    top = max((float(np.nanmax(matrix)) for matrix in matrices.values() if np.isfinite(matrix).any()), default=1.0)
    for axis, (name, matrix) in zip(axes, matrices.items(), strict=True):
        image = _draw(axis, np.asarray(matrix, float), languages, top or 1.0)
        head, explanation = EXPLAINED.get(name, (name, ""))
        axis.set_title(head, fontsize=11, fontweight="bold", loc="left", pad=32)
        axis.annotate(explanation, (0, 1), (0, 4), "axes fraction", "offset points", fontsize=8, color="0.3")
    bar = figure.colorbar(image, ax=axes[-1], label="mAP", fraction=0.046, pad=0.03)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=8, length=2)
    figure.suptitle(f"{title}: mAP by language of query and candidate", fontsize=12, x=0.01, ha="left")
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=150)
    return path


def _draw(axis: Axes, matrix: NDArray[np.float64], languages: Sequence[str], top: float) -> Any:
    image = axis.imshow(matrix, cmap=COLOURS, vmin=0, vmax=top)
    ticks = range(len(languages))
    axis.set_xticks(ticks, languages, fontsize=8, rotation=90 if max(map(len, languages)) > 2 else 0)
    axis.set_yticks(ticks, languages, fontsize=8)
    axis.set_xlabel("candidate language")
    axis.set_ylabel("query language")
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    axis.set_facecolor("0.92")
    if len(languages) <= ANNOTATED:
        _annotate(axis, matrix, top)
    return image


def _annotate(axis: Axes, matrix: NDArray[np.float64], top: float) -> None:
    for (row, column), value in np.ndenumerate(matrix):
        text = f"{value:.2f}".removeprefix("0") if np.isfinite(value) else "–"
        colour = "black" if value > 0.55 * top or not np.isfinite(value) else "white"
        axis.text(column, row, text, ha="center", va="center", fontsize=7, color=colour)
