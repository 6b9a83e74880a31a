"""A strategy that breaks its promises is told of before anybody reads its rows."""

import numpy as np
import pytest

from src.data.pair_index import PairIndex
from src.errors import InputError
from src.reading.plan import checked

INDEX = PairIndex(
    ("de", "en"),
    *(np.arange(3, dtype=np.int32),) * 2,
    np.array([0b11, 0b11, 0b01], np.uint8),
    np.array([0b11, 0b10, 0b11], np.uint8),
    np.zeros(3, np.uint8),
    ("toy",),
)


def test_good_rows_stay_as_they_are():
    rows = [[0, 0, 1], [1, 1, 1], [2, 0, 0]]
    np.testing.assert_array_equal(checked(rows, INDEX, 3), rows)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([[0, 0, 1]], r"an array \[1, 3\]"),
        ([[0, 0], [1, 1]], r"an array \[2, 2\]"),
        ([[0, 0, 1], [1, 1]], r"rows of different lengths[^§]*whole numbers \[2, 3\]"),
        ([[0.5, 0, 1], [1, 1, 1]], "of float64"),
        ([[0, 0, 1], [3, 1, 1]], "row 1 has the concept 3, and there are 3"),
        ([[0, 2, 1], [1, 1, 1]], "row 0 has the question language 2"),
        ([[0, 0, 1], [1, 1, -1]], "row 1 has the passage language -1"),
        ([[0, 0, 1], [2, 1, 1]], "row 1: concept 2 has no question in 'en'"),
        ([[1, 0, 0], [2, 0, 1]], "row 0: concept 1 has no passage in 'de'"),
    ],
)
def test_other_rows_are_refused(rows, told):
    with pytest.raises(InputError, match=told):
        checked(rows, INDEX, 2)
