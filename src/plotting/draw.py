"""All figures of a comparison, those whose data exist."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib import rc_context

from src.plotting.case import Case, cases
from src.plotting.differences import differences
from src.plotting.embedding_map import embedding_map
from src.plotting.figure import Drawn, Figure, Made, save
from src.plotting.heatmaps import heatmaps
from src.plotting.languages import languages
from src.plotting.learning import learning
from src.plotting.shares import shares
from src.plotting.style import RC, looks_of
from src.plotting.sweep import sweep
from src.plotting.tradeoff import tradeoff
from src.reporting.folder import check_writable

if TYPE_CHECKING:
    from src.comparing.comparing import Comparison

OF_BENCHMARKS: tuple[Callable[[Case], Made], ...] = (
    tradeoff,
    languages,
    heatmaps,
    differences,
    shares,
    sweep,
    embedding_map,
)
Progress = Callable[[str], None]


def draw(
    comparison: Comparison, folder: Path, *, progress: Progress = lambda name: None
) -> tuple[list[Figure], list[str]]:
    """Write every figure to the folder as PNG and SVG; notes say what was not drawn and why.

    `progress` is told the name of each file that is about to be written.
    """
    check_writable(folder)
    figures = []
    with rc_context(RC):  # type: ignore[arg-type]
        drawn, notes = make(comparison)
        for each in drawn:
            progress(each.name)
            figures.append(save(each, folder))
    return figures, notes


def make(comparison: Comparison) -> tuple[list[Drawn], list[str]]:
    """The figures before they are saved."""
    looks = looks_of(group.label for group in [*comparison.groups, *comparison.trained])
    found = cases(comparison, looks)
    figures, notes = learning(comparison.trained, looks)
    for case in found:
        about = f"{case.benchmark}: " if len(found) > 1 else ""
        for figure in OF_BENCHMARKS:
            drawn, missing = figure(case)
            figures += drawn
            notes += [about + note for note in missing]
    return figures, notes
