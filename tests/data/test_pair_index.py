import numpy as np
import pytest

from src.data.pair_index import HardNegatives, language_mask, mask_dtype
from src.errors import InputError


@pytest.mark.parametrize(("languages", "dtype"), [(1, "u1"), (8, "u1"), (9, "u2"), (17, "u4"), (33, "u8"), (64, "u8")])
def test_a_mask_has_a_bit_for_each_language(languages, dtype):
    assert mask_dtype(languages) == np.dtype(dtype)


def test_more_languages_than_bits_are_an_input_error():
    with pytest.raises(InputError, match="65") as error:
        mask_dtype(65)
    assert error.value.where == "dataset.languages"


def test_a_mask_of_codes():
    assert language_mask(["zh", "de", "zh"], ["de", "en", "zh"]) == 0b101


def test_negatives_of_some_concepts_follow_their_new_order():
    negatives = HardNegatives(np.array([0, 2, 2, 5]), np.array([7, 8, 1, 2, 3], np.int32)).select(np.array([2, 1, 0]))
    assert [negatives.of(concept).tolist() for concept in range(3)] == [[1, 2, 3], [], [7, 8]]
