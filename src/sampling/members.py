"""Subsets of the concepts that take about a bit and a half per concept, and find their k-th member at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WORD = 64  # concepts a word


class Members:
    """The concepts from `first` on whose bit is set, in ascending order: a bit vector with rank and select.

    Counts before each word locate the word of the k-th member, its bits the place within it (Jacobson, "Space-efficient
    Static Trees and Graphs", FOCS 1989). A subset without gaps keeps neither. With a second bit vector, `others`, both
    bits must be set; subsets that share vectors then take half a bit per concept each.
    """

    def __init__(
        self, first: int, words: NDArray[np.uint64], size: int, others: NDArray[np.uint64] | None = None
    ) -> None:
        counts = np.bitwise_count(words if others is None else words & others)
        self.first = first
        self.count = int(counts.sum(dtype=np.int64))
        self._dense = self.count == size  # `size` concepts are there to choose from
        if not self._dense:
            self._words = (words,) if others is None else (words, others)
            self._ranks = np.cumsum(counts, dtype=np.int32)  # members up to and with each word

    def select(self, ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
        """The concepts that are the k-th members, for each k in range(count)."""
        if self._dense:
            return self.first + ordinals
        wanted = ordinals.astype(self._ranks.dtype)  # another type would convert all ranks at each call
        word = np.searchsorted(self._ranks, wanted, side="right")
        earlier = np.where(word > 0, self._ranks[word - 1], 0)
        return self.first + word * WORD + _select_bit(self._bits(word), ordinals - earlier)

    def _bits(self, word: NDArray[np.int64]) -> NDArray[np.uint64]:
        first, *others = (vector[word] for vector in self._words)
        return first & others[0] if others else first


def _select_bit(words: NDArray[np.uint64], ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
    """Place of the k-th set bit of each word, by halving the range it lies in."""
    place, width = np.zeros(len(words), dtype=np.int64), WORD // 2
    while width:
        low = words & np.uint64((1 << width) - 1)
        below = np.bitwise_count(low).astype(np.int64)
        high = ordinals >= below
        words = np.where(high, words >> np.uint64(width), low)
        ordinals = ordinals - below * high
        place += width * high
        width //= 2
    return place


def pack(bits: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Booleans as bits of 64-bit words, the first concept in the lowest bit; the last word is padded with zeros."""
    packed = np.packbits(bits, bitorder="little")
    return np.pad(packed, (0, -len(packed) % 8)).view("<u8")
