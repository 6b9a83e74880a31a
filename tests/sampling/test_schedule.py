import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.sampling.schedule import BLOCKS_PER_CHUNK, Schedule
from tests.sampling.laws import assert_fits


@settings(max_examples=25, deadline=None)
@given(
    weights=st.lists(st.integers(0, 5), min_size=1, max_size=6).filter(any),
    block=st.integers(1, 40),
    seed=st.integers(0, 99),
)
def test_ordinals_count_earlier_draws_of_the_same_outcome(weights, block, seed):
    schedule, seen = Schedule(weights, block, seed, "test"), dict.fromkeys(range(len(weights)), 0)
    for number in range(12):
        for outcome, ordinal in zip(*(part.tolist() for part in schedule.read(number)), strict=True):
            assert weights[outcome] > 0
            assert ordinal == seen[outcome]
            seen[outcome] += 1


def test_ordinals_go_on_over_the_edge_of_a_chunk():
    schedule = Schedule([3, 1], 5, 0, "test")
    earlier = [schedule.read(block).outcome for block in range(BLOCKS_PER_CHUNK + 3)]
    later = schedule.read(BLOCKS_PER_CHUNK + 3)
    before = np.bincount(np.concatenate(earlier), minlength=2)
    for outcome in (0, 1):
        assert later.ordinal[later.outcome == outcome].tolist()[:1] == [before[outcome]]


def test_draws_follow_the_weights_and_leave_out_zero():
    schedule = Schedule([2, 0, 5, 1], 100, 1, "test")
    outcomes = np.concatenate([schedule.read(block).outcome for block in range(200)])
    assert_fits(np.bincount(outcomes, minlength=4), np.array([2, 0, 5, 1]) / 8)


def test_draws_are_independent_of_place_and_neighbour():
    schedule = Schedule([1, 1, 2], 8, 2, "test")
    outcomes = np.stack([schedule.read(block).outcome for block in range(4000)])
    for place in (0, 3, 7):
        assert_fits(np.bincount(outcomes[:, place], minlength=3), [0.25, 0.25, 0.5])
    pairs = outcomes[:, 2] * 3 + outcomes[:, 3]
    assert_fits(np.bincount(pairs, minlength=9), np.outer([0.25, 0.25, 0.5], [0.25, 0.25, 0.5]).ravel())
    counts = (outcomes == 2).sum(axis=1)  # binomial(8, 1/2), so its variance is 2
    assert counts.var() == pytest.approx(2, abs=0.2)


def test_blocks_may_be_read_in_any_order():
    far = [2500, 3, 1024, 0, 1023, 2500]
    once = {block: Schedule([1, 2], 16, 5, "test").read(block) for block in far}
    again = Schedule([1, 2], 16, 5, "test")
    for block in far:
        np.testing.assert_array_equal(np.stack(again.read(block)), np.stack(once[block]))


@pytest.mark.parametrize(("first", "count"), [(0, 5), (3, 0), (10, 0), (7, 3), (7, 40), (10_235, 10)])
def test_a_span_is_what_the_blocks_hold_from_a_draw_on(first, count):
    schedule = Schedule([3, 1, 2], 10, 4, "test")
    blocks = [schedule.read(block) for block in range((first + count) // 10 + 1)]
    for part, whole in zip(schedule.span(first, count), zip(*blocks, strict=True), strict=True):
        np.testing.assert_array_equal(part, np.concatenate(whole)[first : first + count])


def test_what_was_drawn_before_a_block_is_the_sum_of_the_earlier_ones():
    schedule = Schedule([3, 0, 2], 10, 4, "test")
    earlier = [np.bincount(schedule.read(block).outcome, minlength=3) for block in range(30)]
    assert schedule.before(30).tolist() == np.sum(earlier, axis=0).tolist()
    assert schedule.before(0).tolist() == [0, 0, 0]


def test_seeds_and_names_give_other_draws():
    first = Schedule([1, 1], 64, 1, "test").read(0).outcome
    assert (first != Schedule([1, 1], 64, 2, "test").read(0).outcome).any()
    assert (first != Schedule([1, 1], 64, 1, "other").read(0).outcome).any()


def test_a_far_block_is_answered_at_once():
    start = time.perf_counter()
    drawn = Schedule(np.arange(1, 10), 6400, 0, "test").read(80_000)
    assert drawn.ordinal.min() > 0
    assert time.perf_counter() - start < 5
