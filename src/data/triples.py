"""Training triples as ids: lines of question, positive passage and negative passage, streamed into arrays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from src.errors import InputError

COLUMNS = ("question", "positive", "negative")
SCHEMA = pa.schema([(column, pa.int32()) for column in COLUMNS])


def read_triples(path: Path, folder: Path, limit: int | None = None) -> list[NDArray[np.int32]]:
    """The three columns of the first `limit` lines, parsed without a Python object a line and memory-mapped."""
    written = 0
    files = [(folder / f"{column}.int32").open("wb") for column in COLUMNS]
    try:
        for batch in _batches(path):
            batch = batch.slice(0, None if limit is None else limit - written)
            written += len(batch)
            for file, column in zip(files, batch.columns, strict=True):
                file.write(column.to_numpy())
            if written == limit:
                break
    finally:
        for file in files:
            file.close()
    return [np.memmap(file.name, np.int32, "r") for file in files]


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    try:
        batches = csv.open_csv(
            path,
            read_options=csv.ReadOptions(column_names=COLUMNS, block_size=1 << 24),
            parse_options=csv.ParseOptions(delimiter="\t", quote_char=False, ignore_empty_lines=False),
            convert_options=csv.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pa.uint32()), null_values=[]),
        )
        for batch in batches:
            yield batch.cast(SCHEMA)  # refuses what int32 cannot hold
    except pa.ArrowInvalid as error:
        number, line = _first_malformed(path)
        what = f"expected three ids with tabs between them, found {line[:60].rstrip()!r}"
        raise InputError(what, where=f"{path}, line {number}", fix="download the file again") from error


def _first_malformed(path: Path) -> tuple[int, bytes]:
    # Arrow parses quickly but does not say where it failed; this runs only when it did.
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            fields = line.rstrip(b"\r\n").split(b"\t")
            if len(fields) != 3 or not all(field.isdigit() and int(field) < 2**31 for field in fields):
                return number, line
    return 1, b""
