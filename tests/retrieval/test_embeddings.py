import numpy as np
import pytest

from src.errors import InputError
from src.retrieval.embeddings import Embeddings
from tests.retrieval.brute import in_parts

MATRIX = np.arange(30, dtype=np.float32).reshape(10, 3)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_parts_are_one_after_the_other(dtype):
    parts = in_parts(MATRIX, [4, 1, 5], dtype)
    assert (len(parts), parts.dimension, parts.nbytes) == (10, 3, 30 * np.dtype(dtype).itemsize)
    np.testing.assert_array_equal(parts.matrix(), MATRIX)
    rows = np.array([9, 0, 4, 4, 3])
    np.testing.assert_array_equal(parts.take(rows), MATRIX[rows])
    assert parts.take(rows).dtype == np.float32


@pytest.mark.parametrize("most", [None, 1, 2, 100])
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_blocks_cover_every_row_once(dtype, most):
    blocks = list(in_parts(MATRIX, [4, 1, 5], dtype).blocks(most))
    assert all(block.dtype == np.float32 and len(block) <= (most or 10) for _, block in blocks)
    assert [start for start, _ in blocks] == np.cumsum([0, *(len(block) for _, block in blocks[:-1])]).tolist()
    np.testing.assert_array_equal(np.concatenate([block for _, block in blocks]), MATRIX)


@pytest.mark.parametrize(("start", "stop"), [(0, 10), (3, 6), (4, 5), (5, 5), (9, 10), (0, 4)])
def test_a_slice_is_a_view(start, stop):
    parts = in_parts(MATRIX, [4, 1, 5])
    part = parts.between(start, stop)
    np.testing.assert_array_equal(part.matrix(), MATRIX[start:stop])
    assert part.dimension == 3
    assert all(any(np.shares_memory(piece, whole) for whole in parts.parts) for piece in part.parts if len(piece))
    assert part.identity != parts.between(start, stop + 1).identity


def test_float32_in_memory_is_not_copied():
    whole = Embeddings.of(MATRIX)
    assert np.shares_memory(whole.matrix(), MATRIX)
    assert all(np.shares_memory(block, MATRIX) for _, block in whole.blocks())


def test_what_cannot_be_ranked_is_refused():
    with pytest.raises(InputError, match="1 of 2 candidate embeddings hold NaN"):
        Embeddings.of(np.array([[1.0], [np.inf]]))


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("normalize", [True, False])
def test_a_cut_is_a_view_whichever_way_it_is_read(dtype, normalize):
    whole = in_parts(MATRIX, [4, 1, 5], dtype)
    cut = whole.cut(2, normalize=normalize)
    assert all(np.shares_memory(piece, part) for piece, part in zip(cut.parts, whole.parts, strict=True))
    expected = MATRIX[:, :2] / (np.linalg.norm(MATRIX[:, :2], axis=1, keepdims=True) if normalize else 1)
    assert (len(cut), cut.dimension, whole.dimension) == (10, 2, 3)
    np.testing.assert_array_equal(cut.matrix(), expected)
    np.testing.assert_array_equal(np.concatenate([block for _, block in cut.blocks(3)]), expected)
    np.testing.assert_array_equal(cut.take(np.array([9, 0, 4])), expected[[9, 0, 4]])
    np.testing.assert_array_equal(cut.between(3, 6).matrix(), expected[3:6])
    assert len({whole.identity, cut.identity, whole.cut(1, normalize=normalize).identity}) == 3
    np.testing.assert_array_equal(whole.matrix(), MATRIX)


def test_a_cut_vector_of_zeros_stays_one():
    assert not Embeddings.of(np.array([[0.0, 1.0]])).cut(1, normalize=True).matrix().any()
