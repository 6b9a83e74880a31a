"""Any tool's TREC run, read a query at a time: where it ranks the documents that are relevant."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from src.data.json_lines import text_lines
from src.errors import InputError

COLUMNS = "query Q0 candidate rank score tag"


class Ranked(NamedTuple):
    """What a run holds for one query."""

    lines: int
    rank: dict[str, int]  # from 1, of those of the wanted candidates that it holds


def rank_run(path: Path, wanted: Mapping[str, Mapping[str, object]]) -> dict[str, Ranked]:
    """Each query of a run, plain or .gz, with the ranks of its wanted candidates: `wanted` maps query -> candidates.

    Ranking order is trec_eval's: score descending, compared in single precision, then document id descending. Neither
    the rank column nor the order of the lines says anything. One query's lines are held at a time, but all of them
    (some 40 bytes a line) where a query's lines are not together.
    """
    try:
        return _rank_all(path, wanted, together=True)
    except _ApartError:
        return _rank_all(path, wanted, together=False)


class _ApartError(Exception):
    """A query's lines are not together."""


@dataclass(slots=True)
class _Lines:
    """One query's lines without an object for each: ids end to end, scores and line numbers."""

    ids: bytearray = field(default_factory=bytearray)
    scores: array[float] = field(default_factory=lambda: array("f"))
    numbers: array[int] = field(default_factory=lambda: array("q"))

    def add(self, candidate: str, score: float, number: int) -> None:
        self.ids += candidate.encode() + b" "
        self.scores.append(score)
        self.numbers.append(number)


def _rank_all(path: Path, wanted: Mapping[str, Mapping[str, object]], *, together: bool) -> dict[str, Ranked]:
    ranked = {query: _rank(path, query, lines, wanted.get(query, {})) for query, lines in _by_query(path, together)}
    if not ranked:
        raise InputError("the run is empty", where=str(path), fix=f"supply lines of {COLUMNS}")
    return ranked


def _by_query(path: Path, together: bool) -> Iterator[tuple[str, _Lines]]:
    """Each query's lines: as soon as another query begins, or all at the end."""
    held: dict[str, _Lines] = {}
    finished: set[str] = set()
    for number, (where, text) in enumerate(text_lines(path), start=1):
        columns = text.split()
        if not columns:
            continue
        if len(columns) != 6:
            raise InputError(f"expected {COLUMNS}, found {len(columns)} columns: {text[:60]!r}", where=where)
        query, _, candidate, _, score, _ = columns
        if query not in held:
            if query in finished:
                raise _ApartError
            if together and held:
                yield (last := held.popitem())
                finished.add(last[0])
            held[query] = _Lines()
        try:
            held[query].add(candidate, float(score), number)
        except ValueError:
            raise InputError(f"the score {score!r} is not a number", where=where) from None
    yield from held.items()


def _rank(path: Path, query: str, lines: _Lines, wanted: Mapping[str, object]) -> Ranked:
    ids, scores = bytes(lines.ids).split(), np.frombuffer(lines.scores, np.float32)
    infinite = np.flatnonzero(~np.isfinite(scores))
    if len(infinite):
        what = f"the score {scores[infinite[0]]} is not a finite number in single precision"
        raise InputError(what, where=f"{path}, line {lines.numbers[infinite[0]]}")
    place = dict(zip(reversed(ids), range(len(ids) - 1, -1, -1), strict=True))  # of an id that comes twice, the first
    if len(place) < len(ids):
        again = next(i for i, name in enumerate(ids) if place[name] != i)
        what = f"candidate {ids[again].decode()!r} comes twice for query {query!r}"
        fix = f"keep one of the lines; the first is line {lines.numbers[place[ids[again]]]}"
        raise InputError(what, where=f"{path}, line {lines.numbers[again]}", fix=fix)
    found = {candidate: place[candidate.encode()] for candidate in wanted if candidate.encode() in place}
    rank = _ranks(ids, scores) if found else np.empty(0, np.int64)
    return Ranked(len(ids), {candidate: int(rank[row]) for candidate, row in found.items()})


def _ranks(ids: list[bytes], scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """The rank, from 1, of each; UTF-8's bytes sort as the characters do."""
    order = np.lexsort((np.array(ids, dtype=object), scores))[::-1]
    rank = np.empty(len(ids), np.int64)
    rank[order] = np.arange(1, len(ids) + 1)
    return rank
