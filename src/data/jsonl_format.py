"""A user's own training data: JSON lines, one a text pair in one language, checked line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from src.data.json_lines import read_objects
from src.errors import InputError

COLUMNS = ("id", "language", "question", "passage", "passage_id", "negatives", "negative_ids", "dataset")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what a concept has in one language, or (without id) a passage that others name."""

    where: str  # file and line number
    id: str | None
    language: str
    question: str | None
    passage: str | None
    passage_id: str | None
    negatives: tuple[str, ...]  # texts in the line's language
    negative_ids: tuple[str, ...]
    dataset: str | None

    def error(self, what: str, fix: str | None = None) -> InputError:
        """An error at this line."""
        return InputError(what, where=self.where, fix=fix)


def find_files(path: Path) -> list[Path]:
    """A .jsonl or .jsonl.gz file, or all of those in a folder, sorted by name."""
    files = [path] if path.is_file() else sorted([*path.glob("*.jsonl"), *path.glob("*.jsonl.gz")])
    if not files:
        raise InputError(
            f"no .jsonl or .jsonl.gz file at {str(path)!r}",
            where="dataset.folder",
            fix="give a file, or a folder that holds some",
        )
    return files


def read_lines(path: Path) -> Iterator[Line]:
    """The lines of one file, checked; an InputError names file and line."""
    for where, value in read_objects(path):
        yield _line(value, where)


def _line(value: dict[str, Any], where: str) -> Line:
    if unknown := value.keys() - set(COLUMNS):
        known = ", ".join(COLUMNS)
        raise InputError(f"unknown column {min(unknown)!r}", where=where, fix=f"the columns are {known}")
    line = Line(
        where=where,
        id=_text(value, "id", where),
        language=_required(value, "language", where),
        question=_text(value, "question", where),
        passage=_text(value, "passage", where),
        passage_id=_text(value, "passage_id", where),
        negatives=_texts(value, "negatives", where),
        negative_ids=_texts(value, "negative_ids", where),
        dataset=_text(value, "dataset", where),
    )
    _check(line)
    return line


def _check(line: Line) -> None:
    if line.question is None and line.passage is None:
        raise line.error("missing column: neither 'question' nor 'passage'")
    if line.id is None and (line.passage_id is None or line.passage is None or line.question is not None):
        fix = "give the concept's id; only a line of 'passage_id', 'language' and 'passage' needs none"
        raise line.error("missing column 'id'", fix)
    if line.id is None and (line.negatives or line.negative_ids or line.dataset):
        raise line.error("'negatives', 'negative_ids' and 'dataset' belong to a concept, and the line has no 'id'")


def _required(value: dict[str, Any], column: str, where: str) -> str:
    text = _text(value, column, where)
    if text is None:
        raise InputError(f"missing column {column!r}", where=where)
    return text


def _text(value: dict[str, Any], column: str, where: str) -> str | None:
    return None if value.get(column) is None else _string(value[column], column, where)


def _texts(value: dict[str, Any], column: str, where: str) -> tuple[str, ...]:
    texts = value.get(column) or []
    if not isinstance(texts, list):
        raise InputError(f"{column!r} must be a list, found {type(texts).__name__}", where=where)
    return tuple(_string(text, column, where) for text in texts)


def _string(text: Any, column: str, where: str) -> str:
    if not isinstance(text, str):
        raise InputError(f"{column!r} must be a string, found {type(text).__name__} {text!r}", where=where)
    if not text.strip():
        raise InputError(f"empty {column!r}", where=where)
    return text
