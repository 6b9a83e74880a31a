import numpy as np
import pytest

from src.errors import InputError
from src.retrieval.scores import as_embeddings, query_blocks


@pytest.mark.parametrize(
    ("queries", "candidates", "memory"), [(13_090, 13_014, 2**25), (5, 3, 2**25), (9, 10**9, 2**20)]
)
def test_blocks_cover_the_queries_once_within_the_memory(queries, candidates, memory):
    blocks = query_blocks(queries, candidates, memory)
    assert np.concatenate([np.arange(queries)[block] for block in blocks]).tolist() == list(range(queries))
    rows = max(block.stop - block.start for block in blocks)
    assert rows == 1 or rows * candidates * 4 <= memory


def test_no_queries_no_blocks():
    assert query_blocks(0, 10) == []


def test_embeddings_are_taken_as_they_are():
    given = np.ones((3, 2), np.float32)
    assert as_embeddings(given, "query") is given
    assert as_embeddings(given.astype(np.float16), "query").dtype == np.float32


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_a_vector_that_cannot_be_ranked_is_refused(broken):
    given = np.ones((3, 2), np.float32)
    given[1, 0] = broken
    with pytest.raises(InputError, match=r"1 of 3 candidate embeddings .*, the first is number 1"):
        as_embeddings(given, "candidate")


def test_one_vector_a_text():
    with pytest.raises(InputError, match=r"shape \(4,\)"):
        as_embeddings(np.ones(4), "query")
