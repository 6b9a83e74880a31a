"""What `python -m src.errors` finds: which run wins which queries, and why the other loses them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from src.comparing.runs import Run
from src.errors import InputError
from src.evaluation.benchmark import Benchmark
from src.evaluation.encoding import Encoding
from src.mistakes.cases import Case, case_of, value_of
from src.mistakes.differences import Differences, differences
from src.mistakes.pair import Pair
from src.mistakes.rankings import Ranking, View, rankings, select
from src.mistakes.reload import AGAIN, load_benchmark

if TYPE_CHECKING:
    import torch

SAME = 0.01  # a metric that differs by less is what was recorded, but for ties and rounding


@dataclass(frozen=True, eq=False)
class Analysis:
    """All that was found."""

    pair: Pair
    differences: Differences
    benchmark: Benchmark  # with the queries of the cases only
    cases: list[Case]  # those that A wins, then those that B wins, greatest difference first
    notes: list[str]

    def won(self, winner: int) -> list[Case]:
        """The cases that A (0) or B (1) wins."""
        return [case for case in self.cases if case.winner == winner]


def analyse(
    pair: Pair,
    *,
    queries: int,
    candidates: int,
    encoding: Encoding,
    device: torch.device,
    folder: str | None = None,
) -> Analysis:
    """Look at the `queries` greatest wins of each run, with so many confusing candidates each."""
    found = differences(pair)
    whole = load_benchmark(pair.runs[0], pair.benchmark, folder)
    rows = [(winner, row) for winner in (0, 1) for row in found.won(winner, queries)]
    if not rows:
        what = f"{pair.metric} is the same in both runs for each of {len(found):,} queries"
        raise InputError(what, where=f"setting={pair.setting}, metric={pair.metric}", fix="metric=..., or other runs")
    number = {name: place for place, name in enumerate(whole.queries.ids)}
    chosen = list(dict.fromkeys(number[found.query[row]] for _, row in rows))
    benchmark = select(whole, chosen)
    place = {query: position for position, query in enumerate(chosen)}
    views = [View(place[number[found.query[row]]], found.pool[row]) for _, row in rows]
    ranked = [rankings(run, benchmark, views, encoding, device) for run in pair.runs]
    recorded = found.values[:, [row for _, row in rows]]
    notes = []
    if whole.missing is None:  # what a pool lacks counts in a metric, and has no rank
        told = [
            check_recorded(run, benchmark, views, of_run, values.tolist(), pair.metric)
            for run, of_run, values in zip(pair.runs, ranked, recorded, strict=True)
        ]
        notes = [note for note in told if note]
    cases = [
        case_of(benchmark, view, winner, (values[0], values[1]), (one, other), candidates)
        for (winner, _), view, values, one, other in zip(rows, views, recorded.T.tolist(), *ranked, strict=True)
    ]
    return Analysis(pair, found, benchmark, cases, notes)


def check_recorded(
    run: Run,
    benchmark: Benchmark,
    views: Sequence[View],
    ranked: Sequence[Ranking],
    values: Sequence[float],
    metric: str,
) -> str | None:
    """What to say of queries whose rankings do not give what was recorded; InputError if that is most of them."""
    again = [value_of(benchmark, view, ranking, metric) for view, ranking in zip(views, ranked, strict=True)]
    pairs = [(now, then) for now, then in zip(again, values, strict=True) if now is not None]
    off = [max(low - then, then - high) > SAME for (low, high), then in pairs]
    differing = sum(off)
    if 2 * differing > len(off):
        what = f"{differing} of {len(off)} queries score otherwise than recorded: the encoder is not the one of then"
        raise InputError(what, where=str(run.folder), fix=AGAIN)
    if not differing:
        return None
    return f"{differing} of {len(off)} queries score otherwise than recorded in {run.folder.name}: rounding, or ties."
