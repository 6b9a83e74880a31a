import numpy as np
import pytest
from scipy import stats

from src.evaluation.significance import bootstrapped, crossed, effect_size, holm, randomised
from src.evaluation.statistics import ClusteredBootstrap
from tests.evaluation.simulated import CONCEPTS, contributions, design, results


def test_randomisation_counts_all_swaps_of_few_concepts():
    """Of four concepts all 16 swaps can be written down: 2 of 16 are as far out as 1 + 2 + 3 + 4."""
    (p,) = randomised(np.array([[1.0, 2.0, 3.0, 4.0]]), draws=40_000)
    assert p == pytest.approx(2 / 16, abs=0.005)
    tied, nothing, alone = randomised(np.array([[1.0, 1, -1, 1], [0, 0, 0, 0], [7, 0, 0, 0]]), draws=40_000)
    assert tied == pytest.approx(10 / 16, abs=0.01)  # sums of +-1: 4 and 2, either sign
    assert (nothing, alone) == (1, 1)


def test_the_same_seed_draws_the_same_and_p_is_never_zero():
    rng = np.random.default_rng(0)
    far, near = np.ones(100), rng.normal(size=100)
    first = randomised(np.stack([far, near]), draws=500, seed=1)
    assert np.array_equal(first, randomised(np.stack([far, near]), draws=500, seed=1))
    assert not np.array_equal(first, randomised(np.stack([far, near]), draws=500, seed=2))
    assert first[0] == 1 / 501


def test_blocks_do_not_change_the_draws(monkeypatch: pytest.MonkeyPatch):
    values = np.random.default_rng(0).normal(0.1, 1, size=(1, 24))
    whole = randomised(values, draws=3000)
    monkeypatch.setattr("src.evaluation.significance.BLOCK", 24 * 16)
    assert np.array_equal(whole, randomised(values, draws=3000))


def test_the_bootstrap_p_agrees_with_the_interval():
    rng = np.random.default_rng(1)
    for _ in range(200):
        clusters = ClusteredBootstrap(np.arange(40), resamples=999)
        values = rng.normal(0.3, 1, 40)
        found = clusters.mean(values)
        p = bootstrapped(clusters.drawn(values))
        rounded = abs(p - 0.05) <= 2 / 1000  # one resample more or less
        assert rounded or (p < 0.05) == (not found.low <= 0 <= found.high)
    assert bootstrapped(np.zeros(50)) == 1


def test_the_crossed_test_against_an_analysis_of_variance_by_hand():
    """Mean squares of a small table, worked out by sums of squares."""
    table = np.array([[1.0, 3, 2, 6], [2, 5, 1, 8], [4, 4, 4, 10]])
    mean, by_seed, by_concept = table.mean(), table.mean(axis=1), table.mean(axis=0)
    of_seed, of_concept = 4 * ((by_seed - mean) ** 2).sum(), 3 * ((by_concept - mean) ** 2).sum()
    rest = ((table - mean) ** 2).sum() - of_seed - of_concept
    seed, concept, residual = of_seed / 2, of_concept / 3, rest / 6
    square = seed + concept - residual
    freedom = min(4, square**2 / (seed**2 / 2 + concept**2 / 3 + residual**2 / 6))
    found = crossed(table)
    assert (found.difference, found.error) == pytest.approx((mean, np.sqrt(square / 12)))
    assert found.freedom == pytest.approx(freedom)
    assert found.p == pytest.approx(2 * stats.t.sf(mean / np.sqrt(square / 12), freedom))
    low, high = found.interval(0.9)
    assert (low, high) == pytest.approx(stats.t.interval(0.9, freedom, loc=mean, scale=found.error))


def test_the_crossed_test_is_never_surer_than_either_alone():
    rng = np.random.default_rng(2)
    for _ in range(200):
        table = rng.normal(size=(3, 1)) * rng.choice([0, 1]) + rng.normal(size=(3, 20))
        by_seed = table.mean(axis=1).std(ddof=1) / np.sqrt(3)
        by_concept = table.mean(axis=0).std(ddof=1) / np.sqrt(20)
        assert crossed(table).error >= max(by_seed, by_concept) * (1 - 1e-12)


def test_what_cannot_be_crossed_and_what_never_varies():
    assert crossed(np.ones((1, 20))) is None
    assert crossed(np.ones((3, 1))) is None
    assert (crossed(np.full((3, 20), 0.1)).p, crossed(np.zeros((3, 20))).p) == (0, 1)


def test_effect_size():
    assert effect_size(np.array([1.0, 3.0])) == pytest.approx(2 / np.sqrt(2))
    assert effect_size(np.array([2.0, 2.0])) is None
    assert effect_size(np.array([2.0])) is None


def test_contributions_of_unequal_views_have_the_macro_mean_and_its_spread():
    """Languages that do not share all questions: against the spread of the mean over many samples of concepts."""
    rng = np.random.default_rng(3)
    means, errors = [], []
    for _ in range(400):
        concept = np.repeat(np.arange(80), 3)
        view = np.tile(np.arange(3), 80)
        held = rng.random(240) < np.array([1.0, 0.6, 0.2])[view]
        values = (rng.normal(size=80)[concept] + rng.normal(0, 0.5, 240) + view)[held]
        clusters = ClusteredBootstrap(concept[held], view[held], resamples=1)
        given = clusters.contributions(clusters.cells(values))
        expected = np.mean([values[view[held] == each].mean() for each in range(3)])
        assert given.mean() == pytest.approx(expected)
        means.append(expected)
        errors.append(given.std(ddof=1) / np.sqrt(len(given)))
    assert np.mean(errors) == pytest.approx(np.std(means), rel=0.1)


def test_cells_of_differences_are_differences_of_cells():
    rng = np.random.default_rng(4)
    one, other = results(rng, seeds=1)[0], results(rng, seeds=1)[0]
    clusters = design()
    apart = clusters.cells(one) - clusters.cells(other)
    assert clusters.contributions(apart) == pytest.approx(clusters.contributions(clusters.cells(one - other)))
    assert contributions(one, other).mean() == pytest.approx((one - other).mean())
    assert len(contributions(one, other)) == CONCEPTS


def _plain_holm(ps: list[float]) -> list[float]:
    """Step by step, as in the textbook."""
    order = sorted(range(len(ps)), key=lambda place: ps[place])
    corrected = [0.0] * len(ps)
    for rank, place in enumerate(order):
        earlier = corrected[order[rank - 1]] if rank else 0.0
        corrected[place] = max(earlier, min(1.0, ps[place] * (len(ps) - rank)))
    return corrected


def test_holm():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.01, 0.04, 0.03], family=10) == pytest.approx([0.1, 0.32, 0.27])
    assert holm([]) == []
    rng = np.random.default_rng(5)
    for size in (1, 2, 7, 30):
        ps = (rng.random(size) ** 4).tolist()
        assert holm(ps) == pytest.approx(_plain_holm(ps))
