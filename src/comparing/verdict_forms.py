"""Verdicts for the terminal, for a page and for a table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from rich.table import Table
from rich.text import Text

from src.comparing.comparison import BIAS
from src.comparing.verdicts import Verdict
from src.reporting.folder import replacing


def in_short(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """For the terminal: the best of each setting and of one measure of bias; the page has the others."""
    kept = [each for each in verdicts if each.group is None]
    first_of_bias = {each.benchmark: each for each in reversed(kept) if each.setting == BIAS}
    return [each for each in kept if each.setting != BIAS or each is first_of_bias[each.benchmark]]


def verdict_table(verdicts: Sequence[Verdict]) -> Table:
    """Wrapped sentences under the name of their benchmark."""
    table = Table.grid(padding=(0, 1))
    table.add_column()
    table.add_column(overflow="fold")
    for benchmark in dict.fromkeys(each.benchmark for each in verdicts):
        table.add_row("", Text(benchmark, style="bold"))
        for each in verdicts:
            if each.benchmark == benchmark:
                table.add_row(" *", Text(each.text))
    return table


def markdown(verdicts: Sequence[Verdict]) -> str:
    """All sentences: of each benchmark what sums it up, then every group against the baseline."""
    parts = []
    for benchmark in dict.fromkeys(each.benchmark for each in verdicts):
        some = [each for each in verdicts if each.benchmark == benchmark]
        for title, summing in (("in words", True), ("each against the baseline", False)):
            lines = [f"- {each.text}" for each in some if (each.group is None) is summing]
            if lines:
                parts.append(f"### {benchmark} · {title}\n\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def write_verdicts(path: Path, verdicts: Sequence[Verdict]) -> Path:
    """One row a sentence; no group where it is of the best one against all others."""
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Verdict)])
        writer.writeheader()
        writer.writerows(asdict(each) for each in verdicts)
    return path
