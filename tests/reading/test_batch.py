"""Whom a question is compared with, as the losses see it."""

import numpy as np
import pytest
import torch

from src.objectives.contrast import build_contrast
from src.reading.batch import compared, read_batch
from tests.toy import toy_data


@pytest.mark.parametrize("seed", range(5))
def test_a_batch_is_read_as_the_objectives_mask_it(seed):
    rng = np.random.default_rng(seed)
    questions, passages = rng.integers(0, 6, 16), rng.integers(0, 5, 16)
    there, alike, answers = compared(questions, passages)
    embeddings = torch.zeros(16, 2)
    contrast = build_contrast(
        queries=embeddings,
        passages=embeddings,
        all_queries=embeddings,
        all_passages=embeddings,
        all_negatives=torch.zeros(0, 2),
        question_ids=torch.from_numpy(questions),
        passage_ids=torch.from_numpy(passages),
        negative_ids=torch.zeros(0, dtype=torch.int64),
        offset=0,
    )
    np.testing.assert_array_equal(alike | answers, contrast.same.numpy())
    assert not (alike & answers).any()
    assert alike.any()
    assert answers.any()
    assert not there.diagonal().any()


def test_accumulation_parts_what_is_compared():
    there, _, _ = compared(np.arange(6), np.arange(6), parts=3)
    np.testing.assert_array_equal(np.argwhere(there), [[0, 1], [1, 0], [2, 3], [3, 2], [4, 5], [5, 4]])


def test_an_answer_in_another_part_masks_nothing():
    """Row 2 says that question 0 has passage 1, but no question of the first part is compared in the second."""
    _, alike, answers = compared(np.array([0, 1, 0, 3]), np.array([0, 1, 1, 3]), parts=2)
    assert not alike.any()
    assert not answers.any()
    assert compared(np.array([0, 1, 0, 3]), np.array([0, 1, 1, 3]))[2][0, 1]


def test_texts_and_negatives_by_language(tmp_path):
    data = toy_data(tmp_path)
    rows = np.array([[0, 0, 1], [1, 1, 1], [2, 2, 0], [0, 1, 2]], np.int32)
    batch = read_batch(data, rows)
    assert batch.questions[0] == "de question about 8 3"
    assert batch.passages[3].startswith("fr passage 8 says")
    np.testing.assert_array_equal(batch.negative_counts, [[1, 1, 0], [1, 1, 1], [0, 2, 1], [1, 1, 0]])
    assert batch.alike.sum() == 2
