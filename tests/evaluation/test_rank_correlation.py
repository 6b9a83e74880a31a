import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from src.evaluation import rank_correlation as module
from src.evaluation.rank_correlation import rank_correlation, rank_correlations
from src.retrieval.search import NONE


def best(scores: np.ndarray, k: int) -> np.ndarray:
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]


def of(scores: np.ndarray):
    def score_of(queries, candidates):
        assert candidates.min() > NONE
        return scores[queries[:, None], candidates]

    return score_of


def expected(concept, language, scores, top, own) -> tuple[np.ndarray, float | None]:
    """One pair at a time, by scipy."""
    values = np.full(len(concept), np.nan)
    for query in range(len(concept)):
        found = []
        for other in np.flatnonzero((concept == concept[query]) & (language != language[query])):
            union = np.setdiff1d(np.union1d(top[query], top[other]), [NONE, own[query], own[other]])
            if len(union) and min(len(np.unique(scores[each, union])) for each in (query, other)) > 1:
                found.append(spearmanr(scores[query, union], scores[other, union]).statistic)
        values[query] = 100 * np.mean(found) if found else np.nan
    means = [np.nanmean(values[language == each]) for each in np.unique(language[~np.isnan(values)])]
    return values, np.mean(means) if means else None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.sampled_from([1, 3, 100]), st.sampled_from([0, 0.5, 0.9]))
def test_as_scipy_has_it(seed, k, steps, missing):
    """Concepts in different numbers of languages, some twice in one, in disorder, and many ties."""
    rng = np.random.default_rng(seed)
    concept, language = rng.integers(0, 9, 30), rng.integers(0, 4, 30)
    scores = rng.integers(0, steps, (30, 12)) / np.float32(7)
    top = np.where(rng.random((30, k)) < missing, NONE, best(scores, k))  # an approximate search finds fewer
    own = np.where(rng.random(30) < 0.5, rng.integers(0, 12, 30), NONE)
    values, _ = expected(concept, language, scores, top, own)
    np.testing.assert_allclose(rank_correlations(concept, language, top, of(scores), own), values, atol=1e-9)
    values, mean = expected(concept, language, scores, top, np.full(30, NONE))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", 60)  # several blocks
        np.testing.assert_allclose(rank_correlations(concept, language, top, of(scores)), values, atol=1e-9)
    assert rank_correlation(concept, language, top, of(scores)) == (mean and pytest.approx(mean))


def test_identical_and_opposite_rankings():
    scores = np.array([[1, 2, 3, 4], [10, 20, 30, 40], [4, 3, 2, 1]])
    both = np.zeros(2, int), np.arange(2)
    assert rank_correlation(*both, best(scores[:2], 3), of(scores[:2])) == pytest.approx(100)
    assert rank_correlation(*both, best(scores[1:], 3), of(scores[1:])) == pytest.approx(-100)


def test_a_mean_over_languages_and_not_over_queries():
    """Concepts 0 and 1 are asked in x and y with equal rankings, concept 2 in x and z with opposite ones."""
    up, down = [1, 2, 3], [3, 2, 1]
    scores = np.array([up, up, up, up, up, down])
    concept, language = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 0, 2])
    found = rank_correlation(concept, language, best(scores, 2), of(scores))
    assert found == pytest.approx(((100 + 100 - 100) / 3 + 100 - 100) / 3)


@pytest.mark.parametrize(
    ("concept", "language", "scores"),
    [
        ([0, 1, 2], [0, 1, 2], [[1, 2, 3]] * 3),  # no parallel queries
        ([0, 0, 1], [0, 0, 1], [[1, 2, 3]] * 3),  # only in their own language
        ([0, 0, 0], [0, 1, 2], [[1, 1, 1]] * 3),  # all scores equal
    ],
)
def test_none_where_there_is_nothing_to_compare(concept, language, scores):
    scores = np.array(scores)
    assert rank_correlation(np.array(concept), np.array(language), best(scores, 2), of(scores)) is None


def test_few_scores_are_asked_for_at_a_time():
    """XQuAD-R's size: 1,190 questions in 11 languages."""
    concept, language = np.tile(np.arange(1190), 11), np.repeat(np.arange(11), 1190)
    top = np.random.default_rng(0).integers(0, 13014, (len(concept), 1)) + np.arange(10)
    asked = []

    def score_of(queries, candidates):
        asked.append(candidates.size)
        return -((candidates - top[queries, :1]) ** 2)

    assert -100 < rank_correlation(concept, language, top, score_of) < 100
    assert max(asked) <= module.BLOCK
    assert sum(asked) == 1190 * 11 * 110
