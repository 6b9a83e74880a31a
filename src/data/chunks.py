"""Length-sorted chunks: the padding of a batch removed, the batch and its loss left as they are."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from src.data.batch import TextChunks


def chunk(tokens: Sequence[NDArray[np.int32]], pad_id: int, overhead: int = 128, most: int | None = None) -> TextChunks:
    """Sort texts by length and cut them where that costs least; no texts give no chunks.

    `overhead` is what one more forward pass costs, in tokens; a chunk costs its texts x its longest text + overhead.
    A chunk holds at most `most` texts, where that is given, for the sake of memory.
    """
    lengths = np.fromiter(map(len, tokens), np.int64, len(tokens))
    if not lengths.all():
        raise ValueError("every text needs at least one token")
    order = np.argsort(lengths, kind="stable")
    flat = np.concatenate([np.empty(0, np.int32), *(tokens[i] for i in order)])
    offsets = np.concatenate([[0], np.cumsum(lengths[order])])
    bounds = _smaller(cut(lengths[order], overhead), most)
    padded = [
        _pad(flat[offsets[start] : offsets[end]], lengths[order[start:end]], pad_id)
        for start, end in itertools.pairwise(bounds)
    ]
    restore = torch.from_numpy(np.argsort(order, kind="stable"))
    return TextChunks([ids for ids, _ in padded], [mask for _, mask in padded], restore, int(lengths.sum()))


def cut(lengths: NDArray[np.int64], overhead: int) -> list[int]:
    """Bounds [0, ..., texts] of the cheapest chunks of texts sorted by length.

    With n_k the number of texts no longer than the k-th distinct length l_k, best_k, the least cost of those n_k
    texts, is min over j < k of best_j + (n_k - n_j) l_k + overhead. A cut between equal lengths never helps.
    """
    longest, counts = np.unique(lengths, return_counts=True)
    ends = np.concatenate([[0], np.cumsum(counts)])
    best = np.zeros(len(ends), np.int64)
    previous = np.zeros(len(ends), np.int64)
    for k, length in enumerate(longest, start=1):
        costs = best[:k] + (ends[k] - ends[:k]) * length
        previous[k] = costs.argmin()
        best[k] = costs[previous[k]] + overhead
    bounds = [len(longest)]
    while bounds[-1]:
        bounds.append(int(previous[bounds[-1]]))
    return [int(ends[k]) for k in reversed(bounds)]


def _smaller(bounds: list[int], most: int | None) -> list[int]:
    """The bounds with every chunk of more than `most` texts cut in like parts."""
    if most is None:
        return bounds
    parts = (np.linspace(start, end, -(-(end - start) // most) + 1) for start, end in itertools.pairwise(bounds))
    return [0, *(int(bound) for part in parts for bound in part.round()[1:])]


def _pad(flat: NDArray[np.int32], lengths: NDArray[np.int64], pad_id: int) -> tuple[torch.Tensor, torch.Tensor]:
    """[texts, longest] ids and mask of texts that lie end to end."""
    mask = np.arange(lengths[-1]) < lengths[:, None]
    ids = np.full(mask.shape, pad_id, np.int64)
    ids[mask] = flat
    return torch.from_numpy(ids), torch.from_numpy(mask.astype(np.int64))
