import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from src.data.chunks import chunk, cut

PAD = 999
LENGTHS = st.lists(st.integers(1, 60), min_size=1, max_size=25)


def texts_of(lengths):
    return [np.arange(length, dtype=np.int32) + 100 * i for i, length in enumerate(lengths)]


def cost(sizes_and_longest, overhead):
    return sum(size * longest + overhead for size, longest in sizes_and_longest)


def cheapest(lengths, overhead):
    """The least cost over every way to cut, tried one by one."""
    best = [0]
    for end in range(1, len(lengths) + 1):
        best.append(min(best[start] + (end - start) * lengths[end - 1] + overhead for start in range(end)))
    return best[-1]


@given(LENGTHS, st.integers(0, 300))
def test_every_text_comes_back_once_whole_and_in_order(lengths, overhead):
    texts = texts_of(lengths)
    chunks = chunk(texts, PAD, overhead)
    rows = [
        ids[mask.bool()]
        for i, m in zip(chunks.input_ids, chunks.attention_mask, strict=True)
        for ids, mask in zip(i, m, strict=True)
    ]
    assert sorted(chunks.restore.tolist()) == list(range(len(texts)))
    assert all(rows[at].tolist() == text.tolist() for at, text in zip(chunks.restore, texts, strict=True))
    assert chunks.real_tokens == sum(lengths)


@given(LENGTHS, st.integers(0, 300))
def test_padding_is_at_the_end_and_each_chunk_as_wide_as_its_longest(lengths, overhead):
    chunks = chunk(texts_of(lengths), PAD, overhead)
    for ids, mask in zip(chunks.input_ids, chunks.attention_mask, strict=True):
        assert ids.dtype == mask.dtype == torch.int64
        assert ids.shape == mask.shape
        assert int(mask.sum(1).max()) == ids.shape[1]
        assert bool((mask.diff(dim=1) <= 0).all())
        assert bool((ids[mask == 0] == PAD).all())


@given(LENGTHS, st.integers(0, 300), st.integers(1, 30))
def test_no_chunk_holds_more_texts_than_memory_allows(lengths, overhead, most):
    texts = texts_of(lengths)
    free, limited = chunk(texts, PAD, overhead), chunk(texts, PAD, overhead, most)
    sizes = [len(ids) for ids in limited.input_ids]
    assert max(sizes) <= most
    assert sum(sizes) == len(texts)
    assert limited.computed_tokens <= free.computed_tokens
    assert limited.restore.tolist() == free.restore.tolist()
    if max(len(ids) for ids in free.input_ids) <= most:
        assert sizes == [len(ids) for ids in free.input_ids]


@given(LENGTHS, st.integers(0, 300))
def test_no_other_cut_costs_less(lengths, overhead):
    lengths = np.sort(lengths)
    bounds = cut(lengths, overhead)
    assert bounds[0] == 0
    assert bounds[-1] == len(lengths)
    found = cost([(end - start, lengths[end - 1]) for start, end in itertools.pairwise(bounds)], overhead)
    assert found == cheapest(lengths, overhead)


def test_the_extremes():
    lengths = [3, 50, 3, 7, 50]
    assert len(chunk(texts_of(lengths), PAD, overhead=0).input_ids) == 3  # free passes: one chunk a length
    assert len(chunk(texts_of(lengths), PAD, overhead=10**6).input_ids) == 1


def test_the_same_outputs_whatever_the_chunks():
    texts = texts_of([5, 1, 9, 9, 2, 30])
    sums = [
        torch.cat([(ids * mask).sum(1) for ids, mask in zip(c.input_ids, c.attention_mask, strict=True)])[c.restore]
        for c in (chunk(texts, PAD, overhead) for overhead in (0, 8, 10**6))
    ]
    assert sums[0].tolist() == sums[1].tolist() == sums[2].tolist() == [int(text.sum()) for text in texts]


def test_no_texts_give_no_chunks():
    chunks = chunk([], PAD)
    assert len(chunks) == 0
    assert (chunks.input_ids, chunks.attention_mask) == ([], [])
    assert chunks.real_tokens == 0


def test_a_text_without_tokens_is_refused():
    with pytest.raises(ValueError, match="at least one token"):
        chunk([np.array([1, 2], np.int32), np.empty(0, np.int32)], PAD)
