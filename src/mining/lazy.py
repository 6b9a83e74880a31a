"""Strings that are made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray


class LazyStrings(Sequence[str]):
    """`make(rows)` for any of so many rows, a slice at a time: texts of a large corpus stay on disk."""

    def __init__(self, length: int, make: Callable[[NDArray[np.int64]], list[str]]) -> None:
        self._length, self._make = length, make

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return self._make(np.arange(*index.indices(self._length)))
        return self._make(np.array([range(self._length)[index]]))[0]
