"""Intervals by language: a bootstrap over concepts of a group's results, its seeds averaged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from src.comparing.grouping import RunGroup
from src.evaluation.statistics import ClusteredBootstrap, Estimate

if TYPE_CHECKING:
    import pyarrow as pa

RESAMPLES = 1000  # of a line in a figure, which nobody reads to three digits

Intervals = dict[tuple[str, str], Estimate]  # (setting, query language)


def intervals(group: RunGroup, benchmark: str, metric: str, confidence: float) -> Intervals | None:
    """The mean over views of each setting and query language; None where a run left no per-query results."""
    tables = [run.per_query(benchmark) for run in group.runs]
    if any(table is None for table in tables):
        return None
    return {
        cell: ClusteredBootstrap(*rows[:2], resamples=RESAMPLES, confidence=confidence).mean(rows[2])
        for cell, rows in _cells([table for table in tables if table is not None], metric).items()
    }


def _cells(tables: list[pa.Table], metric: str) -> dict[tuple[str, str], tuple[NDArray[Any], ...]]:
    """Concept, view and value of each cell's rows, over all seeds: a concept is drawn with the rows of all of them."""
    import pyarrow as pa

    names = ["setting", "query_language", "candidate_language", "concept", metric]
    table = pa.concat_tables([each.select(names) for each in tables], promote_options="default").unify_dictionaries()
    setting, query, candidate = (_codes(table.column(name)) for name in names[:3])
    concept, value = (table.column(name).to_numpy() for name in names[3:])
    held = np.isfinite(value)
    cells: dict[tuple[str, str], tuple[NDArray[Any], ...]] = {}
    for s, name in enumerate(setting[1]):
        for q, code in enumerate(query[1]):
            rows = held & (setting[0] == s) & (query[0] == q)
            if rows.any():
                cells[name, code] = (concept[rows], candidate[0][rows], value[rows])
    return cells


def _codes(column: pa.ChunkedArray) -> tuple[NDArray[np.integer], list[str]]:
    """A text column as numbers, and what they stand for."""
    import pyarrow as pa

    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    whole = coded.combine_chunks()
    return whole.indices.to_numpy(), whole.dictionary.to_pylist()
