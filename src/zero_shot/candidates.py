"""Pairs of texts that may be near-duplicates: those that share a bucket and whose signatures agree enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from src.zero_shot.join import Sorted
from src.zero_shot.signatures import Banding, bucket_keys

PAIRS = 1_000_000  # in memory at once, unless one text alone has more
ESTIMATED = 20_000  # pairs whose signatures are compared at once


class Pairs(NamedTuple):
    """Parallel places: in the signatures that were asked, and in those that are indexed."""

    asked: NDArray[np.int64]
    indexed: NDArray[np.int64]


class Buckets:
    """Signatures by the buckets they fall into, as datasketch's MinHashLSH has them, in arrays instead of tables."""

    def __init__(self, signatures: NDArray[np.uint32], banding: Banding) -> None:
        self._signatures, self._banding = signatures, banding
        self._bands = [Sorted.of(keys) for keys in bucket_keys(signatures, banding)]

    def pairs(self, asked: NDArray[np.uint32]) -> Iterator[Pairs]:
        """Each pair once, in the order of what is asked."""
        if not len(asked) or not len(self._signatures):
            return
        ranges = [band.ranges(keys) for band, keys in zip(self._bands, bucket_keys(asked, self._banding), strict=True)]
        for part in _slices(np.sum([counts for _, counts in ranges], axis=0)):
            found = [
                band.expand(first[part], counts[part])
                for band, (first, counts) in zip(self._bands, ranges, strict=True)
            ]
            codes = np.concatenate([(part.start + one) * len(self._signatures) + other for one, other in found])
            pairs = Pairs(*np.divmod(np.unique(codes), len(self._signatures)))
            kept = self._similar(asked, pairs)
            if kept.any():
                yield Pairs(pairs.asked[kept], pairs.indexed[kept])

    def _similar(self, asked: NDArray[np.uint32], pairs: Pairs) -> NDArray[np.bool_]:
        """[pairs] whether enough of the two signatures is equal."""
        kept = np.zeros(len(pairs.asked), bool)
        for start in range(0, len(kept), ESTIMATED):
            part = slice(start, start + ESTIMATED)
            equal = asked[pairs.asked[part]] == self._signatures[pairs.indexed[part]]
            kept[part] = equal.mean(axis=1) >= self._banding.least
        return kept


def _slices(counts: NDArray[np.int64]) -> Iterator[slice]:
    """Consecutive places whose counts add up to PAIRS at most, or single ones."""
    total, start = np.concatenate([[0], np.cumsum(counts)]), 0
    while start < len(counts):
        stop = max(start + 1, int(np.searchsorted(total, total[start] + PAIRS, side="right")) - 1)
        yield slice(start, stop)
        start = stop
