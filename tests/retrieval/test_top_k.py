import numpy as np
import pytest

from src.retrieval.pool import Pool
from src.retrieval.top_k import top_k


@pytest.mark.parametrize("levels", [2, 7, 100_000])
@pytest.mark.parametrize("k", [1, 10, 50, 80])
def test_the_best_by_score_and_then_by_id(levels, k):
    rng = np.random.default_rng(levels)
    scores = (rng.integers(levels, size=(6, 50)) - levels / 2).astype(np.float32)
    ids = [f"d{i}" for i in rng.permutation(50)]
    found = top_k(scores, Pool.of(ids, np.zeros(50, int), 1), k)
    for row, best in zip(scores, found.tolist(), strict=True):
        assert best == sorted(range(50), key=lambda i: (row[i], ids[i]), reverse=True)[:k]


def test_zero_has_no_sign_and_infinity_has_a_place():
    scores = np.array([[-0.0, 0.0, -np.inf, np.inf, -1e-38, 1e-38]], np.float32)
    ids = ["b", "a", "c", "d", "e", "f"]
    assert top_k(scores, Pool.of(ids, np.zeros(6, int), 1), 6).tolist() == [[3, 5, 0, 1, 4, 2]]
