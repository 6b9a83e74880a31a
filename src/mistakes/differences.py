"""How far two runs differ on each query of a setting, from what they recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from src.comparing.paired import PerQuery, difference, mean_per_query
from src.comparing.runs import Run
from src.errors import InputError
from src.mistakes.pair import Pair
from src.reporting.folder import PER_QUERY

EVERYWHERE = "*"  # the pool of all languages


@dataclass(frozen=True, eq=False)
class Differences:
    """Parallel columns, one row a query and pool."""

    query: list[str]
    language: list[str]  # of the query
    pool: list[str]  # language of the candidates, or EVERYWHERE
    values: NDArray[np.float64]  # [2, rows] of A and of B

    def __len__(self) -> int:
        return len(self.query)

    def won(self, winner: int, most: int | None = None) -> list[int]:
        """Rows in which A (0) or B (1) is better, greatest difference first, then by query and pool."""
        ahead = self.values[winner] - self.values[1 - winner]
        rows = np.flatnonzero(ahead > 0).tolist()
        return sorted(rows, key=lambda row: (-ahead[row], self.query[row], self.pool[row]))[:most]


def differences(pair: Pair) -> Differences:
    """All rows of the pair's setting; InputError where a run left no such file, or not the same queries."""
    one, other = (_read(run, pair.benchmark) for run in pair.runs)
    difference(one, other, pair.runs)
    kept = one.of_setting(pair.setting)
    keys = one.keys.filter(kept)
    return Differences(
        keys.column("query").to_pylist(),
        keys.column("query_language").to_pylist(),
        keys.column("candidate_language").to_pylist(),
        np.stack([each.values[pair.metric][kept] for each in (one, other)]),
    )


def _read(run: Run, benchmark: str) -> PerQuery:
    found = mean_per_query([run], benchmark)
    if found is None:
        raise InputError(f"The run left no {PER_QUERY} of {benchmark}.", where=str(run.folder), fix="src.evaluate")
    return found
