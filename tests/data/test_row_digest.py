"""Digests add up over shares of a batch, and tell rows, their steps and their order apart."""

import numpy as np
import pytest

from src.data.row_digest import as_counts, as_text, digest, from_counts

ROWS = np.random.default_rng(0).integers(0, 60_000, (64, 3)).astype(np.int32)


@pytest.mark.parametrize("shares", [1, 2, 8, 64])
def test_shares_add_up_to_the_whole(shares):
    size = 64 // shares
    parts = [digest(ROWS[start : start + size], 7, start) for start in range(0, 64, size)]
    summed = np.sum([as_counts(part) for part in parts], axis=0)
    assert as_text(from_counts(summed)) == as_text(digest(ROWS, 7))


def test_another_step_row_language_or_order_is_another_digest():
    whole = as_text(digest(ROWS, 7))
    for column in range(3):
        changed = ROWS.copy()
        changed[5, column] += 1
        assert as_text(digest(changed, 7)) != whole
    swapped = ROWS.copy()
    swapped[[3, 4]] = ROWS[[4, 3]]
    assert as_text(digest(swapped, 7)) != whole
    assert as_text(digest(ROWS, 8)) != whole
    assert as_text(digest(ROWS[:, [0, 2, 1]], 7)) != whole


def test_the_largest_numbers_keep_apart():
    high = np.full((1, 3), 2**31 - 1, np.int32)
    high[:, 1:] = 2**16 - 1
    texts = {as_text(digest(high - np.eye(3, dtype=np.int32)[[column]], 2**31)) for column in range(3)}
    assert len(texts) == 3
    assert all(len(text) == 32 for text in texts)


def test_its_halves_are_two_hashes():
    first, second = digest(ROWS, 7)
    assert first != second
