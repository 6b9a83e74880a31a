"""The distinct ones of many ids, in one pass and no more memory than a byte an id: sorting 40 million takes seconds."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

CHUNK = 1 << 20  # ids read at a time

Ids = NDArray[np.integer]
Masks = NDArray[np.unsignedinteger]


def distinct(columns: Iterable[Ids], size: int) -> Ids:
    """The ids of all columns below `size`, each once, ascending."""
    seen = np.zeros(size, bool)
    for column in columns:
        for start in range(0, len(column), CHUNK):
            seen[column[start : start + CHUNK]] = True
    return np.flatnonzero(seen)


def distinct_in(ids: Ids, held: Masks, language: int, size: int) -> Ids:
    """Those of the ids below `size` whose mask has the bit of a language, each once, ascending."""
    seen = np.zeros(size, bool)
    bit = held.dtype.type(1 << language)
    for start in range(0, len(ids), CHUNK):
        chunk = slice(start, start + CHUNK)
        seen[ids[chunk][held[chunk] & bit != 0]] = True
    return np.flatnonzero(seen)
