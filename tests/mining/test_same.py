import numpy as np

from src.data.texts import ParallelTexts
from src.mining.same import same_texts


def test_texts_are_the_same_by_group_or_by_an_equal_text_in_any_language(tmp_path):
    texts = {
        "de": ["eins", None, "drei", "eins", "fünf", "sechs"],
        "en": ["one", "two", "two", None, "five", "six"],
    }
    plain = ParallelTexts.write(tmp_path / "plain", ("de", "en"), texts)
    assert same_texts(plain, np.arange(6)).tolist() == [0, 1, 1, 0, 4, 5]
    assert same_texts(plain, np.array([2, 3, 5])).tolist() == [0, 1, 2]  # places among the ids asked for
    grouped = ParallelTexts.write(tmp_path / "grouped", ("de", "en"), texts, group=np.array([0, 1, 2, 3, 0, 1]))
    assert same_texts(grouped, np.arange(6)).tolist() == [0, 1, 1, 0, 0, 1]


def test_an_equal_text_of_another_language_is_not_the_same(tmp_path):
    texts = ParallelTexts.write(tmp_path / "t", ("de", "en"), {"de": ["Euro", "Yen"], "en": ["Yen", "Euro"]})
    assert same_texts(texts, np.arange(2)).tolist() == [0, 1]
