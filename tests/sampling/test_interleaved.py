import numpy as np
import pytest

from src.sampling.interleaved import BLOCK, Interleaved
from src.sampling.strategy import Strategy
from tests.sampling.laws import assert_fits


class Counting(Strategy):
    """Rows that name the part and its own step."""

    def __init__(self, name):
        self.name, self.batch_size, self.languages = name, 2, ("en", "ar")

    def plan(self, step):
        return np.array([[step, self.name, self.name]] * 2, dtype=np.int32)

    def replaced(self, step):
        return step

    def expected(self):
        return np.diag(np.eye(2)[self.name])


def test_each_part_counts_its_own_steps():
    strategy, counts = Interleaved([Counting(0), Counting(1)], [0.3, 0.7], 0, "test"), [0, 0]
    for step in range(2 * BLOCK + 5):
        own, part, _ = strategy.plan(step)[0].tolist()
        assert own == counts[part] == strategy.replaced(step)
        counts[part] += 1
    assert_fits(counts, [0.3, 0.7])


def test_expected_shares_are_mixed():
    strategy = Interleaved([Counting(0), Counting(1)], [0.25, 0.75], 0, "test")
    np.testing.assert_allclose(strategy.expected(), np.diag([0.25, 0.75]))


def test_a_single_part_has_every_turn():
    strategy = Interleaved([Counting(1)], [1.0], 0, "test")
    assert [int(strategy.plan(step)[0, 0]) for step in (0, 5, 9_999)] == [0, 5, 9_999]


def test_steps_before_the_first_are_refused():
    with pytest.raises(ValueError, match="count from 0"):
        Interleaved([Counting(0)], [1.0], 0, "test").plan(-1)
