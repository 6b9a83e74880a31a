import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from src.objectives.contrast import known_pairs
from tests.objectives.reference import Rows


def test_candidates_are_positives_then_negatives_and_own_columns_follow_the_offset():
    rows = Rows([1, 2, 3], [11, 12, 13], [21, 22])
    contrast = rows.contrast(1, 3)
    assert contrast.positive.tolist() == contrast.own_query.tolist() == [1, 2]
    assert contrast.explicit.tolist() == [False, False, False, True, True]
    torch.testing.assert_close(contrast.candidates, torch.cat([rows.passages, rows.negatives]))
    torch.testing.assert_close(contrast.candidates[contrast.positive], contrast.passages)
    torch.testing.assert_close(contrast.all_queries[contrast.own_query], contrast.queries)


def test_every_known_answer_is_masked_but_the_own_one():
    # question 1 is answered by passages 11 and 12; passage 12 also answers question 2
    contrast = Rows([1, 1, 2, 3], [11, 12, 12, 13], [11, 13, 21]).contrast()
    assert contrast.same.int().tolist() == [
        [0, 1, 1, 0, 1, 0, 0],
        [1, 0, 1, 0, 1, 0, 0],
        [0, 1, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 1, 0],
    ]
    assert contrast.same_query.int().tolist() == [[0, 1, 0, 0], [1, 0, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0]]


ids = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=8)


@settings(max_examples=50, deadline=None)
@given(rows=ids, negatives=st.lists(st.integers(0, 6), max_size=6))
def test_masks_say_what_the_sets_of_ids_say(rows, negatives):
    questions, passages = zip(*rows, strict=True)
    batch = Rows(questions, passages, negatives)
    contrast = batch.contrast()
    for i, question in enumerate(questions):
        known = batch.answers(question)
        expected = [passage in known and j != i for j, passage in enumerate([*passages, *negatives])]
        assert contrast.same[i].tolist() == expected
    for i, passage in enumerate(passages):
        expected = [passage in batch.answers(question) and j != i for j, question in enumerate(questions)]
        assert contrast.same_query[i].tolist() == expected


def test_known_pairs_of_questions_and_passages_outside_the_batch_are_unknown():
    rows = torch.tensor([1, 2]), torch.tensor([11, 12])
    assert not known_pairs(torch.tensor([7]), torch.tensor([11, 12, 13]), *rows).any()
