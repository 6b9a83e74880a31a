import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.sampling.permutation import permute
from src.sampling.streams import hashed
from tests.sampling.laws import assert_fits


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 2000), key=st.integers(0, 2**64 - 1))
def test_every_number_is_hit_once(size, key):
    assert sorted(permute(np.arange(size), size, key).tolist()) == list(range(size))


@pytest.mark.parametrize("size", [2, 3, 4])
def test_all_orders_of_few_are_equally_likely(size):
    keys = hashed(1, np.arange(6000))
    images = permute(np.arange(size), size, keys[:, None])
    orders = dict.fromkeys(itertools.permutations(range(size)), 0)
    for image in map(tuple, images.tolist()):
        orders[image] += 1
    assert_fits(list(orders.values()), np.full(len(orders), 1 / len(orders)))


@pytest.mark.parametrize("size", [5, 9, 20, 53])
def test_every_place_and_every_gap_between_neighbours_is_equally_likely(size):
    images = permute(np.arange(size), size, hashed(2, np.arange(8000))[:, None])
    for place in (0, 1, size // 2, size - 1):
        assert_fits(np.bincount(images[:, place], minlength=size), np.full(size, 1 / size))
    for left, right in ((0, 1), (0, size // 2), (size - 2, size - 1)):
        gaps = (images[:, right] - images[:, left]) % size
        assert_fits(np.bincount(gaps, minlength=size)[1:], np.full(size - 1, 1 / (size - 1)))


def test_a_large_permutation_has_neither_order_nor_lumps():
    size = 40_000_000
    images = permute(np.arange(200_000), size, 3)
    assert len(np.unique(images)) == len(images)
    assert_fits(np.histogram(images, bins=50, range=(0, size))[0], np.full(50, 1 / 50))
    assert abs(np.corrcoef(images[:-1], images[1:])[0, 1]) < 0.01
    assert abs((np.diff(images) > 0).mean() - 0.5) < 0.005


def test_keys_give_unrelated_orders():
    one, two = (permute(np.arange(1000), 1000, key) for key in (1, 2))
    assert (one == two).sum() < 10


def test_arguments_broadcast_and_agree_with_single_calls():
    sizes, keys = np.array([1, 7, 1000]), np.array([4, 5, 6])
    together = permute([[0, 3, 17], [0, 6, 999]], sizes, keys)
    assert together.shape == (2, 3)
    for row, position in enumerate([(0, 3, 17), (0, 6, 999)]):
        assert together[row].tolist() == [int(permute(p, n, k)) for p, n, k in zip(position, sizes, keys, strict=True)]
