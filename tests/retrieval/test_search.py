import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from src.retrieval.search import NONE, Top, best_first, merge, nothing, without
from tests.retrieval.brute import coarse, names, sorted_as_trec_eval


def whole(queries, candidates):
    """All scores and rows, in the order of the rows."""
    scores = queries @ candidates.T
    return scores, np.tile(np.arange(len(candidates)), (len(queries), 1))


@given(seed=st.integers(0, 10_000), levels=st.sampled_from([0, 1, 3, 50]), k=st.sampled_from([1, 7, 40]))
@settings(max_examples=50, deadline=None)
def test_best_first_is_the_order_of_trec_eval(seed, levels, k):
    queries, candidates, ids = coarse(seed, levels)
    top = best_first(*whole(queries, candidates), names(ids), k)
    assert top.row.tolist() == sorted_as_trec_eval(queries, candidates, ids, k)
    np.testing.assert_array_equal(top.score, np.take_along_axis(queries @ candidates.T, top.row, axis=1))


def test_ids_are_looked_at_only_where_scores_tie():
    asked = []

    def ids(rows):
        asked.extend(rows.tolist())
        return [f"d{row}" for row in rows]

    top = best_first(np.array([[1, 2, 2, 3, 0]], np.float32), np.arange(5)[None], ids, 3)
    assert top.row.tolist() == [[3, 2, 1]]
    assert sorted(asked) == [1, 2]


@given(seed=st.integers(0, 10_000), levels=st.sampled_from([0, 1, 50]), cut=st.integers(0, 40))
@settings(max_examples=40, deadline=None)
def test_searches_of_two_parts_merge_into_one_of_the_whole(seed, levels, cut):
    queries, candidates, ids = coarse(seed, levels)
    parts = []
    for rows in (np.arange(cut), np.arange(cut, 40)):
        found = best_first(*whole(queries, candidates[rows]), lambda r, rows=rows: [ids[rows[i]] for i in r], 10)
        padded = nothing(len(queries), 10)
        padded.score[:, : found.row.shape[1]], padded.row[:, : found.row.shape[1]] = found.score, rows[found.row]
        parts.append(padded)
    merged = merge(parts, names(ids), 10)
    assert merged.row.tolist() == sorted_as_trec_eval(queries, candidates, ids, 10)


def test_a_query_leaves_its_own_results():
    top = Top(
        np.array([[3, 2, 1], [3, 2, 1], [3, 2, -np.inf]], np.float32), np.array([[5, 6, 7], [5, 6, 7], [1, 2, -1]])
    )
    left = without(top, np.array([6, NONE, 9]), 2)
    assert left.row.tolist() == [[5, 7], [5, 6], [1, 2]]
    assert left.score.tolist() == [[3, 1], [3, 2], [3, 2]]


@given(seed=st.integers(0, 10_000), size=st.integers(0, 12), k=st.integers(1, 12))
@settings(max_examples=100, deadline=None)
def test_a_query_finds_what_it_would_if_its_own_were_not_there(seed, size, k):
    rng = np.random.default_rng(seed)
    scores, own = rng.normal(size=(5, size)).astype(np.float32), rng.integers(NONE, max(size, 1), 5)
    top = nothing(5, k + 1)
    best = np.argsort(-scores, axis=1)[:, : k + 1]
    top.row[:, : best.shape[1]], top.score[:, : best.shape[1]] = best, np.take_along_axis(scores, best, axis=1)
    left = without(top, own, k)
    for query, candidate in enumerate(own):
        rows = [row for row in np.argsort(-scores[query]).tolist() if row != candidate][:k]
        assert left.row[query].tolist() == rows + [NONE] * (k - len(rows))
        assert left.score[query].tolist() == [*scores[query, rows].tolist(), *[-np.inf] * (k - len(rows))]


def test_a_query_alone_finds_nothing():
    left = without(Top(np.array([[1, -np.inf]], np.float32), np.array([[4, NONE]])), np.array([4]), 1)
    assert (left.row.tolist(), left.score.tolist()) == ([[NONE]], [[-np.inf]])
