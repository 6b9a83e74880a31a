import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.sampling.members import Members, pack


def members(bits, first=0):
    return Members(first, pack(np.array(bits, dtype=bool)), len(bits))


@settings(max_examples=80, deadline=None)
@given(bits=st.lists(st.booleans(), max_size=300), first=st.integers(0, 10**6))
def test_select_finds_every_member_in_order(bits, first):
    subset = members(bits, first)
    expected = first + np.flatnonzero(bits)
    assert subset.count == len(expected)
    np.testing.assert_array_equal(subset.select(np.arange(subset.count)), expected)


@pytest.mark.parametrize("density", [0.001, 0.5, 0.999])
def test_select_takes_ordinals_in_any_order(density):
    rng = np.random.default_rng(0)
    bits = rng.random(50_000) < density
    ordinals = rng.integers(bits.sum(), size=500)
    np.testing.assert_array_equal(members(bits).select(ordinals), np.flatnonzero(bits)[ordinals])


@settings(max_examples=40, deadline=None)
@given(bits=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=300), first=st.integers(0, 10**6))
def test_members_of_both_vectors_are_found(bits, first):
    one, other = np.array(bits).T
    subset = Members(first, pack(one), len(bits), pack(other))
    assert subset.count == (one & other).sum()
    np.testing.assert_array_equal(subset.select(np.arange(subset.count)), first + np.flatnonzero(one & other))


def test_a_subset_without_gaps_keeps_no_bits():
    assert "_words" not in vars(members([True] * 200))
    assert members([True] * 200, first=7).select(np.array([0, 199])).tolist() == [7, 206]


def test_words_hold_the_first_concept_in_their_lowest_bit():
    bits = np.zeros(70, dtype=bool)
    bits[[0, 3, 64]] = True
    assert pack(bits).tolist() == [0b1001, 1]
