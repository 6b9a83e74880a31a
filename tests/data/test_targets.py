import numpy as np
import pytest

from src.data.targets import Targets
from src.retrieval.embeddings import Embeddings


def test_embeddings_are_found_by_id_and_other_ids_are_left_out():
    targets = Targets(np.array([2, 5, 9], np.int32))
    targets.embeddings = Embeddings.of(np.array([[2.0, 0], [5, 0], [9, 0]], np.float32))
    held, embeddings = targets.of(np.array([9, 1, 5, 5, 100, 0], np.int32))
    assert held.tolist() == [0, 2, 3]
    assert embeddings[:, 0].tolist() == [9, 5, 5]


def test_they_cannot_be_had_before_they_are_made():
    with pytest.raises(RuntimeError, match="not embedded"):
        Targets(np.array([1])).of(np.array([1]))
