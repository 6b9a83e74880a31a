"""What a person sees when a run ends: the results, where everything lies, and what to type next."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from src.reporting.commands import override
from src.reporting.sizes import at, sizes_table
from src.reporting.tables import results_table, suite_table

if TYPE_CHECKING:
    from src.comparing.comparing import Comparison
    from src.shifting.shifting import Shift

MINIMUM_WIDTH = 80
USUAL = ("monolingual", "crosslingual", "hybrid")
OUTSIDE = ("trainer=torchrun", "trainer=slurm")  # their ranks are started from outside, which no sweep is
ANOTHER, COMPARE = "score it on another benchmark", "compare them"


def console() -> Console:
    """The console of all reports: plain text where it is not a terminal, never narrower than 80 columns there."""
    terminal = Console(highlight=False)
    return terminal if terminal.is_terminal else Console(highlight=False, width=max(MINIMUM_WIDTH, terminal.width))


def footnotes(*, generated_data: bool, pretrained: bool) -> list[str]:
    """What a run's figures do not show."""
    notes = []
    if generated_data:
        notes.append("The data is generated from templates: it shows how strategies differ, not how well a model does.")
    if not pretrained:
        notes.append(
            "Trained from scratch: nothing aligned the languages beforehand, so gaps between the settings are "
            "wider than with a pre-trained encoder."
        )
    return [*notes, "One run: a difference between two runs means something only against the spread over seeds."]


def next_steps(
    run_dir: Path, *, benchmark: str = "", sweep: Path | None = None, overrides: Sequence[str] = ()
) -> dict[str, str]:
    """After training, purpose -> command: `overrides` are the finished run's, `sweep` is the folder of its sweep.

    The strategies to run are the usual three, and the finished run's own where that is another.
    """
    steps = {ANOTHER: ["python -m src.evaluate", override("checkpoint", run_dir), *_other(benchmark)]}
    if sweep is None:
        sweep = Path("outputs", "strategies")
        strategies = dict.fromkeys([*USUAL, *(item[8:] for item in overrides if item.startswith("sampler="))])
        grid = [f"sampler={','.join(strategies)}", "seed=1,2,3"]
        kept = [item for item in _without(overrides, "sampler", "seed", "sweep") if item not in OUTSIDE]
        steps["run the strategies, three seeds each"] = ["python -m src.train -m", f"sweep={sweep.name}", *grid, *kept]
    return _typed({**steps, COMPARE: ["python -m src.compare", str(sweep)]})


def next_evaluations(
    *, benchmark: str = "", sweep: Path | None = None, overrides: Sequence[str] = ()
) -> dict[str, str]:
    """After an evaluation: the same encoder on another benchmark."""
    steps = {ANOTHER: ["python -m src.evaluate", *_without(overrides, "benchmark", "sweep"), *_other(benchmark)]}
    return _typed(steps if sweep is None else {**steps, COMPARE: ["python -m src.compare", str(sweep)]})


def _other(benchmark: str) -> list[str]:
    other = "mlqa_r" if benchmark == "xquad_r" else "xquad_r"
    return [f"benchmark={other}", f"benchmark.folder=data/{other}"]


def _without(overrides: Sequence[str], *groups: str) -> list[str]:
    """Overrides of other groups and keys than these."""
    return [item for item in overrides if item.split("=")[0].split(".")[0].lstrip("+~") not in groups]


def _typed(steps: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {purpose: " ".join([head, *map(shlex.quote, words)]) for purpose, (head, *words) in steps.items()}


def report_run(
    out: Console,
    summaries: Mapping[str, Mapping[str, Any]],
    *,
    saved: Mapping[str, Path | str],
    steps: Mapping[str, str],
    notes: Sequence[str] = (),
    metrics: Sequence[str] | None = None,
) -> None:
    """Print the end of a run: results by benchmark, notes, what is saved where, commands to type next."""
    inside = {member for summary in summaries.values() for member in summary.get("members", ())}
    for name, summary in at(summaries, None).items():
        if "members" in summary:
            _section(out, suite_table(summary, {member: summaries[member] for member in summary["members"]}))
        elif name not in inside:
            _section(out, results_table(summary, metrics))
        if name not in inside and (sizes := sizes_table(summaries, name)):
            _section(out, sizes)
    if notes:
        _section(out, _list(notes))
    _section(out, Rule("saved", align="left", style="dim"))
    width = max(map(len, saved), default=0)
    for what, where in saved.items():
        _line(out, f" {what:<{width}}  {where}")
    _next(out, steps)


def report_comparison(
    out: Console,
    comparison: Comparison | Shift,
    *,
    warnings: Sequence[str] = (),
    words: RenderableType | None = None,
) -> None:
    """Print a comparison of runs or of domains: warnings aloud, tables, words and notes."""
    for warning in warnings:
        _section(out, Text(f"! {_near(warning)}", style="bold yellow"))
    for table in comparison.tables:
        _section(out, table.rich())
    if words:
        _section(out, Rule("in words", align="left", style="dim"))
        out.print(words)
    notes = [note for note in comparison.notes if note not in warnings]
    if notes:
        _section(out, _list(notes))


def report_files(out: Console, files: Sequence[Path], steps: Mapping[str, str]) -> None:
    """Print where a comparison is saved, and commands to type next."""
    _section(out, Rule("saved", align="left", style="dim"))
    for file in files:
        _line(out, f" {file}")
    if steps:
        _next(out, steps)


def _next(out: Console, steps: Mapping[str, str]) -> None:
    _section(out, Rule("next", align="left", style="dim"))
    for purpose, command in steps.items():
        _line(out, f" # {purpose}\n {command}")


def _list(notes: Sequence[str]) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column()
    grid.add_column(overflow="fold")
    for note in notes:
        grid.add_row(" *", Text(_near(note), style="dim"))
    return grid


def _section(out: Console, part: RenderableType) -> None:
    out.print()
    out.print(part)


def _line(out: Console, text: str) -> None:
    """Unbroken, so that paths and commands can be copied from any width."""
    out.print(Text(_near(text)), soft_wrap=True)


def _near(text: str) -> str:
    """Paths from the working directory."""
    return text.replace(f"{Path.cwd()}{os.sep}", "")
