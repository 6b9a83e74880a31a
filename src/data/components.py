"""Connected components: which items are the same, or belong together, through what they share."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray


def connected(size: int, labelings: Iterable[Sequence[Hashable | None]]) -> NDArray[np.int32]:
    """[size] the smallest item that each item is connected to; items that share a label (not None) are connected.

    A labeling gives every item one label, and labels of two labelings are not compared.
    """
    parent = list(range(size))
    for labels in labelings:
        first: dict[Hashable, int] = {}
        for item, label in enumerate(labels):
            if label is not None:
                _join(parent, first.setdefault(label, item), item)
    return np.array([_root(parent, item) for item in range(size)], np.int32)


def _join(parent: list[int], left: int, right: int) -> None:
    left, right = _root(parent, left), _root(parent, right)
    parent[max(left, right)] = min(left, right)


def _root(parent: list[int], item: int) -> int:
    while parent[item] != item:
        parent[item] = parent[parent[item]]  # halves the path, so that the next look-up is short
        item = parent[item]
    return item
