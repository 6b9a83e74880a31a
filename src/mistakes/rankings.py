"""What a run ranks best for some queries: from its run file, or searched again with its encoder."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from src.comparing.runs import Run
from src.data.json_lines import text_lines
from src.errors import InputError
from src.evaluation.benchmark import Benchmark, Judgements, TextSet
from src.evaluation.encoding import Encoding, encode_candidates, encode_queries
from src.evaluation.searched import Asked, Searched
from src.evaluation.trec import DEPTH
from src.mistakes.differences import EVERYWHERE
from src.mistakes.reload import load_encoder, load_search
from src.retrieval.search import NONE

if TYPE_CHECKING:
    import torch

log = logging.getLogger(__name__)

RUN = "run.trec"


class View(NamedTuple):
    """A query in a pool."""

    query: int  # row of the benchmark's queries
    pool: str  # language, or EVERYWHERE


class Ranking(NamedTuple):
    """The best candidates of one view, best first, at most DEPTH."""

    row: NDArray[np.int64]
    score: NDArray[np.float32]

    @property
    def rank(self) -> dict[int, int]:
        """Candidate -> rank, from 1."""
        return {row: rank for rank, row in enumerate(self.row.tolist(), start=1)}


def select(benchmark: Benchmark, queries: Sequence[int]) -> Benchmark:
    """The benchmark with some of its queries only, in this order."""
    rows = np.array(queries, np.int64)
    place = np.full(len(benchmark.queries), NONE, np.int32)
    place[rows] = np.arange(len(rows), dtype=np.int32)
    judged = benchmark.judgements
    kept = np.flatnonzero(place[judged.query] != NONE)
    kept = kept[np.argsort(place[judged.query[kept]], kind="stable")]
    texts = benchmark.queries
    ids, content = ([column[row] for row in queries] for column in (texts.ids, texts.texts))
    return replace(
        benchmark,
        queries=TextSet(ids, content, texts.language[rows]),
        judgements=Judgements(place[judged.query[kept]], judged.candidate[kept], judged.grade[kept]),
        concept=benchmark.concept[rows],
        own=None if benchmark.own is None else benchmark.own[rows],
        missing=None,
    )


def rankings(
    run: Run, benchmark: Benchmark, views: Sequence[View], encoding: Encoding, device: torch.device
) -> list[Ranking]:
    """One a view of the (selected) benchmark."""
    file = next((path for path in _files(run, benchmark.name) if path.is_file()), None)
    if file is not None:
        log.info("rankings of %s: from its %s", run.folder.name, file.name)
        return from_file(file, benchmark, views)
    log.info("rankings of %s: searched again, since it has no %s", run.folder.name, RUN)
    encoder = load_encoder(run, device, benchmark, encoding)
    corpus = encode_candidates(encoder, benchmark, encoding)
    return searched(Searched(benchmark, encode_queries(encoder, benchmark, encoding), corpus, load_search(run)), views)


def _files(run: Run, benchmark: str) -> tuple[Path, Path]:
    return run.folder / RUN, run.folder / "runs" / benchmark / RUN


def searched(search: Searched, views: Sequence[View]) -> list[Ranking]:
    """Searched in each view's pool."""
    found: dict[int, Ranking] = {}
    for pool in dict.fromkeys(view.pool for view in views):
        places = [place for place, view in enumerate(views) if view.pool == pool]
        language = None if pool == EVERYWHERE else search.benchmark.languages.index(pool)
        top = search.top(Asked(np.array([views[place].query for place in places]), language), DEPTH)
        for place, row, score in zip(places, top.row, top.score, strict=True):
            found[place] = Ranking(row[row != NONE], score[row != NONE])
    return [found[place] for place in range(len(views))]


def from_file(path: Path, benchmark: Benchmark, views: Sequence[View]) -> list[Ranking]:
    """Read from a TREC run, in trec_eval's order; only lines of the asked queries are kept."""
    asked = {benchmark.queries.ids[view.query] for view in views}
    lines: dict[str, list[tuple[np.float32, str]]] = {}
    for where, line in text_lines(path):
        columns = line.split()
        if len(columns) != 6:
            raise InputError(f"expected 6 columns, found {len(columns)}", where=where)
        if columns[0] in asked:
            lines.setdefault(columns[0], []).append((_score(columns[4], where), columns[2]))
    named = {name for of in lines.values() for _, name in of}
    number = {name: row for row, name in enumerate(benchmark.candidates.ids) if name in named}
    if unknown := sorted(named - number.keys()):
        raise InputError(f"the run names {unknown[0]!r}, which {benchmark.name} does not have", where=str(path))
    return [_in_pool(lines.get(benchmark.queries.ids[view.query], []), view, benchmark, number) for view in views]


def _score(written: str, where: str) -> np.float32:
    try:
        return np.float32(written)
    except ValueError as error:
        raise InputError(f"the score {written!r} is not a number", where=where) from error


def _in_pool(
    lines: Sequence[tuple[np.float32, str]], view: View, benchmark: Benchmark, number: dict[str, int]
) -> Ranking:
    ordered = sorted(lines, reverse=True)
    row = np.array([number[name] for _, name in ordered], np.int64)
    score = np.array([score for score, _ in ordered], np.float32)
    if view.pool == EVERYWHERE:
        return Ranking(row, score)
    kept = benchmark.candidates.language[row] == benchmark.languages.index(view.pool)
    return Ranking(row[kept], score[kept])
