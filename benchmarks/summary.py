"""The one table of all comparisons: each program adds its rows to a file, `python -m benchmarks` prints them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.timing import spread, table

HEAD = ("", "unit", "this project", "sentence-transformers", "bare PyTorch", "times s.-t.", "times bare", "program")


@dataclass(frozen=True)
class Row:
    """One comparison; the figures of an arm are those of its repetitions, in order."""

    what: str
    unit: str
    ours: Sequence[float]
    theirs: Sequence[float]
    bare: Sequence[float]  # empty where there is no such floor
    program: str
    more_is_better: bool = True

    def cells(self) -> list[str]:
        """As the table shows it."""
        figures = [spread(arm, _digits(arm)) if arm else "" for arm in (self.ours, self.theirs, self.bare)]
        times = [spread(self._times(arm)) if arm else "" for arm in (self.theirs, self.bare)]
        return [self.what, self.unit, *figures, *times, f"`{self.program}`"]

    def _times(self, other: Sequence[float]) -> list[float]:
        pairs = zip(self.ours, other, strict=True)
        return [own / its if self.more_is_better else its / own for own, its in pairs]


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `python -m benchmarks` gives every program."""
    parser.add_argument("--summary", type=Path, help=argparse.SUPPRESS)


def add(path: Path | None, *rows: Row) -> None:
    """Append rows to the file, if there is one."""
    if path is not None:
        with path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(row)) + "\n" for row in rows)


def one_table(path: Path) -> str:
    """All rows as Markdown."""
    rows = [Row(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    return table(HEAD, [row.cells() for row in rows])


def _digits(values: Sequence[float]) -> int:
    return 0 if max(values) >= 100 else 1 if max(values) >= 10 else 2
