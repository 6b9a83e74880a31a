import numpy as np
import pytest

from src.evaluation.statistics import ClusteredBootstrap, Estimate


def translated(rng, concepts=60, languages=4, spread=1.0):
    """Values that translations of a concept nearly share, and their concepts and languages."""
    concept = np.repeat(np.arange(concepts), languages)
    return (
        rng.normal(0, spread, concepts)[concept] + rng.normal(0, 0.1, len(concept)),
        concept,
        concept * 0 + np.tile(np.arange(languages), concepts),
    )


def test_the_estimate_is_the_mean_of_the_views_means():
    bootstrap = ClusteredBootstrap([1, 1, 2, 3], ["x", "y", "x", "x"], resamples=10)
    assert bootstrap.mean([1, 5, 3, 5]).estimate == ((1 + 3 + 5) / 3 + 5) / 2
    assert ClusteredBootstrap([1, 1, 2, 3], resamples=10).mean([1, 5, 3, 5]).estimate == 3.5


def test_the_interval_is_that_of_resampled_concepts():
    """Against resampling done literally, row by row."""
    rng = np.random.default_rng(1)
    values, concept, view = translated(rng, concepts=12, languages=3)
    kept = rng.random(len(values)) < 0.7  # languages do not share all questions
    values, concept, view = values[kept], concept[kept], view[kept]
    drawn = []
    for _ in range(3000):
        chosen = rng.integers(12, size=12)
        rows = np.concatenate([np.flatnonzero(concept == c) for c in chosen])
        drawn.append(np.mean([values[rows][view[rows] == v].mean() for v in range(3) if (view[rows] == v).any()]))
    found = ClusteredBootstrap(concept, view, resamples=3000).mean(values)
    assert (found.low, found.high) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.06)


def test_intervals_hold_the_truth_as_often_as_they_say():
    """A bootstrap over rows would hold it half as often: translations are not new samples."""
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(300):
        values, concept, view = translated(rng)
        found = ClusteredBootstrap(concept, view, resamples=200, confidence=0.9).mean(values)
        held += found.low <= 0 <= found.high
    assert 0.84 <= held / 300 <= 0.95


def test_a_planted_difference_is_found():
    rng = np.random.default_rng(3)
    values, concept, view = translated(rng)
    found = ClusteredBootstrap(concept, view).difference(values + 0.05 + rng.normal(0, 0.1, len(values)), values)
    assert 0 < found.low < found.estimate < found.high
    assert found.estimate == pytest.approx(0.05, abs=0.03)


def test_no_difference_is_found_about_as_often_as_the_level_says():
    rng = np.random.default_rng(4)
    found = 0
    for _ in range(300):
        values, concept, view = translated(rng)
        interval = ClusteredBootstrap(concept, view, resamples=200).difference(
            values + rng.normal(0, 0.2, 60)[concept], values
        )
        found += not interval.low <= 0 <= interval.high
    assert 0.02 <= found / 300 <= 0.1


def test_pairing_takes_away_what_is_common():
    rng = np.random.default_rng(5)
    values, concept, view = translated(rng)
    others = values + rng.normal(0, 0.01, len(values))
    bootstrap = ClusteredBootstrap(concept, view)
    paired, alone = bootstrap.difference(others, values), bootstrap.mean(values)
    assert paired.high - paired.low < (alone.high - alone.low) / 20


def test_the_same_seed_gives_the_same_interval():
    values, concept, view = translated(np.random.default_rng(6))
    first, again, other = (ClusteredBootstrap(concept, view, seed=seed).mean(values) for seed in (1, 1, 2))
    assert first == again != other


def test_memory_is_bounded_by_drawing_in_parts(monkeypatch):
    values, concept, view = translated(np.random.default_rng(7))
    monkeypatch.setattr("src.evaluation.statistics.CHUNK", 600)  # ten resamples of 60 concepts
    parts = ClusteredBootstrap(concept, view, resamples=25)
    assert [len(weights) for weights in parts._resamples()] == [10, 10, 5]
    assert parts.mean(values).estimate == pytest.approx(values.mean())


def test_one_concept_gives_no_spread():
    assert ClusteredBootstrap([4, 4]).mean([1, 2]) == Estimate(1.5, 1.5, 1.5)


def test_rows_must_match_and_have_values():
    bootstrap = ClusteredBootstrap([1, 2])
    for values in ([1, 2, 3], [1, np.nan]):
        with pytest.raises(ValueError, match="one number a row"):
            bootstrap.mean(values)
    with pytest.raises(ValueError, match="confidence"):
        ClusteredBootstrap([1, 2], confidence=95)
