"""What a person sees of a mining."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from src.reporting.commands import nearby, override, python

SHOWN = 160  # characters of a text in an example
COLUMNS = ("queries", "in ranks", "too near", "mined", "positive", "negative")
NOTES = (
    "in ranks: passages there, once for each concept of the question; too near: those of them that score above what "
    "the margin allows.",
    "mined: negatives by the language whose query ranked them best; positive, negative: mean scores there, the "
    "positive's in the negative's language.",
)


def report_mining(
    out: Console, record: Mapping[str, Any], folder: Path, *, examples: int, overrides: Sequence[str] = ()
) -> None:
    """Print a mining: counts and scores by language, examples, where it is saved, what to type next."""
    found = record["found"]
    _section(out, _heading(record))
    _section(out, _table(found))
    _section(out, _notes(found))
    for example in record["examples"][:examples]:
        _section(out, _example(example))
    _section(out, Rule("saved", align="left", style="dim"))
    for what, file in {"data": record["file"]["name"], "record": "mine.json"}.items():
        out.print(Text(f" {what:<6}  {nearby(folder / file)}"), soft_wrap=True)
    _section(out, Rule("next", align="left", style="dim"))
    for purpose, command in next_commands(record, folder, overrides).items():
        out.print(Text(f" # {purpose}\n {command}"), soft_wrap=True)


def next_commands(record: Mapping[str, Any], folder: Path, overrides: Sequence[str]) -> dict[str, str]:
    """Purpose -> command: train on what was mined, with the original data's held-out part if it has one."""
    start = [python(), "-m", "src.train", "dataset=jsonl", override("dataset.folder", nearby(folder)), "negatives=1"]
    commands = {"train on it; a tenth of its concepts is held out for validation": start}
    if "validation" in record["training"]["concepts"]:
        own = [word for word in overrides if word.startswith("dataset.")]
        group = next((word for word in overrides if word.startswith("dataset=")), "dataset=cldr_facts")
        same = [f"dataset@validation_data={group.split('=')[1]}", *(f"validation_data.{word[8:]}" for word in own)]
        purpose = "or on all of it, and choose checkpoints by what the original data hold out"
        commands[purpose] = [*start, "dataset.validation_fraction=0", *same]
    return {purpose: shlex.join(words) for purpose, words in commands.items()}


def _heading(record: Mapping[str, Any]) -> Text:
    found = record["found"]
    sizes = f"{found['concepts']['all']:,} concepts · {found['passages']['texts']:,} texts searched"
    by = record["model"]["checkpoint"] or record["model"]["name"]
    return Text.assemble((f" {record['training']['name']}", "bold"), f" mined with {by} · {sizes}")


def _table(found: Mapping[str, Any]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    table.add_column("asked in", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
    rows = found["by_query_language"]
    for language, row in rows.items():
        table.add_row(Text(language), *_cells(row))
    if len(rows) > 1:
        table.add_section()
        summed = {key: sum(row[key] for row in rows.values()) for key in ("queries", "candidates", "above_margin")}
        table.add_row("all", *_cells({**summed, **found["scores"]}), style="bold")
    return table


def _cells(row: Mapping[str, Any]) -> list[str]:
    scores = ("–" if row[key] is None else f"{row[key]:.3f}" for key in ("positive", "negative"))
    return [*(f"{row[key]:,}" for key in ("queries", "candidates", "above_margin", "negatives")), *scores]


def _notes(found: Mapping[str, Any]) -> Table:
    concepts, below = found["concepts"], found["below_positive"]
    where = " · ".join(f"{code} {count:,}" for code, count in found["found_in"].items())
    own = (
        f"{concepts['with_fewer_negatives']:,} concepts have fewer negatives than asked for, {concepts['with_none']:,} "
        "of them none.",
        f"Below the positive by {below['50%']:.3f} in the median ({below['5%']:.3f} to {below['95%']:.3f} for 90 %).",
        f"Language of the text that was found: {where}",
    )
    grid = Table.grid(padding=(0, 1))
    for note in (*own, *NOTES):
        grid.add_row(" *", Text(note, style="dim"))
    return grid


def _example(example: Mapping[str, Any]) -> Group:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(min_width=16)
    grid.add_column(overflow="fold")
    grid.add_row(f"  question {example['language']}", Text(_short(example["question"])))
    grid.add_row(f"  positive {example['positive_score']:.3f}", Text(_short(example["positive"])))
    grid.add_row(f"  negative {example['negative_score']:.3f}", Text(_short(example["negative"])))
    return Group(Text(f" rank {example['rank']}, found in {example['negative_language']}", style="dim"), grid)


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 2]} …"


def _section(out: Console, part: RenderableType) -> None:
    out.print()
    out.print(part)
