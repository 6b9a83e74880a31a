"""Weighted draws that know at once how often each outcome was drawn before, however far the run has gone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from src.sampling.streams import generator, stream_key

BLOCKS_PER_CHUNK = 1024


class Drawn(NamedTuple):
    """One block of draws."""

    outcome: NDArray[np.int64]  # [block] what is drawn at each place
    ordinal: NDArray[np.int64]  # [block] how many times that outcome was drawn before, in the whole stream


class Schedule:
    """Independent draws by weight, in blocks of equal length, read in any order.

    A block's counts are multinomial and its order is a random arrangement of them, which together are exactly
    independent draws. So what was drawn before a block is a sum of counts, and no earlier draw is made again.
    """

    def __init__(self, weights: ArrayLike, block: int, seed: int, *names: str) -> None:
        weights = np.asarray(weights, dtype=np.float64)
        self.block = block
        self._possible = np.flatnonzero(weights)
        self._shares = weights[self._possible] / weights.sum()
        self._counts_key = stream_key(seed, *names, "counts")
        self._order_key = stream_key(seed, *names, "order")
        self._starts = [np.zeros(len(weights), dtype=np.int64)]  # draws before each chunk of blocks seen so far
        self._chunk, self._totals = -1, np.empty((0, len(weights)), dtype=np.int64)  # draws before each block of it

    def read(self, block: int) -> Drawn:
        """The draws of one block."""
        before, after = self._load(block)
        counts = after - before
        outcome = generator(self._order_key, block).permutation(np.repeat(np.arange(len(counts)), counts))
        ordinal = np.empty_like(outcome)
        first = np.cumsum(counts) - counts
        ordinal[np.argsort(outcome, kind="stable")] = np.arange(self.block) + np.repeat(before - first, counts)
        return Drawn(outcome, ordinal)

    def span(self, first: int, count: int) -> Drawn:
        """`count` draws from the one numbered `first` on, over as many blocks as they lie in."""
        blocks = range(first // self.block, max(first, first + count - 1) // self.block + 1)
        start = first - blocks.start * self.block
        parts = zip(*(self.read(block) for block in blocks), strict=True)
        return Drawn(*(np.concatenate(part)[start : start + count] for part in parts))

    def before(self, block: int) -> NDArray[np.int64]:
        """How often each outcome was drawn before a block."""
        return self._load(block)[0].copy()

    def _load(self, block: int) -> NDArray[np.int64]:
        """How often each outcome is drawn before a block, and before the next one: [2, outcomes]."""
        chunk, place = divmod(block, BLOCKS_PER_CHUNK)
        while len(self._starts) <= chunk:
            self._starts.append(self._starts[-1] + self._chunk_counts(len(self._starts) - 1).sum(axis=0))
        if chunk != self._chunk:
            counts = self._chunk_counts(chunk)
            self._totals = np.cumsum(np.vstack([self._starts[chunk], counts]), axis=0)
            self._chunk = chunk
        return self._totals[place : place + 2]

    def _chunk_counts(self, chunk: int) -> NDArray[np.int64]:
        counts = np.zeros((BLOCKS_PER_CHUNK, len(self._starts[0])), dtype=np.int64)
        drawn = generator(self._counts_key, chunk).multinomial(self.block, self._shares, size=BLOCKS_PER_CHUNK)
        counts[:, self._possible] = drawn
        return counts
