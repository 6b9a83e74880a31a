"""The best k candidates of each query, exactly, ties included."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from src.retrieval.pool import Pool


def top_k(scores: NDArray[np.float32], pool: Pool, k: int) -> NDArray[np.int64]:
    """Each row's best k candidates, or all if fewer, best first [rows, k]: by score, then by id, both descending."""
    k = min(k, len(pool))
    # One integer a candidate holds the whole order: the score's bits above, the place of its id below.
    bits = (scores + np.float32(0)).view(np.int32)  # adding 0 makes -0 equal to 0
    keys = (bits ^ ((bits >> 31) & 0x7FFFFFFF)).astype(np.int64) << 32
    keys |= pool.id_order
    keys = np.partition(keys, len(pool) - k, axis=1)[:, len(pool) - k :]
    keys.sort(axis=1)
    return pool.best_id_first[len(pool) - 1 - (keys[:, ::-1] & 0xFFFFFFFF)]
