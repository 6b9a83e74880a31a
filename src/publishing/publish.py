"""Everything that a comparison leaves for readers elsewhere: LaTeX, figures, published figures beside, one page."""

from __future__ import annotations

import logging
import shlex
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from src.publishing.latex import write_latex
from src.publishing.page import write_page
from src.publishing.papers import papers
from src.publishing.side_by_side import SideBySide
from src.publishing.side_tables import legend, mean_tables, write_beside
from src.reporting.commands import nearby
from src.reporting.environment import command_line

if TYPE_CHECKING:
    from src.comparing.comparing import Comparison
    from src.plotting.figure import Figure

FIGURES, PAGE, LATEX, PUBLISHED = "figures", "comparison.html", "comparison.tex", "published.csv"
SECONDS = 5.0  # between two lines of progress

logger = logging.getLogger(__name__)


def with_published(comparison: Comparison, published: SideBySide) -> Comparison:
    """With the published averages among the tables, or why there are none of a benchmark that a paper has too."""
    known = {name for paper in papers() for name in paper.values("benchmark")}
    if not known & {name.partition("[")[0] for name in comparison.metrics}:
        return comparison
    return replace(
        comparison,
        tables=[*comparison.tables, *mean_tables(published.rows)],
        notes=[*comparison.notes, *published.notes, *legend(published.rows)],
    )


def publish(comparison: Comparison, published: SideBySide, folder: Path, *, figures: bool, page: bool) -> list[Path]:
    """Write it all and say what there is."""
    files = [write_latex(folder / LATEX, comparison)]
    if published.rows:
        files.append(write_beside(folder / PUBLISHED, published.rows))
    drawn: list[Figure] = []
    undrawn = ["Left out with figures=false."]
    if figures:
        drawn, undrawn = _drawn(comparison, folder / FIGURES)
        files.append(folder / FIGURES)
    if page:
        command = command_line()
        files.append(write_page(comparison, drawn, published, folder / PAGE, undrawn=undrawn, command=command))
    return files


def next_steps(comparison: Comparison, files: Sequence[Path]) -> dict[str, str]:
    """Purpose -> command: the page, and two runs of which one wins over the other."""
    steps = {}
    page = next((file for file in files if file.name == PAGE), None)
    if page:
        steps["read it all in a browser"] = shlex.join(["python", "-m", "webbrowser", str(nearby(page.resolve()))])
    first = next((row for row in comparison.best if row.against), None)
    if first and first.against:
        runs = {group.label: group.runs[0].folder for group in comparison.groups}
        pair = [str(nearby(runs[label])) for label in (first.group, first.against.baseline)]
        steps[f"which questions {first.group} wins over {first.against.baseline}"] = shlex.join(
            ["python", "-m", "src.errors", *pair]
        )
    return steps


def _drawn(comparison: Comparison, folder: Path) -> tuple[list[Figure], list[str]]:
    """The figures, and why others are missing."""
    from src.plotting.draw import draw

    logger.info("drawing figures (figures=false leaves them out) ...")
    said = time.monotonic()

    def progress(name: str) -> None:
        nonlocal said
        if time.monotonic() - said > SECONDS:
            said = time.monotonic()
            logger.info("drawing %s", name)

    return draw(comparison, folder, progress=progress)
