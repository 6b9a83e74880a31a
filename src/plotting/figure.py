"""A figure before and after it is saved: as PNG and as SVG, the same bytes from the same data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import matplotlib.figure

from src.reporting.folder import replacing

DPI = 200


@dataclass(frozen=True, eq=False)
class Drawn:
    """A figure that is still open, and what is said of it."""

    name: str
    title: str
    caption: str
    alt: str
    canvas: matplotlib.figure.Figure


Made = tuple[list[Drawn], list[str]]  # figures, and what was not drawn and why


@dataclass(frozen=True)
class Figure:
    """A figure on disk."""

    name: str
    title: str
    caption: str  # what to see, how many seeds and texts, and what the intervals are
    png: Path
    svg: Path
    alt: str  # for those who do not see it


def save(drawn: Drawn, folder: Path) -> Figure:
    """Write both files."""
    png, svg = folder / f"{drawn.name}.png", folder / f"{drawn.name}.svg"
    with replacing(png) as temporary:
        drawn.canvas.savefig(temporary, format="png", dpi=DPI)
    with replacing(svg) as temporary:
        drawn.canvas.savefig(temporary, format="svg", dpi=DPI, metadata={"Date": None})
    return Figure(drawn.name, drawn.title, drawn.caption, png, svg, drawn.alt)
