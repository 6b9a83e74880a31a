"""MinHash signatures of many texts at once, and the buckets that similar ones share.

The values are those of datasketch's MinHash (scheme affine32), computed for all texts together: one by one they would
take the better part of an audit's time.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from src.zero_shot.grams import MULTIPLIER, Grams

MOST = 128  # hash functions
MISSED = 1e-3  # at most so often a pair that is just similar enough shares no bucket
TOGETHER = 256  # texts whose grams stay in the processor's cache
DEVIATIONS = 4  # a pair is looked at unless its estimated similarity is this far below the one asked for


@dataclass(frozen=True)
class Banding:
    """Texts share a bucket where all `rows` values of one of the `bands` are equal."""

    bands: int
    rows: int
    least: float  # estimated similarity below which a pair is dropped without looking at its texts

    @property
    def functions(self) -> int:
        """Hash functions in a signature."""
        return self.bands * self.rows


@functools.cache
def banding(similarity: float) -> Banding:
    """The longest rows, so the fewest pairs for nothing, that find this similarity in MOST hash functions."""
    needed = {rows: math.ceil(math.log(MISSED) / math.log1p(-(similarity**rows))) for rows in range(1, MOST)}
    rows = max(rows for rows, bands in needed.items() if rows * bands <= MOST)
    functions = rows * needed[rows]
    deviation = math.sqrt(similarity * (1 - similarity) / functions)
    return Banding(needed[rows], rows, similarity - DEVIATIONS * deviation)


def signatures(grams: Grams, functions: int) -> NDArray[np.uint32]:
    """[texts, functions] the least value of each hash function over a text's grams; every text needs a gram."""
    multipliers, summands = _permutations(functions)
    hashed = _mixed((grams.values >> np.uint64(32)).astype(np.uint32))
    found = np.empty((len(grams), functions), np.uint32)
    for start in range(0, len(grams), TOGETHER):
        offsets = grams.offsets[start : start + TOGETHER + 1]
        part = hashed[offsets[0] : offsets[-1]]
        for function in range(functions):
            values = part * multipliers[function] + summands[function]
            found[start : start + TOGETHER, function] = np.minimum.reduceat(values, offsets[:-1] - offsets[0])
    return found


def bucket_keys(signature: NDArray[np.uint32], banding: Banding) -> Iterator[NDArray[np.uint64]]:
    """Band by band [texts] keys that are equal where all of the band's values are."""
    for first in range(0, banding.functions, banding.rows):
        keys = np.zeros(len(signature), np.uint64)
        for function in range(first, first + banding.rows):
            keys = (keys ^ (keys >> np.uint64(29))) * MULTIPLIER + signature[:, function]
        yield keys


@functools.cache
def _permutations(functions: int) -> NDArray[np.uint32]:
    """[2, functions] datasketch's odd multipliers and summands."""
    from datasketch import MinHash  # imports scipy

    return MinHash(num_perm=functions, seed=1, scheme="affine32").permutations


def _mixed(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """MurmurHash3's finalizer, which datasketch puts before its permutations."""
    for shift, multiplier in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        values = (values ^ (values >> np.uint32(shift))) * np.uint32(multiplier)
    return values ^ (values >> np.uint32(16))
