"""Sentences on batches."""

import numpy as np
import pytest

from src.reading.batch import Batch, read_batch
from src.reading.words import comparison, kind, masked, name
from tests.toy import toy_data

DE, EN, FR = range(3)


@pytest.fixture
def read(tmp_path):
    data = toy_data(tmp_path)

    def batch(*rows: tuple[int, int, int], parts: int = 1) -> Batch:
        return read_batch(data, np.array(rows, np.int32), parts)

    return batch


def test_languages_have_names_where_they_have_standard_codes():
    assert [name(code) for code in ("de", "zh", "klingonisch")] == ["German", "Chinese", "klingonisch"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([(0, DE, DE), (1, DE, DE)], "All 2 questions and passages are in German."),
        ([(0, DE, DE), (1, EN, EN)], "Each passage is in its question's language; the batch mixes 2 languages."),
        ([(0, DE, EN), (1, DE, EN)], "All 2 questions are in German, all passages in English."),
        (
            [(0, DE, EN), (1, DE, FR)],
            "No passage is in its question's language. Questions are in German, passages in 2 languages.",
        ),
        (
            [(0, DE, DE), (1, DE, DE), (2, EN, FR)],
            "2 questions have their passage in their own language, all of them in German; the other 1 have it in "
            "another. Questions are in 2 languages, passages in 2 languages.",
        ),
    ],
)
def test_what_a_batch_is(read, rows, told):
    assert kind(read(*rows)) == told


def test_whom_a_question_is_compared_with(read):
    one = read((0, DE, DE), (1, DE, DE), (2, DE, DE))
    assert comparison(one, 1).endswith("find its passage in German among 2 others, all in German.")
    several = read((0, DE, EN), (1, EN, FR), (2, FR, DE), (3, FR, DE))
    assert comparison(several, 0).endswith(
        "Row 1: a question in German is told to find its passage in English among"[9:] + " 3 others: 2 de, 1 fr."
    )
    alone = read((0, DE, EN), (1, EN, FR), parts=2)
    assert "has no negative" in comparison(alone, 0)


def test_what_is_masked(read):
    assert "nothing is masked" in masked(read((0, DE, DE), (1, DE, DE)))
    told = masked(read((0, DE, DE), (0, EN, FR), (1, DE, DE)))
    assert told == "Masked by ids: 2 questions skip what is their own passage again or a translation of it (2 pairs)."
