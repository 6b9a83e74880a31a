import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.data.pair_index import PairIndex
from src.sampling.translations import NONE, Translations

LANGUAGES = ("ar", "de", "en", "fr", "zh")


def index(questions, passages) -> PairIndex:
    ids = np.arange(len(questions), dtype=np.int32)
    masks = [np.array(masks, np.uint8) for masks in (questions, passages)]
    return PairIndex(LANGUAGES, ids, ids, *masks, np.zeros(len(ids), np.uint8), ("x",))


def bits(mask: int) -> list[int]:
    return [bit for bit in range(len(LANGUAGES)) if mask >> bit & 1]


@st.composite
def batches(draw):
    """An index, and rows whose languages hold their texts."""
    masks = st.lists(st.integers(1, 2 ** len(LANGUAGES) - 1), min_size=6, max_size=6)
    made = index(draw(masks), draw(masks))
    concepts = draw(st.lists(st.integers(0, 5), min_size=1, max_size=20))
    languages = [
        [draw(st.sampled_from(bits(side[concept]))) for side in (made.question_languages, made.passage_languages)]
        for concept in concepts
    ]
    return made, np.column_stack([concepts, languages]).astype(np.int32)


@pytest.mark.parametrize(("side", "column"), [("query", 1), ("passage", 2)])
@given(batch=batches(), step=st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_another_language_that_holds_the_text_wherever_there_is_one(side, column, batch, step):
    made, rows = batch
    held = made.question_languages if side == "query" else made.passage_languages
    for row, other in zip(rows, Translations(made, side, 1).plan(rows, step), strict=True):
        others = set(bits(held[row[0]])) - {row[column]}
        assert other in others if others else other == NONE


def test_every_other_language_is_as_likely_and_each_step_draws_anew():
    made = index([0b10111], [0b10111])
    rows = np.tile(np.array([[0, 1, 1]], np.int32), (3000, 1))
    queries = Translations(made, "query", 1)
    counts = np.bincount(queries.plan(rows, 0), minlength=5)
    assert counts[[1, 3]].tolist() == [0, 0]
    assert abs(counts[[0, 2, 4]] - 1000).max() < 100
    np.testing.assert_array_equal(queries.plan(rows, 7), queries.plan(rows, 7))
    for other in (queries.plan(rows, 8), *(Translations(made, *which).plan(rows, 7) for which in OTHERS)):
        assert (queries.plan(rows, 7) != other).mean() > 0.5


OTHERS = (("query", 2), ("passage", 1))


def test_the_share_that_has_a_translation():
    made = index([0b1, 0b11, 0, 0b101], [0b1, 0b10, 0b100, 0b100])
    assert Translations(made, "query", 1).share == 0.5
    assert Translations(made, "passage", 1).share == 0
