"""How all figures look: fonts, colours that colour-blind readers can tell apart, and one look for each group."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

if TYPE_CHECKING:
    from matplotlib.axes import Axes

T = TypeVar("T")
Dash = Literal["-", "--", "-.", ":"]

WIDTH = 7.6  # inches, of a page between its margins
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#000000")  # Okabe and Ito, less yellow
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h", "*", "d", "8", "H")
HATCHES = ("", "////", "....", "xxxx", "\\\\\\\\", "++++", "oo", "----")
DASHES: tuple[Dash, ...] = ("-", "--", "-.", ":")
SEQUENTIAL = "cividis"  # perceptually uniform, and the same to colour-blind readers
DIVERGING = "RdBu"  # red is worse than the baseline, white is equal, blue is better
INK, FAINT = "#222222", "#d9d9d9"

RC = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so that figures are the same everywhere
    "font.size": 8,
    "axes.titlesize": 8.5,
    "axes.titlelocation": "left",
    "axes.labelsize": 8,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": False,
    "grid.color": FAINT,
    "grid.linewidth": 0.5,
    "text.color": INK,
    "text.parse_math": False,  # a group's name may hold dollars
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "lines.linewidth": 1.5,
    "lines.markersize": 5,
    "hatch.linewidth": 0.6,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.fonttype": "none",  # text stays text: searchable, and in the reader's font where this one is missing
    "svg.hashsalt": "evenhand",  # with no date in the file, the same input gives the same bytes
}


@dataclass(frozen=True)
class Look:
    """What tells one group from the others, in every figure, with and without colour."""

    colour: str
    marker: str
    hatch: str
    dash: Dash


def looks_of(labels: Iterable[str]) -> dict[str, Look]:
    """A look for each label, in their order; no two alike among the first hundred."""
    return {
        label: Look(
            PALETTE[number % len(PALETTE)],
            MARKERS[number % len(MARKERS)],
            HATCHES[number % len(HATCHES)],
            DASHES[number // len(PALETTE) % len(DASHES)],
        )
        for number, label in enumerate(dict.fromkeys(labels))
    }


def new_figure(title: str, height: float, width: float = WIDTH) -> Figure:
    """An empty figure with its title; the layout keeps labels inside and apart."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.suptitle(wrapped(title, int(10.5 * width)), x=0.01, ha="left", fontsize=10.5, fontweight="bold")
    return figure


def legend(figure: Figure, handles: Sequence[Any], title: str | None = None) -> None:
    """A legend beneath the axes, in as many columns as its words leave room for."""
    for handle in handles:
        handle.set_label(wrapped(handle.get_label(), int(14 * figure.get_figwidth())))
    longest = max(len(line) for handle in handles for line in handle.get_label().splitlines())
    columns = max(1, min(len(handles), int(16 * figure.get_figwidth() / (longest + 6))))
    rows = -(-len(handles) // columns)
    across = [handles[row * columns + column] for column in range(columns) for row in range(rows)
              if row * columns + column < len(handles)]  # fmt: skip
    figure.legend(handles=across, loc="outside lower left", ncols=columns, title=title, alignment="left")


def line_handles(looks: dict[str, Look], **style: Any) -> list[Line2D]:
    """Lines with markers, as a legend shows them."""
    return [
        Line2D([], [], color=look.colour, marker=look.marker, linestyle=look.dash, label=label, **style)
        for label, look in looks.items()
    ]


def bar_handles(looks: dict[str, Look]) -> list[Patch]:
    """Hatched patches, as a legend shows them."""
    return [
        Patch(facecolor=look.colour, hatch=look.hatch, edgecolor="white", linewidth=0, label=label)
        for label, look in looks.items()
    ]


def grid(axis: Axes, which: str = "both") -> None:
    """Faint lines behind the data, and no tick marks where they are."""
    axis.grid(True, axis=which)  # type: ignore[arg-type]
    axis.tick_params(length=0)


def wrapped(label: str, width: int) -> str:
    """A group's name on several lines, broken between its settings."""
    return "\n".join(textwrap.wrap(label, width, break_long_words=True, break_on_hyphens=False))


def thousands(value: float, _: float = 0) -> str:
    """A tick's label: 12,000 or 0.25."""
    return f"{value:,.12g}"


def cycled(values: Sequence[T], count: int) -> list[T]:
    """The values again and again, so many of them."""
    return list(islice(cycle(values), count))
