import numpy as np
import pytest

from src.comparing.critical_batch import estimate_critical_batch, fit_hyperbola, overhead_batch
from src.comparing.interval import Bootstrap

BATCHES = np.array([16.0, 32, 64, 128, 256])


def steps_of(critical: float, smin: float = 100, noise: float = 0, runs: int = 3, seed: int = 0):
    """Each run's steps on a hyperbola, times a log-normal noise."""
    draw = np.random.default_rng(seed)
    return [(int(b), list(smin * (1 + critical / b) * np.exp(draw.normal(0, noise, runs)))) for b in BATCHES]


@pytest.mark.parametrize("critical", [5, 40, 100, 1000])
def test_an_exact_hyperbola_is_found_to_a_per_cent(critical):
    found = estimate_critical_batch(steps_of(critical), Bootstrap(20))
    assert found.critical.estimate == pytest.approx(critical, rel=0.01)
    assert found.steps.estimate == pytest.approx(100, rel=0.01)
    assert found.examples.estimate == pytest.approx(100 * critical, rel=0.01)
    assert found.critical.low == found.critical.high == found.critical.estimate  # all runs alike
    assert found.error < 0.005


def test_it_is_mccandlish_s_tradeoff_between_steps_and_examples():
    fit = fit_hyperbola(BATCHES, [np.array(steps) for _, steps in steps_of(60)])
    for batch, steps in steps_of(60):
        assert (steps[0] / fit.steps - 1) * (batch * steps[0] / fit.examples - 1) == pytest.approx(1, rel=0.03)


def test_with_noise_the_interval_holds_the_truth_and_the_misfit_is_the_noise():
    held, errors = 0, []
    for seed in range(20):
        found = estimate_critical_batch(steps_of(60, noise=0.1, runs=8, seed=seed), Bootstrap(200))
        held += found.critical.low <= 60 <= found.critical.high
        errors.append(found.error)
        assert found.critical.low < found.critical.estimate < found.critical.high
    assert held >= 17
    assert np.mean(errors) == pytest.approx(0.1, rel=0.1)


def test_the_fit_is_the_least_of_the_squares():
    logs = [np.log(np.array(steps)) for _, steps in steps_of(60, noise=0.2)]
    fit = fit_hyperbola(BATCHES, [np.exp(each) for each in logs])

    def squares(critical, smin):
        residuals = [each - np.log(smin * (1 + critical / b)) for b, each in zip(BATCHES, logs, strict=True)]
        return float((np.concatenate(residuals) ** 2).sum())

    least = squares(fit.critical, fit.steps)
    assert fit.error == pytest.approx(np.sqrt(least / 15))
    for factor in (0.95, 1.05):
        assert squares(fit.critical * factor, fit.steps) > least
        assert squares(fit.critical, fit.steps * factor) > least


def test_what_the_sweep_cannot_tell_is_beyond_it():
    alike = estimate_critical_batch([(int(b), [100.0, 100.0]) for b in BATCHES], Bootstrap(10))
    assert (alike.critical.estimate, alike.examples.estimate) == (0, 0)  # a batch size saves nothing
    assert alike.steps.estimate == pytest.approx(100, rel=0.05)
    linear = estimate_critical_batch([(int(b), [25600 / b, 25600 / b]) for b in BATCHES], Bootstrap(10))
    assert (linear.critical.estimate, linear.steps.estimate) == (np.inf, 0)
    assert linear.examples.estimate == pytest.approx(25600, rel=0.05)
    assert linear.overhead.estimate == linear.overhead.high == np.inf


def test_a_fifth_over_linear_scaling():
    steps = np.array([1600, 800, 400, 230, 200.0])  # examples: 25,600 thrice, 29,440 and 51,200
    expected = np.exp(np.log(128) + (0.2 - 0.15) / (1 - 0.15) * np.log(2))
    assert overhead_batch(BATCHES, steps) == pytest.approx(expected)
    assert overhead_batch(BATCHES, steps, overhead=0.15) == pytest.approx(128)
    assert overhead_batch(BATCHES, steps, overhead=1.5) == np.inf


def test_linear_scaling_starts_where_the_fewest_examples_are_needed():
    steps = np.array([4000, 1000, 400, 220, 170.0])  # 64,000, 32,000, 25,600, 28,160 and 43,520 examples
    expected = np.exp(np.log(128) + (0.2 - 0.1) / (0.7 - 0.1) * np.log(2))
    assert overhead_batch(BATCHES, steps) == pytest.approx(expected)


def test_the_interval_of_the_overhead_may_reach_beyond_the_sweep():
    steps = [(16, [1600.0, 1600]), (32, [800.0, 800]), (64, [400.0, 640])]
    found = estimate_critical_batch(steps, Bootstrap(200)).overhead
    assert 32 < found.estimate < 64
    assert 32 < found.low < found.estimate
    assert found.high == np.inf


def test_resamples_are_the_same_for_the_same_seed():
    steps = steps_of(60, noise=0.1)
    assert estimate_critical_batch(steps, Bootstrap(50)) == estimate_critical_batch(steps, Bootstrap(50))
    other = estimate_critical_batch(steps, Bootstrap(50, seed=1))
    assert other.critical.estimate == estimate_critical_batch(steps, Bootstrap(50)).critical.estimate
    assert other.critical.low != estimate_critical_batch(steps, Bootstrap(50)).critical.low
