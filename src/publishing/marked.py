"""A comparison's figures as cells that know whether they are the best of their column, or level with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from src.comparing.comparison import BIAS, Against, Row, Spread
from src.comparing.values import better
from src.reporting.tables import SETTINGS, bias_digits, bias_label

if TYPE_CHECKING:
    from src.comparing.comparing import Comparison

STRONG = 0.001  # p below which a difference gets the second mark


@dataclass(frozen=True)
class Cell:
    """One group in one measure."""

    spread: Spread
    against: Against | None  # the baseline
    best: bool
    level: bool  # not the best, but not distinguishable from it either
    mark: str  # "", "†" or "‡": how sure the difference from the baseline is
    digits: int


@dataclass(frozen=True)
class Column:
    """One measure."""

    name: str  # as people write it
    setting: str
    metric: str
    direction: int | None  # 1: more is better, -1: less; None: neither


@dataclass(frozen=True, eq=False)
class Marked:
    """One benchmark's groups by measure."""

    benchmark: str
    title: str
    baseline: str | None
    columns: list[Column]
    rows: list[tuple[str, list[Cell | None]]]  # a group's label and its cells; None where it has no figure

    @property
    def runs(self) -> dict[str, int]:
        """How many repetitions each group has."""
        return {label: max((cell.spread.runs for cell in cells if cell), default=0) for label, cells in self.rows}


def marked(comparison: Comparison) -> Iterator[Marked]:
    """For each benchmark the leading metric by setting, and then its language bias."""
    for benchmark, metric in comparison.metrics.items():
        rows = [row for row in comparison.rows if row.benchmark == benchmark]
        for title, some in (
            (metric, [row for row in rows if row.metric == metric and row.setting != BIAS]),
            ("language bias", [row for row in rows if row.setting == BIAS]),
        ):
            if some:
                yield _table(benchmark, title, some, comparison)


def all_metrics(comparison: Comparison, benchmark: str) -> Iterator[Marked]:
    """Every metric of one benchmark but the one that leads."""
    lead = comparison.metrics[benchmark]
    rows = [row for row in comparison.rows if row.benchmark == benchmark and row.setting != BIAS]
    for metric in dict.fromkeys(row.metric for row in rows if row.metric != lead):
        yield _table(benchmark, metric, [row for row in rows if row.metric == metric], comparison)


def _table(benchmark: str, title: str, rows: Sequence[Row], comparison: Comparison) -> Marked:
    measures = dict.fromkeys((row.setting, row.metric) for row in rows)
    found = {(row.group, row.setting, row.metric): row for row in rows}
    columns = [_column(*measure) for measure in measures]
    best = {measure: _best(rows, measure) for measure in measures}
    beaten = _beaten(comparison, benchmark)
    lines = []
    for group in dict.fromkeys(row.group for row in rows):
        cells = []
        for measure in measures:
            row = found.get((group, *measure))
            level = (group, *measure) in beaten and not beaten[group, *measure]
            cells.append(_cell(row, group == best[measure], level, comparison) if row else None)
        lines.append((group, cells))
    return Marked(benchmark, title, comparison.baselines.get(benchmark), columns, lines)


def _column(setting: str, metric: str) -> Column:
    name = bias_label(metric) if setting == BIAS else SETTINGS.get(setting, setting)
    return Column(name, setting, metric, better(setting, metric))


def _best(rows: Sequence[Row], measure: tuple[str, str]) -> str | None:
    """The group with the best figure; None of one group alone, or where there is no better and worse."""
    some = [row for row in rows if (row.setting, row.metric) == measure]
    sign = better(*measure)
    if sign is None or len(some) < 2:
        return None
    return max(some, key=lambda row: sign * row.spread.mean).group


def _beaten(comparison: Comparison, benchmark: str) -> dict[tuple[str, str, str], bool]:
    """Whether the best of a measure was shown to be better than a group; nothing of what was not tested."""
    return {
        (row.against.baseline, row.setting, row.metric): row.against.p_holm < 1 - comparison.confidence
        for row in comparison.best
        if row.benchmark == benchmark and row.against and row.against.p_holm is not None
    }


def _cell(row: Row, best: bool, level: bool, comparison: Comparison) -> Cell:
    p = row.against.p_holm if row.against else None
    mark = "" if p is None or p >= 1 - comparison.confidence else "‡" if p < STRONG else "†"
    return Cell(row.spread, row.against, best, level, mark, bias_digits(row.metric))
