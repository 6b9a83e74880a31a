import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.errors import InputError
from src.retrieval import exact, nearest
from src.retrieval.embeddings import Embeddings
from src.retrieval.exact import ExactSearch
from src.retrieval.search import NONE
from tests.retrieval.brute import coarse, in_parts, names, sorted_as_trec_eval

SEARCH = ExactSearch(device="cpu")


@given(
    seed=st.integers(0, 10_000),
    levels=st.sampled_from([0, 1, 3, 50]),
    k=st.sampled_from([1, 7, 40, 50]),
    sizes=st.sampled_from([[40], [1, 39], [13, 13, 14]]),
    dtype=st.sampled_from([np.float32, np.float16]),
)
@settings(max_examples=60, deadline=None)
def test_the_best_of_all_whatever_the_parts(seed, levels, k, sizes, dtype):
    queries, candidates, ids = coarse(seed, levels)
    top = SEARCH.top(queries, in_parts(candidates, sizes, dtype), names(ids), k)
    expected = sorted_as_trec_eval(queries, candidates, ids, k)
    assert top.row[:, :40].tolist() == expected
    assert (top.row[:, 40:] == NONE).all()
    assert (top.score[:, 40:] == -np.inf).all()


def test_more_ties_than_are_fetched_at_first():
    """Two hundred equal texts: those with the greatest ids win, wherever they lie."""
    rng = np.random.default_rng(0)
    candidates = np.vstack([np.tile(rng.standard_normal(8), (200, 1)), -np.ones((300, 8))]).astype(np.float32)
    candidates = candidates[rng.permutation(500)]
    ids = [f"{i:03d}" for i in rng.permutation(500)]
    queries = candidates[candidates[:, 0] != -1][:3]
    assert exact.SPARE < 200
    top = SEARCH.top(queries, in_parts(candidates, [250, 250]), names(ids), 10)
    assert top.row.tolist() == [sorted(np.flatnonzero(candidates[:, 0] != -1), key=ids.__getitem__)[:-11:-1]] * 3


def test_what_rounding_hid_is_found(monkeypatch):
    """The second is better by a last bit, and float32 products that are off by one bit say otherwise."""
    candidates = np.array([[0.5, 0], [0.5 + 2**-24, 0]], np.float32)

    def off(queries, corpus, k, device):
        if k > 1:
            return nearest.nearest(queries, corpus, k, device)
        return np.array([[0.5 - 2**-25]], np.float32), np.array([[0]])

    monkeypatch.setattr(exact, "SPARE", 0)
    monkeypatch.setattr(exact, "nearest", off)
    top = SEARCH.top(np.array([[1, 0]], np.float32), Embeddings([candidates]), names("ab"), 1)
    assert (top.row.tolist(), top.score.tolist()) == ([[1]], [[candidates[1, 0]]])


def test_equal_vectors_tie_exactly_in_any_block(monkeypatch):
    """In float32 the same product may differ in its last bit with its place in a matrix."""
    monkeypatch.setattr("src.retrieval.embeddings.COPIED_BYTES", 4 * 96 * 7)
    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((30, 96)).astype(np.float16)
    candidates = np.tile(vectors, (20, 1))
    ids = [f"{i:03d}" for i in rng.permutation(len(candidates))]
    top = SEARCH.top(vectors[:5].astype(np.float32), Embeddings([candidates]), names(ids), 20)
    for query, row in enumerate(top.row):
        assert (row % 30 == query).all()
        assert [ids[i] for i in row] == sorted((ids[i] for i in row), reverse=True)


@pytest.mark.parametrize("levels", [1, 50])
def test_torch_on_a_device_finds_the_same(monkeypatch, levels):
    monkeypatch.setattr(nearest, "GPU_ROWS", 11)
    monkeypatch.setattr(nearest, "GPU_SCORES", 22)
    queries, candidates, ids = coarse(3, levels)
    search = ExactSearch(device="cpu")
    search._place = lambda: "cpu:0"  # torch's name for the device that FAISS has otherwise
    top = search.top(queries, in_parts(candidates, [15, 25]), names(ids), 7)
    assert top.row.tolist() == sorted_as_trec_eval(queries, candidates, ids, 7)


def test_nobody_asks_and_nothing_is_there():
    none = np.empty((0, 6), np.float32)
    queries, candidates, ids = coarse(0, 3)
    assert SEARCH.top(none, Embeddings([candidates]), names(ids), 5).row.shape == (0, 5)
    assert (SEARCH.top(queries, Embeddings([none]), names(ids), 5).row == NONE).all()


def test_vectors_of_two_encoders():
    with pytest.raises(InputError, match="queries have 3 dimensions, candidates 6"):
        SEARCH.top(np.ones((1, 3), np.float32), Embeddings([np.ones((2, 6), np.float32)]), names("ab"), 1)


def test_no_such_device():
    with pytest.raises(InputError, match="no device 'abacus'"):
        ExactSearch(device="abacus").check(4)
