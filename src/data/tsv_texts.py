"""Texts in lines of `id<TAB>text`, streamed."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from src.errors import InputError


class Row(NamedTuple):
    """One line."""

    id: int
    line: int
    text: str


def read_rows(path: Path) -> Iterator[Row]:
    """The lines of a file; an InputError names the one that is malformed."""
    with path.open("rb") as file:
        if file.read(len(BOM_UTF8)) != BOM_UTF8:
            file.seek(0)
        for number, line in enumerate(file, start=1):
            ident, tab, text = line.partition(b"\t")
            try:
                yield Row(int(ident), number, text.decode().strip())
            except ValueError as error:
                what = "malformed text" if tab and ident.isdigit() else "expected an id, a tab and a text"
                raise InputError(f"{what}: {line[:60]!r}", where=f"{path}, line {number}") from error
            if not tab:
                raise InputError(f"no tab after the id: {line[:60]!r}", where=f"{path}, line {number}")


def align(rows: Iterable[Row], ids: NDArray[np.integer], path: Path) -> Iterator[str | None]:
    """The text of each of the ascending `ids`, from rows in ascending order; None where it is absent or empty.

    Rows beyond the last id are read only where one was absent: out of order, it may lie there, which is an InputError.
    """
    ascending = _ascending(rows, path)
    row = next(ascending, None)
    absent = False
    for wanted in map(int, ids):
        while row is not None and row.id < wanted:
            row = next(ascending, None)
        found = row if row is not None and row.id == wanted else None
        absent = absent or found is None
        yield found.text or None if found else None
    if absent:
        deque(ascending, maxlen=0)


def _ascending(rows: Iterable[Row], path: Path) -> Iterator[Row]:
    last = -1
    for row in rows:
        if row.id <= last:
            what = f"id {row.id} after {last}: duplicate, or out of order"
            raise InputError(
                what, where=f"{path}, line {row.line}", fix="sort the file by id (sort -n) and keep one each"
            )
        last = row.id
        yield row
