"""Embeddings of any number of texts: one matrix in memory, or files of which a block at a time is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from src.data.mapped_arrays import made_of, opened
from src.errors import InputError
from src.retrieval.scores import as_embeddings

Matrix = NDArray[np.float32] | NDArray[np.float16]

COPIED_BYTES = 32 * 2**20  # of rows that are not kept as they are asked for, made so at once
TINY = np.finfo(np.float32).tiny  # a vector of zeros stays one


class Embeddings:
    """Vectors [texts, dimension] as consecutive float32 or float16 matrices, which may be memory-mapped."""

    def __init__(
        self, parts: Sequence[Matrix], folder: Path | None = None, identity: str = "", *, normalize: bool = False
    ) -> None:
        """`folder` is where they are kept, if they are; `identity` says which texts, by which encoder.

        `normalize`: rows are brought to unit length as they are read.
        """
        self.parts = list(parts)
        self.folder, self.identity, self.normalize = folder, identity, normalize
        self._starts = np.cumsum([0, *map(len, parts)])

    @classmethod
    def of(cls, matrix: NDArray[np.floating]) -> Embeddings:
        """Those of one matrix; an InputError if it holds NaN or infinity."""
        return cls([as_embeddings(matrix, "candidate")])

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "parts": [made_of(part) for part in self.parts]}  # files reach a worker as their names

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({**state, "parts": [opened(part) for part in state["parts"]]})

    def __len__(self) -> int:
        return int(self._starts[-1])

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self.parts[0].shape[1])

    @property
    def nbytes(self) -> int:
        """Size in memory or on disk."""
        return sum(part.nbytes for part in self.parts)

    def between(self, start: int, stop: int) -> Embeddings:
        """The rows from `start` to before `stop`, not copied."""
        pieces = [
            part[max(0, start - first) : stop - first]
            for part, (first, last) in zip(self.parts, pairwise(self._starts.tolist()), strict=True)
            if first < stop and last > start
        ]
        identity = f"{self.identity}[{start}:{stop}]"
        return Embeddings(pieces or [self.parts[0][:0]], self.folder, identity, normalize=self.normalize)

    def cut(self, size: int, *, normalize: bool) -> Embeddings:
        """The first numbers of each vector, then of unit length if asked; nothing is copied before it is read."""
        identity = f"{self.identity}[:, :{size}]{' normalized' if normalize else ''}"
        return Embeddings([part[:, :size] for part in self.parts], self.folder, identity, normalize=normalize)

    def blocks(self, most: int | None = None) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """(first row, float32 matrix) of consecutive rows, at most so many; float32 as it is kept is not copied."""
        for first, part in zip(self._starts.tolist(), self.parts, strict=False):
            as_it_is = part.dtype == np.float32 and part.flags.c_contiguous and not self.normalize
            rows = len(part) if as_it_is else COPIED_BYTES // (4 * part.shape[1])
            rows = max(1, min(rows, most or rows))
            for start in range(0, len(part), rows):
                yield first + start, self._ready(part[start : start + rows])

    def take(self, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Copies of some rows [n, dimension]."""
        taken = np.empty((len(rows), self.dimension), np.float32)
        part_of = np.searchsorted(self._starts, rows, side="right") - 1
        for part in np.unique(part_of):
            chosen = part_of == part
            taken[chosen] = self.parts[part][rows[chosen] - self._starts[part]]
        return self._ready(taken)

    def matrix(self) -> NDArray[np.float32]:
        """All in one float32 matrix; a single float32 one is not copied."""
        if len(self.parts) == 1:
            return self._ready(self.parts[0])
        return np.concatenate([self._ready(part) for part in self.parts])

    def _ready(self, rows: Matrix) -> NDArray[np.float32]:
        matrix = np.ascontiguousarray(rows, dtype=np.float32)
        if not self.normalize:
            return matrix
        return matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), TINY)


def check_same_dimension(queries: NDArray[np.float32], corpus: Embeddings) -> None:
    """InputError where queries cannot be compared with the corpus."""
    if queries.shape[1] != corpus.dimension:
        raise InputError(
            f"queries have {queries.shape[1]} dimensions, candidates {corpus.dimension}",
            fix="encode both with one encoder",
        )
