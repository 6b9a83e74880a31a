import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, kruskal

from src.evaluation.fairness import _chi2_tail, language_recall, peer, peer_is_constant, recall_gap
from src.evaluation.measures import NOT_FOUND


def columns(*rows):
    """Judgements given as (query, language, grade, rank)."""
    return [np.array(column, np.int32) for column in zip(*rows, strict=True)]


def expected_peer(query, language, grade, rank, k: int) -> list[float]:
    """One query and level at a time, by scipy; documents beyond k tied at k + 1, wherever that is."""
    values = []
    for each in np.unique(query):
        p = []
        for level in np.unique(grade[query == each]):
            chosen = (query == each) & (grade == level)
            cut = np.minimum(rank[chosen], k + 1)
            groups = [cut[language[chosen] == one] for one in np.unique(language[chosen])]
            p.append(kruskal(*groups).pvalue if len(groups) > 1 and len(np.unique(cut)) > 1 else 1.0)
        values.append(np.mean(p))
    return values


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 6), st.integers(1, 3))
def test_peer_is_the_kruskal_wallis_test(seed, k, languages, levels):
    rng = np.random.default_rng(seed)
    rows = []
    for query in (3, 4, 9):
        count = rng.integers(1, 25)
        rank = rng.choice(50, count, replace=False) + 1
        rank[rng.random(count) < 0.1] = NOT_FOUND
        rows += zip(
            [query] * count, rng.integers(0, languages, count), rng.integers(1, levels + 1, count), rank, strict=True
        )
    judged = columns(*rows)
    np.testing.assert_allclose(peer(*judged, k), expected_peer(*judged, k), rtol=1e-9, atol=1e-12)


def test_the_tail_of_chi2():
    x, freedom = (part.reshape(-1) for part in np.meshgrid([0, 1e-9, 0.3, 2, 10.5, 60, 900], np.arange(1, 40)))
    np.testing.assert_allclose(_chi2_tail(x, freedom), chi2.sf(x, freedom), rtol=1e-11)


def test_peer_by_hand():
    """x before y, then taking turns; a level alone in its language is fair, as is one of which nothing is found."""
    apart = [(0, 0, 1, 1), (0, 0, 1, 2), (0, 1, 1, 8), (0, 1, 1, 9)]  # H = 3 * 4 / 5
    turns = [(1, 0, 1, 1), (1, 1, 1, 2), (1, 1, 1, 3), (1, 0, 1, 4)]
    alone = [(2, 0, 1, 1), (2, 0, 1, 3)]
    unfound = [(3, 0, 1, 11), (3, 0, 1, 12), (3, 1, 1, NOT_FOUND)]
    p = chi2.sf(12 / 5, 1)
    assert peer(*columns(*apart, *turns, *alone, *unfound), k=10) == pytest.approx([p, 1, 1, 1])
    graded = [(0, 0, 2, 20), (0, 1, 2, 30)]  # a second level, with nothing within 10
    assert peer(*columns(*apart, *graded), k=10) == pytest.approx([(p + 1) / 2])


def test_what_lies_beyond_k_is_behind_what_is_found():
    """Even where few are relevant and the found ones lie deep."""
    deep = columns((0, 0, 1, 90), (0, 0, 1, 95), (0, 1, 1, 200), (0, 1, 1, NOT_FOUND))
    first = columns((0, 0, 1, 1), (0, 0, 1, 2), (0, 1, 1, 3), (0, 1, 1, NOT_FOUND))
    assert peer(*deep, k=100) == pytest.approx(kruskal([1, 2], [3.5, 3.5]).pvalue)
    assert peer(*first, k=2) == pytest.approx(peer(*deep, k=100))


@pytest.mark.parametrize(("languages", "value"), [(2, 0.3173), (7, 0.4232), (11, 0.4405)])
def test_peer_with_one_document_a_language_is_a_constant(languages, value):
    rng = np.random.default_rng(0)
    queries = 20
    query, language = np.repeat(np.arange(queries), languages), np.tile(np.arange(languages), queries)
    rank = np.concatenate([rng.choice(500, languages, replace=False) + 1 for _ in range(queries)])
    grade = np.ones_like(query)
    for k in (100, 500):
        found = np.bincount(query, rank <= k) > 0
        np.testing.assert_allclose(peer(query, language, grade, rank, k), np.where(found, value, 1), atol=5e-5)
    assert peer_is_constant(query, language, grade)


@pytest.mark.parametrize(
    ("rows", "constant"),
    [
        ([(0, 0, 1, 1), (0, 1, 1, 2)], True),
        ([(0, 0, 1, 1), (0, 0, 1, 2)], True),  # one language: p is 1
        ([(0, 0, 1, 1), (0, 1, 1, 2), (1, 0, 1, 1), (1, 0, 1, 3)], True),
        ([(0, 0, 1, 1), (0, 0, 2, 3), (0, 1, 1, 2)], True),  # two of a language, but of different levels
        ([(0, 0, 1, 1), (0, 0, 1, 3), (0, 1, 1, 2)], False),
        ([(0, 0, 1, 1), (0, 1, 1, 2), (1, 0, 1, 1), (1, 0, 1, 3), (1, 1, 1, 2)], False),
    ],
)
def test_where_peer_says_nothing(rows, constant):
    query, language, grade, _ = columns(*rows)
    assert peer_is_constant(query, language, grade) == constant


def test_recall_by_language():
    """Query 0 finds one of two in x and its one in y; query 1 finds none of one in x; z has no document."""
    query, language, _, rank = columns((0, 0, 1, 4), (0, 0, 1, NOT_FOUND), (0, 1, 1, 5), (1, 0, 2, 6))
    np.testing.assert_array_equal(language_recall(query, language, rank, 5, 3), [1 / 4, 1, np.nan])
    np.testing.assert_array_equal(language_recall(query, language, rank, 6, 3), [3 / 4, 1, np.nan])


def test_the_gap_is_between_the_best_and_the_worst_language():
    assert recall_gap(np.array([0.25, np.nan, 1, 0.5])) == 0.75
    assert recall_gap(np.array([0.5, 0.5])) == 0
    assert np.isnan(recall_gap(np.array([0.5, np.nan])))
