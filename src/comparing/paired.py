"""Differences between two groups of runs, query by query: seeds paired where they match, each query with itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from src.comparing.grouping import RunGroup
from src.comparing.runs import Run
from src.errors import InputError
from src.reporting.folder import PER_QUERY

if TYPE_CHECKING:
    import pyarrow as pa

KEYS = ("setting", "query", "concept", "query_language", "candidate_language")


@dataclass(frozen=True, eq=False)
class PerQuery:
    """Values by query and view, averaged over runs; a measure that a row does not have is NaN."""

    keys: pa.Table  # KEYS
    values: dict[str, NDArray[np.float64]]  # metric -> [rows]

    def of_setting(self, setting: str) -> NDArray[np.bool_]:
        """Which rows belong to a setting."""
        import pyarrow.compute as pc

        return pc.equal(self.keys.column("setting"), setting).to_numpy()

    def codes(self, key: str) -> NDArray[np.int64]:
        """A text key as integers."""
        codes = self.keys.column(key).combine_chunks().dictionary_encode().indices
        return codes.to_numpy().astype(np.int64)


def paired_seeds(group: RunGroup, other: RunGroup) -> list[tuple[Run, Run]]:
    """Runs of two groups with the same seed."""
    of_seed = {run.seed: run for run in other.runs}
    return [(run, of_seed[run.seed]) for run in group.runs if run.seed in of_seed]


def compared_runs(group: RunGroup, other: RunGroup) -> tuple[list[Run], list[Run]]:
    """The runs to compare: those whose seeds match, or all where none does."""
    pairs = paired_seeds(group, other)
    return ([a for a, _ in pairs], [b for _, b in pairs]) if pairs else (list(group.runs), list(other.runs))


def per_query_of(run: Run, benchmark: str) -> PerQuery | None:
    """One run's values, in the order of their keys; None where it left no per-query file."""
    table = run.per_query(benchmark)
    return None if table is None else _read(table)


def mean_per_query(runs: Sequence[Run], benchmark: str) -> PerQuery | None:
    """Per-query values averaged over runs, or None where a run left no per-query file."""
    mean: PerQuery | None = None
    for run in runs:
        one = per_query_of(run, benchmark)
        if one is None:
            return None
        if mean is None:
            mean = PerQuery(one.keys, {name: values / len(runs) for name, values in one.values.items()})
            continue
        check_same_rows(mean, one, runs[0], run)
        for name, values in one.values.items():
            mean.values[name] += values / len(runs)
    return mean


def difference(group: PerQuery, other: PerQuery, runs: tuple[Run, Run]) -> PerQuery:
    """Group minus other, row by row; `runs` names one run of each for an error's sake."""
    check_same_rows(group, other, *runs)
    return PerQuery(group.keys, {name: values - other.values[name] for name, values in group.values.items()})


def _read(table: pa.Table) -> PerQuery:
    """Rows in the order of their keys."""
    import pyarrow as pa

    plain = pa.table({name: _decoded(table.column(name)) for name in table.column_names})
    plain = plain.sort_by([(name, "ascending") for name in KEYS])
    metrics = [name for name in plain.column_names if name not in (*KEYS, "benchmark", "relevant")]
    values = {name: plain.column(name).to_numpy(zero_copy_only=False).astype(np.float64) for name in metrics}
    return PerQuery(plain.select(list(KEYS)), values)


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa

    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def check_same_rows(one: PerQuery, other: PerQuery, run: Run, other_run: Run) -> None:
    """InputError where two runs did not answer the same queries."""
    if not one.keys.equals(other.keys) or one.values.keys() != other.values.keys():
        raise InputError(
            f"{PER_QUERY} of two runs do not hold the same queries and metrics.",
            where=f"{run.folder} and {other_run.folder}",
            fix="score one of them again with python -m src.evaluate",
        )
