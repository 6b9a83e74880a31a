"""Arrays that pickle as what they are made of, a file's part or one value: a worker opens them and copies nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class InFile:
    """Part of a file."""

    path: str
    dtype: np.dtype
    offset: int  # in bytes
    shape: tuple[int, ...]

    def open(self) -> np.memmap:
        """The array, memory-mapped."""
        return np.memmap(self.path, self.dtype, "r", self.offset, self.shape)


@dataclass(frozen=True)
class Repeated:
    """One value, broadcast."""

    value: NDArray
    shape: tuple[int, ...]

    def open(self) -> NDArray:
        """The array, with strides of 0."""
        return np.broadcast_to(self.value, self.shape)


class Reopened:
    """A dataclass of arrays that reach another process as files and values where that is what they are."""

    def __getstate__(self) -> dict[str, Any]:
        return {name: made_of(value) for name, value in vars(self).items()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({name: opened(value) for name, value in state.items()})


def made_of(value: Any) -> Any:
    """What an array is made of, if that is less than the array; anything else as it is."""
    if not isinstance(value, np.ndarray) or not value.size or not value.ndim:
        return value
    if not any(value.strides):
        return Repeated(np.array(value[(0,) * value.ndim]), value.shape)
    if isinstance(value, np.memmap) and value.mode == "r" and value.flags.c_contiguous:
        return InFile(str(value.filename), value.dtype, _offset(value), value.shape)
    return value


def opened(value: Any) -> Any:
    """The array that `made_of` told of; anything else as it is."""
    return value.open() if isinstance(value, InFile | Repeated) else value


def _offset(array: np.memmap) -> int:
    """Where its bytes begin in the file; of a slice, numpy only knows where the array began that it was cut from."""
    whole = array
    while isinstance(whole.base, np.memmap):
        whole = whole.base
    return int(whole.offset + array.ctypes.data - whole.ctypes.data)
