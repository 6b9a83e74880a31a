import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.retrieval.pool import Pool
from src.retrieval.ranks import rank_judged
from src.retrieval.scores import query_blocks

LANGUAGES = 4


def ids_of(count: int, rng: np.random.Generator) -> list[str]:
    """Ids whose string order is not their order, some beyond ASCII."""
    return [f"{'ä' if i % 3 else 'z'}{i}" for i in rng.permutation(count)]


def case(seed: int, levels: int, queries: int = 7, candidates: int = 30):
    """Scores with few distinct values, candidates in mixed languages (one may have none), some judged pairs."""
    rng = np.random.default_rng(seed)
    scores = (rng.integers(levels, size=(queries, candidates)) - levels // 2).astype(np.float32) / 8
    language = rng.integers(LANGUAGES - seed % 2, size=candidates)
    if seed % 3 == 0:
        language.sort()
    judged = np.argwhere(rng.random((queries, candidates)) < 0.2)
    return scores, ids_of(candidates, rng), language, judged[:, 0], judged[:, 1]


def by_sorting(scores, ids, language, query, candidate):
    """(own rank, pooled rank) of each pair, from whole rankings sorted as trec_eval sorts them."""
    for q, c in zip(query, candidate, strict=True):
        ranking = sorted(range(len(ids)), key=lambda i: (scores[q, i], ids[i]), reverse=True)
        own = [i for i in ranking if language[i] == language[c]]
        yield own.index(c) + 1, ranking.index(c) + 1


def ranks_of(scores, ids, language, query, candidate, blocks=None, k=5):
    pool = Pool.of(ids, language, LANGUAGES)
    blocks = blocks or query_blocks(len(scores), len(ids))
    return rank_judged(scores, np.eye(len(ids), dtype=np.float32), pool, query, candidate, blocks, k)


@given(seed=st.integers(0, 10_000), levels=st.sampled_from([1, 2, 9, 1000]))
@settings(max_examples=60, deadline=None)
def test_ranks_are_those_of_the_whole_sorted_ranking(seed, levels):
    problem = case(seed, levels)
    ranks = ranks_of(*problem)
    assert list(zip(ranks.own.tolist(), ranks.pooled.tolist(), strict=True)) == list(by_sorting(*problem))
    assert ranks.pair.tolist() == list(range(len(problem[3])))


@given(seed=st.integers(0, 10_000), levels=st.sampled_from([1, 2, 9, 1000]), k=st.sampled_from([1, 5, 29, 40]))
@settings(max_examples=60, deadline=None)
def test_the_best_k(seed, levels, k):
    scores, ids, language, *judged = case(seed, levels)
    top = ranks_of(scores, ids, language, *judged, k=k).top
    for row in range(len(scores)):
        best = sorted(range(len(ids)), key=lambda i: (scores[row, i], ids[i]), reverse=True)[:k]
        assert top[row].tolist() == sorted(best)


def test_blocks_change_nothing():
    problem = case(1, 9)
    whole, single = ranks_of(*problem), ranks_of(*problem, blocks=[slice(i, i + 1) for i in range(7)])
    for name, column in vars(whole).items():
        np.testing.assert_array_equal(column, getattr(single, name))


def test_a_share_of_the_blocks_is_a_share_of_the_ranks():
    problem = case(1, 9)
    whole, part = ranks_of(*problem), ranks_of(*problem, blocks=[slice(2, 4), slice(6, 7)])
    assert part.query.tolist() == [2, 3, 6]
    np.testing.assert_array_equal(part.pooled, whole.pooled[part.pair])
    assert set(problem[3][part.pair]) <= {2, 3, 6}


def test_no_block_no_ranks():
    pool = Pool.of(["a"], np.zeros(1, int), 3)
    nothing = np.empty(0, np.int64)
    ranks = rank_judged(np.ones((1, 1), np.float32), np.ones((1, 1), np.float32), pool, nothing, nothing, [], 10)
    assert [len(column) for column in vars(ranks).values()] == [0] * 5
    assert ranks.top.shape == (0, 1)


def test_one_candidate_is_first():
    ranks = ranks_of(np.full((1, 1), -2, np.float32), ["a"], np.zeros(1, int), np.zeros(1, int), np.zeros(1, int))
    assert (ranks.own.tolist(), ranks.pooled.tolist(), ranks.top.tolist()) == ([1], [1], [[0]])


@pytest.mark.parametrize("levels", [2, 1000])
def test_the_scores_are_left_as_they_are(levels):
    """Ranking sorts copies: embeddings that are scores themselves come back untouched."""
    scores, *rest = case(3, levels)
    before = scores.copy()
    ranks_of(scores, *rest)
    np.testing.assert_array_equal(scores, before)
