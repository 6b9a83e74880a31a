"""Equal keys of two sides, found by bisection in the sorted keys of one: no tables of Python objects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Sorted:
    """Keys in ascending order, and where each was before."""

    keys: NDArray[np.uint64]
    places: NDArray[np.int32]

    @staticmethod
    def of(keys: NDArray[np.uint64]) -> Sorted:
        """The keys, sorted; equal ones keep their order."""
        places = np.argsort(keys, kind="stable").astype(np.int32)
        return Sorted(keys[places], places)

    def ranges(self, wanted: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First place and number of the keys that are equal to each wanted one."""
        first = np.searchsorted(self.keys, wanted)
        within = np.flatnonzero(first < len(self.keys))
        hit = within[self.keys[first[within]] == wanted[within]]
        counts = np.zeros(len(wanted), np.int64)
        counts[hit] = np.searchsorted(self.keys, wanted[hit], side="right") - first[hit]
        return first, counts

    def expand(
        self, first: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Pairs (place among the wanted, place among these) of equal keys, from their `ranges`."""
        asked = np.repeat(np.arange(len(counts)), counts)
        within = np.arange(len(asked)) - np.repeat(np.cumsum(counts) - counts, counts)
        return asked, self.places[np.repeat(first, counts) + within]
