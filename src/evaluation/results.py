"""Per-query results in every setting: one row for each query and pool in which it has something to find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from src.evaluation.benchmark import SETTINGS, Benchmark
from src.evaluation.measures import NOT_FOUND, RankedRelevant, parse
from src.retrieval.ranks import Ranks

MONOLINGUAL, CROSSLINGUAL, MULTILINGUAL = range(3)
ALL_LANGUAGES = -1


@dataclass(frozen=True, eq=False)
class Results:
    """Columns of equal length; a query with nothing relevant in a pool has no row for it.

    monolingual: a query against its own language's candidates. crosslingual: against each other language's.
    multilingual: against all candidates. Only the settings that the benchmark measures are there.
    """

    setting: NDArray[np.int8]  # index into SETTINGS
    query: NDArray[np.int64]
    query_language: NDArray[np.int64]
    candidate_language: NDArray[np.int64]  # ALL_LANGUAGES for multilingual
    relevant: NDArray[np.int64]  # relevant candidates in the pool
    metrics: dict[str, NDArray[np.float64]]

    def __len__(self) -> int:
        return len(self.query)


def results(benchmark: Benchmark, ranks: Ranks) -> Results:
    """All rows, by setting, query and candidate language."""
    judged, languages = ranked(benchmark, ranks), len(benchmark.languages)
    keys, in_pool = RankedRelevant.group(judged.query * np.int64(languages) + judged.language, judged.own, judged.grade)
    query, candidate_language = np.divmod(keys, languages)
    setting = np.where(benchmark.queries.language[query] == candidate_language, MONOLINGUAL, CROSSLINGUAL)
    metrics = {metric: parse(metric)(in_pool) for metric in benchmark.metrics}
    counts = in_pool.relevant
    if "multilingual" in benchmark.measured:
        everywhere, in_all = RankedRelevant.group(judged.query, judged.pooled, judged.grade)
        query = np.concatenate([query, everywhere])
        candidate_language = np.append(candidate_language, np.full(len(everywhere), ALL_LANGUAGES))
        setting = np.append(setting, np.full(len(everywhere), MULTILINGUAL))
        metrics = {metric: np.append(values, parse(metric)(in_all)) for metric, values in metrics.items()}
        counts = np.append(counts, in_all.relevant)
    order = np.argsort(setting, kind="stable")
    order = order[np.isin(setting[order], [SETTINGS.index(name) for name in benchmark.measured])]
    return Results(
        setting[order].astype(np.int8),
        query[order],
        benchmark.queries.language[query[order]].astype(np.int64),
        candidate_language[order],
        counts[order],
        {metric: values[order] for metric, values in metrics.items()},
    )


class Ranked(NamedTuple):
    """Relevant judgements with their ranks, sorted by query, those of missing documents among them."""

    query: NDArray[np.int64]
    language: NDArray[np.int64]
    grade: NDArray[np.int16]
    own: NDArray[np.int32]
    pooled: NDArray[np.int32]


def ranked(benchmark: Benchmark, ranks: Ranks) -> Ranked:
    """The ranks of all relevant documents; NOT_FOUND for those that the pool lacks."""
    relevant, missing = benchmark.judgements.relevant, benchmark.missing
    language = benchmark.candidates.language[relevant.candidate].astype(np.int64)
    found = Ranked(relevant.query.astype(np.int64), language, relevant.grade, ranks.own, ranks.pooled)
    if missing is None:
        return found
    never = np.full(len(missing.query), NOT_FOUND, dtype=np.int32)
    query = np.concatenate([found.query, missing.query], dtype=np.int64)
    order = np.argsort(query, kind="stable")
    return Ranked(
        query[order],
        np.concatenate([found.language, missing.language], dtype=np.int64)[order],
        np.append(found.grade, missing.grade)[order],
        np.append(found.own, never)[order],
        np.append(found.pooled, never)[order],
    )


def as_table(benchmark: Benchmark, results: Results, of_queries: dict[str, NDArray[np.float64]]) -> pa.Table:
    """The rows as an Arrow table; `of_queries` are further measures of queries [queries], given with multilingual rows.

    The candidate language of a multilingual row is "*"; a measure that a row does not have is null.
    """
    columns: dict[str, pa.Array | pa.DictionaryArray] = {
        "setting": _coded(results.setting, SETTINGS),
        "query": _coded(results.query, benchmark.queries.ids),
        "concept": pa.array(benchmark.concept[results.query]),
        "query_language": _coded(results.query_language, benchmark.languages),
        "candidate_language": _coded(
            results.candidate_language % (len(benchmark.languages) + 1), (*benchmark.languages, "*")
        ),
        "relevant": pa.array(results.relevant.astype(np.int32)),
    }
    columns |= {metric: pa.array(values) for metric, values in results.metrics.items()}
    elsewhere = results.setting != MULTILINGUAL
    for name, values in of_queries.items():
        column = values[results.query]
        columns[name] = pa.array(column, mask=elsewhere | np.isnan(column))
    return pa.table(columns)


def _coded(codes: NDArray[np.integer], names: Sequence[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(list(names), pa.string()))
