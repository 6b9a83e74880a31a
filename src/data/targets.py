"""A teacher's embeddings of texts, looked up by id for the rows of a batch."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Matrix(Protocol):
    """Embeddings, in memory or on disk."""

    def take(self, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Copies of some rows [n, dimension]."""
        ...


class Targets:
    """The teacher's embedding of each text that exists in its language; filled after it is made."""

    def __init__(self, ids: NDArray[np.integer]) -> None:
        """`ids` of those texts, ascending."""
        self.ids = ids
        self.embeddings: Matrix | None = None  # [ids, dimension], set before the first batch

    def of(self, ids: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Which of these ids have an embedding, by place [k], and it [k, dimension]."""
        if self.embeddings is None:
            raise RuntimeError("the teacher has not embedded its texts yet")
        places = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        held = np.flatnonzero(self.ids[places] == ids)
        return held, self.embeddings.take(places[held])
