"""What a person sees of a dashboard: what it is made of, where it is, or why it is not there yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from src.dashboards.layout import Section
    from src.dashboards.names import Names
    from src.dashboards.settings import Options


def report_plan(out: Console, options: Options, names: Names, sections: Sequence[Section]) -> None:
    """Print what is built: of which runs, and every panel with the key that it shows."""
    grid = Table.grid(padding=(0, 2))
    for what, value in _about(options, names).items():
        grid.add_row(Text(what, style="dim"), Text(value, overflow="fold"))
    out.print(grid)
    table = Table(title="panels", title_justify="left", box=None, padding=(0, 1), pad_edge=False)
    for column in ("section", "panel", "shows"):
        table.add_column(column, overflow="fold")
    for section in sections:
        for index, panel in enumerate(section.panels):
            table.add_row(Text("" if index else section.title), panel.kind, Text(", ".join(panel.keys)))
        table.add_section()
    out.print()
    out.print(table)


def report_places(out: Console, places: Mapping[str, str]) -> None:
    """Print where each thing that was made is found."""
    out.print()
    out.print(Rule("saved", align="left", style="dim"))
    width = max(map(len, places), default=0)
    for what, where in places.items():
        out.print(Text(f" {what:<{width}}  {where}"), soft_wrap=True)


def _about(options: Options, names: Names) -> dict[str, str]:
    project = f"{options.entity or 'your default entity'}/{options.project}"
    return {
        "builds": "workspace and report" if options.kind == "both" else options.kind,
        "title": options.title,
        "project": project,
        "runs": f"of the group {options.sweep}" if options.sweep else "all of the project",
        "grouped by": ", ".join(names.group_by),
        **({"artifact": f"{options.comparison}, from the results of its runs"} if options.comparison else {}),
        "keys from": ", ".join(map(str, options.folders)) or "docs/wandb.md (give folders of runs for theirs)",
    }
