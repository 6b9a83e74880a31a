import numpy as np

from src.sampling.tosses import CHUNK, Tosses
from tests.sampling.laws import assert_fits

BLOCK = 1000


def rising(steps):
    return np.minimum(steps / (2 * CHUNK), 1.0)


def test_each_outcome_counts_its_own_draws():
    tosses, counts = Tosses(rising, 3, BLOCK), [0, 0]
    for block in range(2 * CHUNK // BLOCK + 2):
        drawn = tosses.read(block)
        for outcome in (0, 1):
            ordinals = drawn.ordinal[drawn.outcome == outcome]
            np.testing.assert_array_equal(ordinals, counts[outcome] + np.arange(len(ordinals)))
            counts[outcome] += len(ordinals)


def test_blocks_may_be_read_in_any_order():
    far = [150, 3, 66, 0, 65, 150]
    once = {block: Tosses(rising, 3, BLOCK).read(block) for block in far}
    again = Tosses(rising, 3, BLOCK)
    for block in far:
        np.testing.assert_array_equal(np.stack(again.read(block)), np.stack(once[block]))


def test_zero_and_one_are_certain():
    assert Tosses(lambda steps: np.zeros(len(steps)), 1, BLOCK).read(5).outcome.all()
    assert not Tosses(lambda steps: np.ones(len(steps)), 1, BLOCK).read(5).outcome.any()


def test_tosses_are_independent_of_their_neighbours():
    outcome = Tosses(lambda steps: np.full(len(steps), 0.3), 7, 20_000).read(0).outcome
    assert_fits(np.bincount(outcome[1:] * 2 + outcome[:-1]), np.outer([0.3, 0.7], [0.3, 0.7]).ravel())
