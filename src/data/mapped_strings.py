"""Strings in a memory-mapped Arrow file, one after the other like a list's but never in memory all at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


class MappedStrings(Sequence[str]):
    """The strings of several Arrow arrays as one sequence."""

    def __init__(self, arrays: Sequence[pa.LargeStringArray]) -> None:
        self._arrays = [array for array in arrays if len(array)]
        self._starts = np.cumsum([0, *map(len, self._arrays)])

    @classmethod
    def open(cls, path: Path, column: int) -> MappedStrings:
        """A column of an Arrow IPC file."""
        reader = pa.ipc.open_file(pa.memory_map(str(path)))
        return cls([reader.get_batch(batch).column(column) for batch in range(reader.num_record_batches)])

    @classmethod
    def join(cls, parts: Iterable[MappedStrings]) -> MappedStrings:
        """The strings of all parts, one part after the other."""
        return cls([array for part in parts for array in part._arrays])

    def __len__(self) -> int:
        return int(self._starts[-1])

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            return list(self._between(start, stop)) if step == 1 else [self._at(i) for i in range(start, stop, step)]
        row = index + len(self) if index < 0 else index
        if not 0 <= row < len(self):
            raise IndexError(index)
        return self._at(row)

    def __iter__(self) -> Iterator[str]:
        for array in self._arrays:
            yield from array.to_pylist()

    def rows(self, wanted: Collection[str]) -> dict[str, int]:
        """The row of each wanted string that is among them (the last, were there several), found in one pass."""
        values = pa.array(sorted(wanted), pa.large_string())
        found: dict[str, int] = {}
        for start, array in zip(self._starts.tolist(), self._arrays, strict=False):
            hits = np.flatnonzero(pc.is_in(array, value_set=values).to_numpy(zero_copy_only=False))
            found.update(zip(array.take(pa.array(hits)).to_pylist(), (start + hits).tolist(), strict=True))
        return found

    def _between(self, start: int, stop: int) -> Iterator[str]:
        for first, array in zip(self._starts.tolist(), self._arrays, strict=False):
            if max(start, first) < min(stop, first + len(array)):
                skipped = max(0, start - first)
                yield from array.slice(skipped, stop - first - skipped).to_pylist()

    def _at(self, row: int) -> str:
        part = int(np.searchsorted(self._starts, row, side="right")) - 1
        text: str = self._arrays[part][row - int(self._starts[part])].as_py()
        return text
