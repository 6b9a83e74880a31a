import numpy as np

from src.sampling.streams import generator, hashed, mix, stream_key, uniform
from tests.sampling.laws import assert_fits


def test_keys_differ_by_seed_and_by_every_name():
    names = [(1, "a"), (2, "a"), (1, "b"), (1, "a", "b"), (1, "ab"), (11, "a"), (1, "1", "a")]
    assert len({stream_key(*name) for name in names}) == len(names)


def test_keys_are_the_same_in_every_process():
    assert stream_key(1, "monolingual", "order", "en") == 0xA3313E95745AC67A


def test_blocks_of_a_stream_differ_and_repeat():
    draws = [generator(7, block).random(4).tolist() for block in (0, 1, 0)]
    assert draws[0] == draws[2] != draws[1]


def test_mix_is_a_bijection_that_spreads_neighbours():
    words = mix(np.arange(100_000, dtype=np.uint64))
    assert len(np.unique(words)) == len(words)
    assert_fits(np.bincount((words & np.uint64(15)).astype(int)), np.full(16, 1 / 16))


def test_uniform_fills_the_interval_and_stays_below_one():
    numbers = uniform(3, np.arange(50_000))
    assert numbers.min() >= 0
    assert numbers.max() < 1
    assert_fits(np.histogram(numbers, bins=20, range=(0, 1))[0], np.full(20, 1 / 20))


def test_streams_with_neighbouring_keys_are_unrelated():
    same = uniform(3, np.arange(10_000)) - uniform(4, np.arange(10_000))
    assert abs(np.corrcoef(uniform(3, np.arange(10_000)), uniform(4, np.arange(10_000)))[0, 1]) < 0.04
    assert np.abs(same).min() > 0


def test_hashed_takes_a_key_for_each_counter():
    keys = np.array([5, 6], dtype=np.uint64)
    assert hashed(keys, [9, 9]).tolist() == [hashed(5, 9)[0], hashed(6, 9)[0]]
