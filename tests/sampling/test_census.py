import numpy as np
import pytest

from src.sampling.census import take_census
from src.sampling.crosslingual import Crosslingual
from src.sampling.hybrid import Hybrid
from src.sampling.mixed import Mixed
from src.sampling.monolingual import Monolingual
from tests.sampling.indexes import parallel_index, patchy_index


@pytest.mark.parametrize("strategy", [Monolingual, Mixed, Crosslingual, Hybrid])
def test_counts_are_those_of_the_rows(strategy):
    plan = strategy(patchy_index(np.random.default_rng(0), 100, 4), 6, 0)
    counted = np.zeros((4, 4), dtype=int)
    for step in range(10, 60):
        for _, query, passage in plan.plan(step).tolist():
            counted[query, passage] += 1
    census = take_census(plan, range(10, 60))
    np.testing.assert_array_equal(census.pairs, counted)
    assert census.pairs.sum() == 50 * 6
    assert census.replaced == 0


def test_pairs_have_names():
    census = take_census(Monolingual(parallel_index(40, 2), 5, 0), range(30))
    assert set(census.by_pair()) == {"en-en", "ar-ar"}
    assert sum(census.by_pair().values()) == 150


def test_stand_ins_are_counted():
    plan = Mixed(parallel_index(12, 3), 12, 0)
    assert take_census(plan, range(20)).replaced == sum(plan.replaced(step) for step in range(20)) > 0


def test_no_step_no_row():
    assert take_census(Mixed(parallel_index(12, 3), 4, 0), range(0)).by_pair() == {}
