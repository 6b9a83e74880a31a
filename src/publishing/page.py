"""A comparison as one HTML file that needs no network: verdicts, cautions, tables, figures, and how it was made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from src.comparing.verdicts import Verdict
from src.publishing.embedded import embedded
from src.publishing.marked import Marked, all_metrics, marked
from src.publishing.origin import commands, facts, runs_table
from src.publishing.page_tables import PageTable, differences, of_grid, results
from src.publishing.side_by_side import SideBySide
from src.publishing.side_tables import language_tables, legend, mean_tables
from src.reporting.folder import replacing
from src.reporting.tables import counted

if TYPE_CHECKING:
    from src.comparing.comparing import Comparison
    from src.plotting.figure import Figure

TEMPLATES = Path(__file__).parent / "templates"
UNBROKEN = re.compile(r"p ([<=>]) ")  # no line ends between p and its value


@dataclass(frozen=True, eq=False)
class OfBenchmark:
    """What the page shows of one benchmark."""

    name: str
    sums: list[Verdict]  # of the best group against all others
    others: list[Verdict]  # of each group against the baseline
    tables: list[PageTable]
    more: list[PageTable]  # behind a line to click


def write_page(
    comparison: Comparison,
    figures: Sequence[Figure],
    published: SideBySide,
    path: Path,
    *,
    undrawn: Sequence[str] = (),
    command: str = "",
) -> Path:
    """Write the page; `undrawn` says why figures are missing, `command` what was typed for it."""
    groups = comparison.groups
    html = (
        _environment()
        .get_template("page.html")
        .render(
            about=f"{counted(len(groups), 'group')} of {counted(sum(len(group.runs) for group in groups), 'run')}",
            benchmarks=[_of_benchmark(comparison, name) for name in comparison.metrics],
            cautions=comparison.warnings,
            notes=[note for note in comparison.notes if note not in comparison.warnings],
            learning=[of_grid(table) for table in comparison.learning.tables],
            figures=[(figure, embedded(figure, f"figure-{number}")) for number, figure in enumerate(figures, 1)],
            undrawn=undrawn,
            published=[of_grid(table, legend(published.rows)) for table in mean_tables(published.rows)],
            published_by_language=[of_grid(table) for table in language_tables(published.rows)],
            published_notes=published.notes,
            runs=runs_table(comparison),
            facts=facts(comparison),
            commands=commands(comparison),
            command=command,
        )
    )
    with replacing(path) as temporary:
        temporary.write_text(html, encoding="utf-8")
    return path


def _environment() -> Environment:
    """Everything that is not marked as safe is escaped; a name that is not given is an error."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = partial(UNBROKEN.sub, "p\u00a0\\1\u00a0")
    environment.globals["style"] = Markup((TEMPLATES / "page.css").read_text(encoding="utf-8"))
    return environment


def _of_benchmark(comparison: Comparison, name: str) -> OfBenchmark:
    verdicts = [verdict for verdict in comparison.verdicts if verdict.benchmark == name]
    leading = [table for table in marked(comparison) if table.benchmark == name]
    tables = [each for table in leading for each in _both(table, comparison.confidence)]
    more = [each for table in all_metrics(comparison, name) for each in _both(table, comparison.confidence)]
    sums = [verdict for verdict in verdicts if verdict.group is None]
    return OfBenchmark(name, sums, [verdict for verdict in verdicts if verdict.group is not None], tables, more)


def _both(table: Marked, confidence: float) -> list[PageTable]:
    against = differences(table, confidence)
    return [results(table, confidence), *([against] if against else [])]
