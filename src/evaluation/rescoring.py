"""Metrics of any tool's TREC run against TREC judgements, as trec_eval has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from src.errors import InputError
from src.evaluation.measures import NOT_FOUND, Measure, RankedRelevant, leading, parse
from src.evaluation.trec_files import Judged, read_qrels
from src.evaluation.trec_run import Ranked, rank_run

Grades = dict[str, dict[str, int]]  # query -> candidate -> grade, in the order of the judgements


@dataclass(frozen=True, eq=False)
class Rescored:
    """The metrics of a run's queries, and how the run and the judgements meet."""

    per_query: pa.Table  # query; relevant: how many candidates are; held: how many the run holds; a column a metric
    metrics: list[Measure]
    complete: bool
    missing: int  # judged queries with something relevant that the run has no line of: scored 0 if complete
    unjudged: int  # queries of the run that are not judged
    hopeless: int  # judged queries with nothing relevant

    @property
    def means(self) -> dict[str, float]:
        """Each metric's mean over the queries."""
        return {str(metric): float(np.mean(self.per_query[str(metric)])) for metric in self.metrics}

    @property
    def depth(self) -> int:
        """The most candidates that the run holds for a query."""
        return int(np.max(self.per_query["held"]))

    @property
    def deeper(self) -> list[str]:
        """The metrics that look at more candidates than the run holds for any query."""
        return [str(metric) for metric in self.metrics if metric.k is None or metric.k > self.depth]


def rescore(run: Path, qrels: Path, metrics: Sequence[str], *, complete: bool = True) -> Rescored:
    """Score a run; `complete` averages over all judged queries (trec_eval -c), else over those that the run has.

    A relevant candidate that the run does not hold is never found. Queries with nothing relevant are left out, as in
    this project's evaluations (trec_eval counts them 0).
    """
    leading(metrics)
    measures = [parse(metric) for metric in dict.fromkeys(metrics)]
    for name, path in (("run", run), ("qrels", qrels)):
        if not path.is_file():
            raise InputError("no such file", where=f"{name}={path}", fix="write the file's path")
    judged = _grades(read_qrels(qrels))
    relevant = {query: wanted for query, grades in judged.items() if (wanted := _above_0(grades))}
    if not relevant:
        raise InputError("no judgement says that a candidate is relevant", where=str(qrels))
    ranked = rank_run(run, relevant)
    common = [query for query in relevant if query in ranked]
    if not common:
        theirs, ours = next(iter(ranked)), next(iter(relevant))
        what = f"no query of the run is judged with something relevant: it has {theirs!r}, the judgements {ours!r}"
        raise InputError(what, where=f"{run}, {qrels}", fix="give the run and the judgements of the same queries")
    return Rescored(
        _scored(list(relevant) if complete else common, relevant, ranked, measures),
        measures,
        complete,
        missing=len(relevant) - len(common),
        unjudged=len(ranked.keys() - judged.keys()),
        hopeless=len(judged) - len(relevant),
    )


def _grades(lines: Sequence[Judged]) -> Grades:
    grades: Grades = {}
    for line in lines:
        grades.setdefault(line.query, {})[line.candidate] = line.grade
    return grades


def _above_0(grades: Mapping[str, int]) -> dict[str, int]:
    return {candidate: grade for candidate, grade in grades.items() if grade > 0}


def _scored(
    queries: Sequence[str], relevant: Grades, ranked: Mapping[str, Ranked], measures: Sequence[Measure]
) -> pa.Table:
    """One row a query."""
    of_run = [ranked.get(query, Ranked(0, {})) for query in queries]
    rank: list[int] = []
    grade: list[int] = []
    for query, held in zip(queries, of_run, strict=True):
        rank += [held.rank.get(candidate, NOT_FOUND) for candidate in relevant[query]]
        grade += relevant[query].values()
    counts = [len(relevant[query]) for query in queries]
    _, found = RankedRelevant.group(np.repeat(np.arange(len(queries)), counts), np.array(rank), np.array(grade))
    about = {"query": queries, "relevant": counts, "held": [held.lines for held in of_run]}
    return pa.table(about | {str(measure): measure(found) for measure in measures})
