"""What a person sees of a preflight: what was looked at, what would go wrong, what the run would take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from src.preflight.findings import Finding

COLOURS = {"ok": "green", "problem": "bold red", "not checked": "dim"}


def report_preflight(
    out: Console,
    findings: Sequence[Finding],
    estimates: Mapping[str, str],
    *,
    made: Sequence[str],
    command: str,
) -> None:
    """Print all findings; problems again with where and fix; estimates; caches that were made; the run's command."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    table.add_column("part", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("found", overflow="fold")
    for each in findings:
        table.add_row(each.part, Text(each.state, COLOURS[each.state]), Text(each.what.splitlines()[0]))
    out.print()
    out.print(table)
    if estimates:
        _section(out, "the run would take")
        grid = Table.grid(padding=(0, 2))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for what, figure in estimates.items():
            grid.add_row(f" {what}", Text(figure))
        out.print(grid)
    problems = [each for each in findings if each.state == "problem"]
    if problems:
        _section(out, "what would go wrong")
        for number, each in enumerate(problems, 1):
            out.print(Text(f" {number}. {each.part}: {each.error}".replace("\n", "\n   ")), soft_wrap=True)
    if made:
        _section(out, "caches made, which the run will use")
        for folder in made:
            out.print(Text(f" {folder}"), soft_wrap=True)
    _section(out, "next")
    count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}: the run would fail"
    out.print(Text(f" # {count if problems else 'nothing was found that would stop the run'}"))
    out.print(Text(f" {command}"), soft_wrap=True)


def _section(out: Console, title: str) -> None:
    out.print()
    out.print(Rule(title, align="left", style="dim"))
