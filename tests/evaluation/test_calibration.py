"""Tests of the tests: on made-up results without a difference they reject at their rate, and they find a planted one.

`--log-cli-level=INFO` shows the rates; their bounds are those of a binomial share.
"""

import logging
from functools import cache

import numpy as np
import pytest
from scipy import stats

from src.evaluation.significance import bootstrapped, crossed, holm, randomised
from src.evaluation.statistics import ClusteredBootstrap
from tests.evaluation.simulated import CONCEPTS, contributions, design, results

LEVEL = 0.05
SIMULATIONS = 400


def bound(rate: float, simulations: int = SIMULATIONS) -> float:
    """What a share stays below 999 times of 1000 if its truth is `rate`."""
    return float(stats.binom.ppf(0.999, simulations, rate)) / simulations


@cache
def differences(seeds: int, *, gain: float = 0.0, of_seed: float = 0.0, start: int = 0) -> np.ndarray:
    """Contributions [simulations, seeds, concepts] of one strategy's encoders against another's."""
    rng = np.random.default_rng([start, seeds])
    pairs = (
        (results(rng, seeds, gain=gain, of_seed=of_seed), results(rng, seeds, of_seed=of_seed))
        for _ in range(SIMULATIONS)
    )
    return np.stack([[contributions(one, other) for one, other in zip(*pair, strict=True)] for pair in pairs])


def rate(ps: list[float] | np.ndarray) -> float:
    """The share that is called a difference."""
    share = float((np.asarray(ps) < LEVEL).mean())
    logging.getLogger(__name__).info("rejects in %.1f of 100", 100 * share)
    return share


def of_concepts(found: np.ndarray) -> np.ndarray:
    """p of each simulation by approximate randomisation, seeds averaged; each with draws of its own."""
    return np.array([randomised(each.mean(axis=0)[None], draws=999, seed=n)[0] for n, each in enumerate(found)])


def of_seeds(found: np.ndarray) -> list[float]:
    return [crossed(each).p for each in found]


@pytest.mark.parametrize("seeds", [1, 3])
def test_without_a_difference_randomisation_rejects_at_its_rate(seeds: int):
    ps = of_concepts(differences(seeds))
    assert 0.02 <= rate(ps) <= bound(LEVEL)
    assert seeds == 1 or rate(of_seeds(differences(seeds))) <= bound(LEVEL)
    assert np.mean(ps) == pytest.approx(0.5, abs=0.05)


def test_without_a_difference_the_bootstrap_rejects_about_at_its_rate():
    """Of 60 concepts it is known to be a little sure of itself: 6 % instead of 5."""
    clusters = design()
    ps = [bootstrapped(clusters.drawn_cells([each.mean(axis=0)[None]])[0]) for each in differences(3)]
    assert 0.02 <= rate(ps) <= bound(0.06)


@pytest.mark.parametrize(("concepts", "least"), [(5, 0.75), (10, 0.85), (20, 0.9), (60, 0.92)])
def test_an_interval_over_few_concepts_holds_the_truth_less_often_than_it_says(concepts: int, least: float):
    rng = np.random.default_rng([12, concepts])
    found = [
        ClusteredBootstrap(np.arange(concepts), resamples=500, seed=n).mean(rng.normal(size=concepts))
        for n in range(1000)
    ]
    share = float(np.mean([each.low <= 0 <= each.high for each in found]))
    logging.getLogger(__name__).info("of %d concepts it holds the truth in %.1f of 100", concepts, 100 * share)
    assert least <= share <= 0.96


def test_ties_and_zeros_do_not_make_it_reject():
    """Nine concepts of ten alike in both encoders, the others one rank up or down."""
    rng = np.random.default_rng(6)
    values = rng.choice([0, 0.5, -0.5], p=[0.9, 0.05, 0.05], size=(SIMULATIONS, 40))
    assert rate([randomised(each[None], draws=999, seed=n)[0] for n, each in enumerate(values)]) <= bound(LEVEL)


def test_translations_taken_for_samples_would_reject_far_too_often():
    """The reason to keep a concept together: four translations are nearly one sample."""
    rng = np.random.default_rng(7)
    alone = [(results(rng, 1)[0] - results(rng, 1)[0])[None] for _ in range(SIMULATIONS)]
    assert rate([randomised(each, draws=499, seed=n)[0] for n, each in enumerate(alone)]) > 0.2


@pytest.mark.parametrize("seeds", [3, 5])
def test_with_differing_seeds_only_the_crossed_test_holds_its_rate(seeds: int):
    """One strategy's encoders differ from seed to seed; strategies do not. Of three seeds the test is at most 7 %."""
    found = differences(seeds, of_seed=0.4)
    assert rate(of_concepts(found)) > 0.2
    assert rate(of_seeds(found)) <= bound(0.07 if seeds == 3 else 0.06)


@pytest.mark.parametrize("seeds", [2, 3, 5])
@pytest.mark.parametrize("of_seed", [0.0, 0.05, 0.1, 0.3, 1.0])
def test_the_crossed_test_holds_its_rate_however_much_seeds_differ(seeds: int, of_seed: float):
    """About, with two seeds: where seeds are nearly all that differs it rejects in 9 of 100, in 5 and 4 with more."""
    rng = np.random.default_rng([8, seeds])
    ps = [
        crossed(rng.normal(0, of_seed, (seeds, 1)) + rng.normal(0, 0.5, (1, 200)) + rng.normal(0, 1, (seeds, 200))).p
        for _ in range(1000)
    ]
    assert rate(ps) <= bound({2: 0.09, 3: 0.07, 5: 0.06}[seeds], 1000)


def test_a_planted_difference_is_found_as_often_as_a_t_test_would():
    rng = np.random.default_rng(9)
    effect = 0.4
    ps = [randomised(rng.normal(effect, 1, (1, CONCEPTS)), draws=999, seed=n)[0] for n in range(SIMULATIONS)]
    freedom, shift = CONCEPTS - 1, effect * np.sqrt(CONCEPTS)
    power = stats.nct.sf(stats.t.isf(LEVEL / 2, freedom), freedom, shift)
    assert power > 0.8
    assert rate(ps) >= power - 3 * np.sqrt(power * (1 - power) / SIMULATIONS)


def test_a_planted_difference_between_strategies_is_found_oftener_than_from_the_means_of_seeds():
    """A t test of five means has 4 degrees of freedom; concepts say how much of their spread is chance."""
    rng = np.random.default_rng(10)
    gain, of_seed, seeds = 0.15, 0.05, 5
    tables = [
        gain + rng.normal(0, of_seed, (seeds, 1)) + rng.normal(0, 0.5, (1, 200)) + rng.normal(0, 1, (seeds, 200))
        for _ in range(SIMULATIONS)
    ]
    error = np.sqrt(of_seed**2 / seeds + 0.5**2 / 200 + 1 / (200 * seeds))
    freedom = 2 * (seeds - 1)
    power = stats.nct.sf(stats.t.isf(LEVEL / 2, freedom), freedom, gain / error)
    assert rate([crossed(each).p for each in tables]) >= power - 3 * np.sqrt(power * (1 - power) / SIMULATIONS)


def test_a_gain_in_ranks_is_found():
    found = differences(3, gain=0.5, of_seed=0.05, start=1)
    of_means = stats.ttest_1samp(found.mean(axis=2), 0, axis=1).pvalue
    assert rate(of_concepts(found)) > 0.9
    assert rate(of_seeds(found)) >= rate(of_means) > 0.5


@pytest.mark.parametrize("groups", [3, 8])
def test_corrected_for_all_pairs_the_best_of_equal_groups_is_rarely_called_better(groups: int):
    """Family-wise: any false word, of groups against the first or of the best, chosen by its mean, against others."""
    rng = np.random.default_rng([11, groups])
    wrong, uncorrected = 0, 0
    for n in range(SIMULATIONS):
        found = rng.normal(size=(groups, 50))
        best = int(found.mean(axis=1).argmax())
        pairs = {frozenset((0, other)) for other in range(1, groups)} | {
            frozenset((best, other)) for other in range(groups) if other != best
        }
        ends = [sorted(pair) for pair in pairs]
        ps = randomised(np.stack([found[one] - found[other] for one, other in ends]), draws=1999, seed=n).tolist()
        wrong += min(holm(ps, groups * (groups - 1) // 2)) < LEVEL
        uncorrected += min(ps) < LEVEL
    logging.getLogger(__name__).info("%d of %d corrected, %d not", wrong, SIMULATIONS, uncorrected)
    assert wrong / SIMULATIONS <= bound(LEVEL)
    assert uncorrected / SIMULATIONS > 0.1
