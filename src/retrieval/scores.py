"""Scores of queries against candidates, a block of queries at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from src.errors import InputError

BLOCK_BYTES = 48 * 2**20
MOST_ROWS = 1024


def query_blocks(queries: int, candidates: int, block_bytes: int = BLOCK_BYTES) -> list[slice]:
    """Consecutive slices of the queries whose float32 scores fit in about `block_bytes`.

    They depend on the sizes alone, never on who computes them, so a block's scores are the same bits in any process.
    """
    rows = min(max(block_bytes // (4 * candidates), 1), MOST_ROWS)
    return [slice(start, min(start + rows, queries)) for start in range(0, queries, rows)]


def leave_out(scores: NDArray[np.float32], itself: NDArray[np.integer] | None, block: slice) -> None:
    """Put the candidate that is the query itself (-1: there is none) below all others in a block of scores."""
    if itself is not None:
        rows = np.flatnonzero(itself[block] >= 0)
        scores[rows, itself[block][rows]] = -np.inf


def as_embeddings(embeddings: NDArray[np.floating], what: str) -> NDArray[np.float32]:
    """The embeddings as a finite float32 matrix; not copied if they are one already."""
    matrix = np.ascontiguousarray(embeddings, dtype=np.float32)
    if matrix.ndim != 2:
        raise InputError(
            f"{what} embeddings have shape {matrix.shape}", fix="give one vector per text: [texts, dimension]"
        )
    # A sum is NaN or infinite if anything in it is, and needs no second matrix.
    broken = np.flatnonzero(~np.isfinite(matrix.sum(axis=1, dtype=np.float64)))
    if len(broken):
        raise InputError(
            f"{len(broken)} of {len(matrix)} {what} embeddings hold NaN or infinity, the first is number {broken[0]}",
            fix="check the encoder's weights and precision: such a vector cannot be ranked",
        )
    return matrix
