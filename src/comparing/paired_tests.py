"""Tests of differences between groups of runs on one benchmark, measure by measure, pair by pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from src.comparing.grouping import RunGroup
from src.comparing.interval import Bootstrap
from src.comparing.paired import compared_runs, paired_seeds
from src.comparing.paired_concepts import ByConcept, Cells, Measure
from src.evaluation.significance import bootstrapped, crossed, effect_size, randomised
from src.evaluation.statistics import ClusteredBootstrap, percentiles

DRAWS, MOST_DRAWS = 10_000, 50_000
DRAWS_A_COMPARISON = 1_001  # so that the smallest p is below 0.001 still when corrected for so many comparisons


@dataclass(frozen=True, eq=False)
class Question:
    """Does one group differ from another in a measure?"""

    group: RunGroup
    other: RunGroup
    measure: Measure


@dataclass(frozen=True)
class Tested:
    """The answers; the last three only where seeds could be paired."""

    low: float | None  # None for a single concept, whose resamples are all alike
    high: float | None
    effect: float | None
    p: float
    p_bootstrap: float
    p_seeds: float | None
    low_seeds: float | None
    high_seeds: float | None


def answer(
    questions: Sequence[Question], results: ByConcept, bootstrap: Bootstrap, family: int
) -> dict[Question, Tested]:
    """Answers to the questions that per-query results can answer; what shares its rows is drawn together."""
    by_design: dict[ClusteredBootstrap, list[tuple[Question, list[Cells]]]] = {}
    for question in questions:
        differences = _differences(question, results)
        if differences:
            by_design.setdefault(results.designs[question.measure], []).append((question, differences))
    draws = min(max(DRAWS, DRAWS_A_COMPARISON * family), MOST_DRAWS)
    found: dict[Question, Tested] = {}
    for design, asked in by_design.items():
        found |= _answers(design, asked, bootstrap, draws)
    return found


def _differences(question: Question, results: ByConcept) -> list[Cells] | None:
    """One for each pair of seeds, or one of the means where no seeds match."""
    runs, others = compared_runs(question.group, question.other)
    mine, theirs = results.of(runs, question.measure), results.of(others, question.measure)
    if not mine or not theirs:
        return None
    if paired_seeds(question.group, question.other):
        return [one - other for one, other in zip(mine, theirs, strict=True)]
    return [np.asarray(np.mean(mine, axis=0) - np.mean(theirs, axis=0))]


def _answers(
    design: ClusteredBootstrap, asked: Sequence[tuple[Question, list[Cells]]], bootstrap: Bootstrap, draws: int
) -> dict[Question, Tested]:
    means = [np.asarray(np.mean(differences, axis=0)) for _, differences in asked]
    drawn = design.drawn_cells(means)
    contributions = np.stack([design.contributions(each) for each in means])
    ps = randomised(contributions, draws=draws, seed=bootstrap.seed)
    return {
        question: _tested(
            contributions[place],
            np.stack([design.contributions(each) for each in differences]),
            drawn[place],
            float(ps[place]),
            bootstrap.confidence,
        )
        for place, (question, differences) in enumerate(asked)
    }


def _tested(
    mean: NDArray[np.float64],
    by_seed: NDArray[np.float64],
    drawn: NDArray[np.float64],
    p: float,
    confidence: float,
) -> Tested:
    over_seeds = crossed(by_seed)
    seeds = (over_seeds.p, *over_seeds.interval(confidence)) if over_seeds else (None, None, None)
    low, high = percentiles(drawn, confidence) if len(mean) > 1 else (None, None)
    return Tested(low, high, effect_size(mean), p, bootstrapped(drawn), *seeds)
