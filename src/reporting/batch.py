"""What a person sees of one batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich import box
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from src.reading.batch import Batch
from src.reading.words import comparison, kind, masked


def report_batch(
    out: Console, batch: Batch, heading: str = "", *, rows: int, notes: Sequence[str] = (), commands: Sequence[str] = ()
) -> None:
    """Print a batch: what it is, its first rows, its languages, what is masked, commands to type next."""
    if heading:
        out.print()
        out.print(Text(f" {heading}", style="bold"))
    out.print()
    out.print(Text(f"{kind(batch)}\n"))
    out.print(rows_table(batch, rows))
    if len(batch) > rows:
        out.print(Text(f" ... and {len(batch) - rows} more rows", style="dim"))
    out.print()
    if len(set(batch.rows[:, 1])) > 1 or len(set(batch.rows[:, 2])) > 1:
        out.print(languages_table(batch))
        out.print()
    for sentence in [*(comparison(batch, row) for row in _telling(batch, rows)), masked(batch), *notes]:
        grid = Table.grid(padding=(0, 1))
        grid.add_row(" *", sentence)
        out.print(grid)
    if commands:
        out.print()
        out.print(Rule("next", align="left", style="dim"))
        for command in commands:
            out.print(Text(f" {command}"), soft_wrap=True)


def rows_table(batch: Batch, rows: int) -> Table:
    """The first rows: concept, languages, and both texts as far as they have room."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, expand=True)
    table.add_column(" row", justify="right")
    table.add_column("concept", justify="right")
    table.add_column("languages", no_wrap=True)
    table.add_column("question, and below it its passage", no_wrap=True, overflow="ellipsis", ratio=1)
    for row, (concept, asked, answered) in enumerate(batch.rows[:rows]):
        pair = f"{batch.languages[asked]} → {batch.languages[answered]}"
        texts = "\n".join(" ".join(text.split()) for text in (batch.questions[row], batch.passages[row]))
        table.add_row(str(row + 1), str(concept), pair, Text(texts))
    return table


def languages_table(batch: Batch) -> Table:
    """By language of the question: how many ask, and how many negatives each has in it and in others, on average."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in (" language", "questions", "passages", "answered in it", "negatives in it", "in others"):
        table.add_column(heading, justify="left" if heading == " language" else "right")
    _, asked, answered = batch.rows.T
    counts = batch.negative_counts
    for number in np.union1d(asked, answered):
        mine = asked == number
        if mine.any():
            own = counts[mine, number].mean()
            told = [f"{(answered[mine] == number).sum()}", f"{own:.1f}", f"{counts[mine].sum(axis=1).mean() - own:.1f}"]
        else:
            told = ["", "", ""]
        table.add_row(f" {batch.languages[number]}", str(mine.sum()), str((answered == number).sum()), *told)
    return table


def _telling(batch: Batch, rows: int) -> list[int]:
    """The first row that stays in its language and the first that does not, among those shown."""
    same = (batch.rows[:, 1] == batch.rows[:, 2])[:rows]
    return sorted({int(np.flatnonzero(same == value)[0]) for value in (True, False) if (same == value).any()})
