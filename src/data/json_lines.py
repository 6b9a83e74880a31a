"""Files of JSON objects, one a line, plain or gzipped; whatever is wrong is told with file and line."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple

from src.errors import InputError


class Object(NamedTuple):
    """One line's object."""

    where: str  # file and line number
    value: dict[str, Any]

    def text(self, column: str, default: str | None = None) -> str:
        """A column's text; InputError where it is missing or null without a default, or is no text."""
        value = self.value.get(column)
        value = default if value is None else value
        if value is None:
            raise InputError(f"missing column {column!r}", where=self.where)
        if not isinstance(value, str):
            raise InputError(f"{column!r} must be a string, found {type(value).__name__} {value!r}", where=self.where)
        return value


def read_objects(path: Path) -> Iterator[Object]:
    """The objects of one file, in order; blank lines are passed over."""
    for where, line in text_lines(path):
        if line.strip():
            yield Object(where, _parse(line, where))


def text_lines(path: Path) -> Iterator[tuple[str, str]]:
    """(file and line number, text without the line's end) of a plain or .gz file; InputError where it breaks off."""
    number = 0
    try:
        with _open(path) as file:
            for number, line in enumerate(file, start=1):
                yield f"{path}, line {number}", line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except (EOFError, OSError, zlib.error, UnicodeDecodeError) as error:
        where = f"{path}, at or after line {number}"
        raise InputError(f"cannot read the file: {error}", where=where, fix="supply the file again") from error


def _open(path: Path) -> gzip.GzipFile | BufferedReader:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def _parse(text: str, where: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        what = f"malformed JSON: {error.msg} at column {error.colno}"
        raise InputError(what, where=where, fix="write one JSON object a line") from error
    if not isinstance(value, dict):
        raise InputError(f"expected an object, found {type(value).__name__}", where=where)
    return value
