import numpy as np
import pytest

from src.data import distinct as module
from src.data.distinct import distinct, distinct_in


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 7)


@pytest.mark.parametrize("count", [0, 1, 7, 8, 50])
def test_as_numpy_finds_them(count):
    rng = np.random.default_rng(count)
    first, second = rng.integers(0, 30, (2, count)).astype(np.int32)
    np.testing.assert_array_equal(distinct([first, second], 30), np.unique(np.concatenate([first, second])))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint64])
def test_only_ids_that_a_language_holds(dtype):
    rng = np.random.default_rng(1)
    ids, held = rng.integers(0, 30, 60), rng.integers(0, 8, 60).astype(dtype)
    for language in range(3):
        expected = np.unique(ids[(held.astype(int) >> language) % 2 == 1])
        np.testing.assert_array_equal(distinct_in(ids, held, language, 30), expected)


def test_one_mask_for_all():
    held = np.broadcast_to(np.uint16(0b10), 20)
    ids = np.arange(20) // 2
    assert distinct_in(ids, held, 0, 10).tolist() == []
    assert distinct_in(ids, held, 1, 10).tolist() == list(range(10))
