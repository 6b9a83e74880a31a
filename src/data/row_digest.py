"""A digest of the rows trained on, in their order; that of two runs is equal if they saw the same global batches.

Each row's hash covers the row, its step and its place in the global batch; a digest is the sum of them. So ranks, and
the two parts of a resumed run, each add up what they saw, and however a batch was shared out the whole is the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from src.sampling.streams import GOLDEN, mix, stream_key

KEYS = np.array([[stream_key(0, "rows", lane)] for lane in ("first", "second")], np.uint64)
HALF = np.uint64(32)
LOW = np.uint64(0xFFFFFFFF)


def digest(rows: NDArray[np.int32], step: int, first: int = 0) -> NDArray[np.uint64]:
    """Of rows [n, 3], the first of which is at place `first` of the step's global batch: [2], sums modulo 2**64."""
    places = np.arange(first, first + len(rows), dtype=np.uint64)
    concepts, queries, passages = rows.astype(np.uint64).T
    hashes = mix(KEYS + ((np.uint64(step) << HALF) + places) * GOLDEN)
    hashes = mix(hashes + ((concepts << HALF) + (queries << np.uint64(16)) + passages) * GOLDEN)
    return hashes.sum(axis=1, dtype=np.uint64)


def as_counts(summed: NDArray[np.uint64]) -> NDArray[np.float64]:
    """[4] halves that float64 holds and adds exactly."""
    return np.concatenate([summed >> HALF, summed & LOW]).astype(np.float64)


def from_counts(counts: NDArray[np.float64]) -> NDArray[np.uint64]:
    """The digest of halves that may have been added up."""
    high, low = counts.astype(np.uint64).reshape(2, 2)
    return (high << HALF) + low


def as_text(summed: NDArray[np.uint64]) -> str:
    """32 hexadecimal digits."""
    return "".join(f"{word:016x}" for word in summed.tolist())
