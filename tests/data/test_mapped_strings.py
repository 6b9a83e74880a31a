from itertools import pairwise

import pyarrow as pa
import pytest

from src.data.mapped_strings import MappedStrings

WORDS = ["", "α", "b", "c", "b", "日本", "z"]


def strings(cuts):
    """WORDS in several arrays, some of them empty."""
    return MappedStrings([pa.array(WORDS[i:j], pa.large_string()) for i, j in pairwise([0, *cuts, len(WORDS)])])


@pytest.mark.parametrize("cuts", [[], [3], [1, 1, 4, 6], [0, 7]])
def test_they_are_like_a_list(cuts):
    made = strings(cuts)
    assert len(made) == 7
    assert list(made) == WORDS
    assert [made[row] for row in range(-7, 7)] == [WORDS[row] for row in range(-7, 7)]
    for piece in (slice(None), slice(2, 5), slice(-3, None), slice(5, 2), slice(0, 99), slice(None, None, -2)):
        assert made[piece] == WORDS[piece]
    for row in (7, -8):
        with pytest.raises(IndexError):
            made[row]


def test_the_rows_of_the_wanted():
    assert strings([2, 5]).rows({"α", "z", "", "missing"}) == {"α": 1, "z": 6, "": 0}
    assert strings([2]).rows(set()) == {}


def test_parts_joined_and_none():
    joined = MappedStrings.join([strings([2]), strings([])])
    assert list(joined) == WORDS * 2
    assert joined[9] == "b"
    assert list(MappedStrings([])) == []
    assert len(MappedStrings([])) == 0
