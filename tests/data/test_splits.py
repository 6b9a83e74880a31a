import numpy as np
import pytest

from src.data.splits import hold_out
from src.errors import InputError


def test_whole_units_are_held_out_evenly_spread():
    units = np.repeat(np.arange(20) * 7, 3)
    held = hold_out(0.1, units)
    assert np.unique(units[held]).tolist() == [9 * 7, 19 * 7]
    assert held.sum() == 6


@pytest.mark.parametrize("fraction", [0.05, 0.1, 0.25, 0.3, 0.5, 0.9])
def test_the_number_of_units_is_the_fraction(fraction):
    held = hold_out(fraction, np.arange(100))
    assert held.sum() == round(100 * fraction)
    assert not held[0]  # something is always left to train on


def test_finer_units_where_there_are_too_few():
    article, paragraph = np.zeros(30, int), np.arange(30) // 2
    held = hold_out(0.1, article, paragraph)
    assert np.flatnonzero(held).tolist() == [18, 19]
    assert hold_out(0.1, np.arange(30) // 3, paragraph).sum() == 3  # ten coarse units are enough


def test_nothing_is_held_out_at_zero():
    assert hold_out(0, np.arange(4)).tolist() == [False] * 4


def test_too_few_units_say_what_would_do():
    with pytest.raises(InputError, match=r"holding out 10% takes more groups of concepts than 4\n[^§]*at least 1/4"):
        hold_out(0.1, np.arange(4))
    assert hold_out(1 / 4, np.arange(4)).sum() == 1
    with pytest.raises(InputError, match="use 0 for no validation"):
        hold_out(0.5, np.zeros(4, int))


@pytest.mark.parametrize("fraction", [-0.1, 1, 1.5])
def test_a_fraction_that_is_none(fraction):
    with pytest.raises(InputError, match="not in"):
        hold_out(fraction, np.arange(10))


def test_a_fraction_that_binary_numbers_miss_holds_out_its_whole_number():
    assert 0.29 * 100 < 29
    assert hold_out(0.29, np.arange(100)).sum() == 29
