"""What two rankings of one query say: where the right answers stand, and what confuses the run that loses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from src.evaluation.benchmark import Benchmark
from src.evaluation.measures import NOT_FOUND, RankedRelevant, parse
from src.mistakes.differences import EVERYWHERE
from src.mistakes.rankings import Ranking, View

OWN_WRONG = "a wrong text in the question's language"
OTHER_WRONG = "a wrong text in another language"
OTHER_RIGHT = "a right text, but in another language"
RIGHT = "a right text; other right ones are low"
KINDS = (OWN_WRONG, OTHER_WRONG, OTHER_RIGHT, RIGHT)  # what stands first where a run loses


class Found(NamedTuple):
    """A candidate, and where A and B rank it; None: not among the best that are known."""

    candidate: int
    rank: tuple[int | None, int | None]
    score: tuple[float | None, float | None]


@dataclass(frozen=True, eq=False)
class Case:
    """A query that one run wins."""

    view: View
    winner: int  # 0: A, 1: B
    values: tuple[float, float]
    kind: str  # of the loser's ranking, one of KINDS
    right: list[Found]  # by language and id
    confusing: list[Found]  # wrong ones above a right one in the loser's ranking, its best first

    @property
    def loser(self) -> int:
        """The other run."""
        return 1 - self.winner


def case_of(
    benchmark: Benchmark,
    view: View,
    winner: int,
    values: tuple[float, float],
    rankings: tuple[Ranking, Ranking],
    candidates: int,
) -> Case:
    """One case with at most so many confusing candidates."""
    answers = answers_of(benchmark, view)
    ranks = (rankings[0].rank, rankings[1].rank)
    loser = rankings[1 - winner]
    lowest = max(ranks[1 - winner].get(answer, NOT_FOUND) for answer in answers)
    right = set(answers)
    wrong = [row for row in loser.row[: lowest - 1].tolist() if row not in right][:candidates]

    def found(row: int) -> Found:
        rank = (ranks[0].get(row), ranks[1].get(row))
        score = [float(each.score[at - 1]) if at else None for each, at in zip(rankings, rank, strict=True)]
        return Found(row, rank, (score[0], score[1]))

    kind = kind_of(benchmark, view, loser, answers)
    return Case(view, winner, values, kind, [found(row) for row in answers], [found(row) for row in wrong])


def answers_of(benchmark: Benchmark, view: View) -> list[int]:
    """The relevant candidates of a view, by language and id."""
    relevant, language = benchmark.judgements.relevant, benchmark.candidates.language
    rows = relevant.candidate[relevant.query == view.query]
    if view.pool != EVERYWHERE:
        rows = rows[language[rows] == benchmark.languages.index(view.pool)]
    return sorted(rows.tolist(), key=lambda row: (language[row], benchmark.candidates.ids[row]))


def kind_of(benchmark: Benchmark, view: View, ranking: Ranking, answers: Sequence[int]) -> str:
    """What stands first; a right text in another language counts as such if there is one in the question's."""
    language = benchmark.candidates.language
    own = benchmark.queries.language[view.query]
    first = int(ranking.row[0]) if len(ranking.row) else None
    if first in answers:
        elsewhere = language[first] != own and any(language[answer] == own for answer in answers)
        return OTHER_RIGHT if elsewhere else RIGHT
    return OWN_WRONG if first is not None and language[first] == own else OTHER_WRONG


def value_of(benchmark: Benchmark, view: View, ranking: Ranking, metric: str) -> tuple[float, float] | None:
    """The metric by a ranking, at least and at most; None where the ranking is too short to say.

    An answer below the best n adds less than 1 / n to average precision and to the reciprocal rank.
    """
    answers, rank, measure = answers_of(benchmark, view), ranking.rank, parse(metric)
    lacking = sum(answer not in rank for answer in answers)
    deep = measure.k is not None and measure.k <= len(rank)
    if not answers or (lacking and not deep and measure.formula not in ("mAP", "MRR")):
        return None
    relevant = benchmark.judgements.relevant
    of = relevant.query == view.query
    grade = dict(zip(relevant.candidate[of].tolist(), relevant.grade[of].tolist(), strict=True))
    ranks = np.array([rank.get(answer, NOT_FOUND) for answer in answers], np.int32)
    grades = np.array([grade[answer] for answer in answers], np.int16)
    value = float(measure(RankedRelevant.group(np.zeros(len(answers), np.int64), ranks, grades)[1])[0])
    return value, value + (0 if deep else lacking / (len(rank) + 1))
