"""Judgements and topics as they are published: TREC qrels, BEIR's TSV qrels and topics in TSV."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from src.data.json_lines import text_lines
from src.errors import InputError
from src.evaluation.benchmark import Judgements

GRADES = np.iinfo(np.int16)


class Judged(NamedTuple):
    """One line of judgements."""

    query: str
    candidate: str
    grade: int  # > 0 is relevant
    where: str  # file and line


class Topic(NamedTuple):
    """A query and the line that it comes from."""

    id: str
    text: str
    where: str


def read_qrels(path: Path) -> list[Judged]:
    """TREC's qrels: lines of "query Q0 candidate grade"."""
    layout = "query Q0 candidate grade"
    return _checked((_judged(where, line, line.split(), layout) for where, line in _lines(path)), path)


def read_beir_qrels(path: Path) -> list[Judged]:
    """BEIR's qrels: a header, then lines of "query<TAB>candidate<TAB>grade"."""
    lines = _lines(path)
    where, header = next(lines, (str(path), ""))
    columns = header.split("\t")
    if len(columns) != 3 or _is_integer(columns[2]):
        fix = "begin the file with a line that names its three columns, separated by tabs"
        raise InputError(f"expected the header query-id, corpus-id, score, found {header[:60]!r}", where=where, fix=fix)
    layout = "query<TAB>candidate<TAB>grade"
    return _checked((_judged(where, line, line.split("\t"), layout) for where, line in lines), path)


def read_topics(path: Path) -> list[Topic]:
    """Lines of "query id<TAB>query"."""
    topics = check_topics(_topic(where, line) for where, line in _lines(path))
    if not topics:
        raise InputError("no query", where=str(path), fix="supply the file again")
    return topics


def check_topics(topics: Iterable[Topic]) -> list[Topic]:
    """The topics as a list; an InputError where one is empty or where an id comes twice."""
    known: dict[str, Topic] = {}
    for topic in topics:
        if not topic.id.strip() or not topic.text.strip():
            raise InputError(f"query {topic.id!r} has no {'text' if topic.id.strip() else 'id'}", where=topic.where)
        earlier = known.setdefault(topic.id, topic)
        if earlier is not topic:
            raise InputError(f"the query id {topic.id!r} comes twice, first at {earlier.where}", where=topic.where)
    return list(known.values())


def rows_of(
    judged: Iterable[Judged], kind: Literal["query", "candidate"], rows: Mapping[str, int]
) -> NDArray[np.int32]:
    """The row of each line's query or candidate; an InputError names the line that has an unknown one."""
    found = []
    for line in judged:
        ident = line.query if kind == "query" else line.candidate
        if ident not in rows:
            fix = f"supply the {kind} that the judgement is about, or leave the line out"
            raise InputError(f"the judgement is about an unknown {kind}, {ident!r}", where=line.where, fix=fix)
        found.append(rows[ident])
    return np.array(found, np.int32)


def as_judgements(judged: Iterable[Judged], query: NDArray[np.int32], candidate: NDArray[np.int32]) -> Judgements:
    """The lines' grades with the rows of their queries and candidates, sorted by query."""
    order = np.argsort(query, kind="stable")
    grade = np.array([line.grade for line in judged], np.int16)
    return Judgements(query[order], candidate[order], grade[order])


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    return ((where, line) for where, line in text_lines(path) if line.strip())


def _judged(where: str, line: str, columns: list[str], layout: str) -> Judged:
    if len(columns) != len(layout.replace("<TAB>", " ").split()):
        raise InputError(f"expected {layout}, found {len(columns)} columns: {line[:60]!r}", where=where)
    query, candidate, grade = columns[0], columns[-2], columns[-1]
    if not _is_integer(grade):
        raise InputError(f"the grade {grade!r} is not an integer", where=where, fix="above 0 is relevant")
    if not GRADES.min <= int(grade) <= GRADES.max:
        raise InputError(f"the grade {grade} is out of range", where=where)
    return Judged(query, candidate, int(grade), where)


def _is_integer(text: str) -> bool:
    return re.fullmatch(r"[+-]?[0-9]+", text.strip()) is not None


def _checked(judged: Iterator[Judged], path: Path) -> list[Judged]:
    """All lines; an InputError where a query's lines are not together or one of its candidates comes twice."""
    lines: list[Judged] = []
    finished: set[str] = set()
    of_query: dict[str, str] = {}
    for line in judged:
        if lines and line.query != lines[-1].query:
            finished.add(lines[-1].query)
            of_query = {}
        if line.query in finished:
            what = f"not sorted: lines of query {line.query!r} stand apart, with other queries' between them"
            raise InputError(what, where=line.where, fix="sort the lines by query; perhaps two files were joined")
        if line.candidate in of_query:
            what = f"query {line.query!r} and candidate {line.candidate!r} are judged twice"
            fix = f"keep one of the lines; the first is {of_query[line.candidate]}"
            raise InputError(what, where=line.where, fix=fix)
        of_query[line.candidate] = line.where
        lines.append(line)
    if not lines:
        raise InputError("no judgement", where=str(path), fix="supply the file again")
    return lines


def _topic(where: str, line: str) -> Topic:
    ident, tab, text = line.partition("\t")
    if not tab:
        raise InputError(f"expected query id<TAB>query, found no tab: {line[:60]!r}", where=where)
    return Topic(ident, text.strip(), where)
