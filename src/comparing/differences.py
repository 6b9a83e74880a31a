"""Groups of runs compared on one benchmark: spreads, each group against a baseline, and the best against the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from src.comparing.comparison import BIAS, BIAS_SETTING, Against, Row, spread_of
from src.comparing.grouping import RunGroup
from src.comparing.interval import Bootstrap
from src.comparing.paired import compared_runs, paired_seeds
from src.comparing.paired_concepts import Measure, by_concept
from src.comparing.paired_tests import Question, Tested, answer
from src.comparing.runs import Run
from src.comparing.values import better, measures_of, values_of, wins_of
from src.evaluation.significance import holm

Pair = tuple[Measure, frozenset[str]]  # two groups in one measure


@dataclass(frozen=True, eq=False)
class Compared:
    """Groups compared on one benchmark."""

    rows: list[Row]  # every group, setting and metric, each but the baseline's against the baseline
    best: list[Row]  # of each setting of the leading metric, and of bias: the best group against every other
    without: list[Run]  # runs that left no per-query results
    family: int  # comparisons that the p values are corrected for
    concepts: int | None = None  # of the measure that has fewest; None: no per-query results


def compare_groups(
    groups: Sequence[RunGroup], baseline: RunGroup | None, benchmark: str, metric: str, bootstrap: Bootstrap
) -> Compared:
    """Compare groups in their order; `metric` leads: its differences, and those of bias, are the family corrected."""
    of_group = {group.label: group for group in groups}
    spreads = _spreads(groups, benchmark)
    if baseline is None:
        return Compared(spreads, [], [], 0)
    results = by_concept([run for group in groups for run in group.runs], benchmark, bootstrap)
    leading = [row for row in spreads if _leads(row, metric)]
    family = _all_pairs(row for row in leading if _measured(row) in results.designs)
    held = {_measure(row) for row in spreads if row.group == baseline.label}
    questions = {
        row: _question(row, of_group, baseline.label)
        for row in spreads
        if row.group != baseline.label and _measure(row) in held
    }
    of_best = {(row, other): _question(row, of_group, other) for row, other in _best(leading)}
    found = answer([*questions.values(), *of_best.values()], results, bootstrap, family)
    rows = [
        replace(row, against=_against(row, questions[row], found.get(questions[row]))) if row in questions else row
        for row in spreads
    ]
    best = [
        replace(row, against=_against(row, question, found.get(question))) for (row, _), question in of_best.items()
    ]
    led = [row for row in (*rows, *best) if _leads(row, metric)]
    corrected = _corrected(led, family, lambda against: against.tested)
    of_encoders = _corrected(led, family, lambda against: against.p)
    return Compared(
        [_told(row, corrected, of_encoders) for row in rows],
        [_told(row, corrected, of_encoders) for row in best],
        results.without,
        family,
        min((design.concepts for design in results.designs.values()), default=None),
    )


def _spreads(groups: Sequence[RunGroup], benchmark: str) -> list[Row]:
    """Every measure that some run has, of the groups all of whose runs have it."""
    measured = (measures_of(run.metrics[benchmark]) for group in groups for run in group.runs)
    measures = dict.fromkeys(measure for each in measured for measure in each)
    return [
        Row(benchmark, group.label, *measure, spread_of(values), None)
        for group in groups
        for measure in measures
        if np.isfinite(values := values_of(group.runs, benchmark, measure)).all()
    ]


def _leads(row: Row, metric: str) -> bool:
    """Whether a row is of the metric that leads, or of bias that can be better or worse."""
    return better(*_measure(row)) is not None and (row.setting == BIAS or row.metric == metric)


def _all_pairs(rows: Iterable[Row]) -> int:
    """Pairs of groups in all measures: the best is chosen among all, so that all count."""
    groups = Counter(_measure(row) for row in rows)
    return sum(count * (count - 1) // 2 for count in groups.values())


def _best(leading: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    """The best group of each measure, and every other one."""
    for measure in dict.fromkeys(map(_measure, leading)):
        rows = [row for row in leading if _measure(row) == measure]
        best = max(rows, key=lambda row: (better(*_measure(row)) or 0) * row.spread.mean)
        yield from ((best, row.group) for row in rows if row is not best)


def _measure(row: Row) -> Measure:
    return row.setting, row.metric


def _measured(row: Row) -> Measure:
    """Where per-query results have it."""
    return BIAS_SETTING if row.setting == BIAS else row.setting, row.metric


def _question(row: Row, of_group: Mapping[str, RunGroup], other: str) -> Question:
    return Question(of_group[row.group], of_group[other], _measured(row))


def _against(row: Row, question: Question, tested: Tested | None) -> Against:
    runs, others = compared_runs(question.group, question.other)
    mine, theirs = (float(np.mean(values_of(each, row.benchmark, _measure(row)))) for each in (runs, others))
    wins, languages = wins_of(runs, others, row.benchmark, _measure(row))
    pairs = len(paired_seeds(question.group, question.other))
    untested = Against(question.other.label, mine - theirs, None, None, pairs, wins, languages)
    return replace(untested, **vars(tested)) if tested else untested


def _corrected(rows: Sequence[Row], family: int, p_of: Callable[[Against], float | None]) -> dict[Pair, float]:
    """p values, corrected for the whole family."""
    ps = {_pair(row): p for row in rows if row.against and (p := p_of(row.against)) is not None}
    return dict(zip(ps, holm(list(ps.values()), family), strict=True))


def _told(row: Row, corrected: Mapping[Pair, float], of_encoders: Mapping[Pair, float]) -> Row:
    if row.against is None:
        return row
    pair = _pair(row)
    against = replace(row.against, p_holm=corrected.get(pair), p_holm_encoders=of_encoders.get(pair))
    return replace(row, against=against)


def _pair(row: Row) -> Pair:
    """The same for a group against another and the other against it."""
    other = row.against.baseline if row.against else row.group
    return _measure(row), frozenset((row.group, other))
