"""One benchmark's per-query results of many runs, kept as a few figures a concept: all that tests of pairs need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from src.comparing.interval import Bootstrap
from src.comparing.paired import PerQuery, check_same_rows, per_query_of
from src.comparing.runs import Run
from src.evaluation.statistics import ClusteredBootstrap

Measure = tuple[str, str]  # setting, metric
Cells = NDArray[np.float64]  # see ClusteredBootstrap.cells


@dataclass(frozen=True, eq=False)
class ByConcept:
    """What every run found of every measure."""

    designs: dict[Measure, ClusteredBootstrap]  # measures with the same rows share one
    cells: dict[Run, dict[Measure, Cells]]
    without: list[Run]  # runs that left no per-query results

    def of(self, runs: Sequence[Run], measure: Measure) -> list[Cells] | None:
        """One figure a run; None where a run has none."""
        held = [self.cells.get(run, {}).get(measure) for run in runs]
        return [each for each in held if each is not None] if all(each is not None for each in held) else None


def by_concept(runs: Sequence[Run], benchmark: str, bootstrap: Bootstrap) -> ByConcept:
    """Read each run once; InputError where two of them did not answer the same queries."""
    found = ByConcept({}, {}, [])
    first: tuple[PerQuery, Run] | None = None
    for run in runs:
        results = per_query_of(run, benchmark)
        if results is None:
            found.without.append(run)
            continue
        if first is None:
            first = _keys_only(results), run
            masks = _designs(results, bootstrap, found.designs)
        check_same_rows(first[0], results, first[1], run)
        found.cells[run] = {
            measure: design.cells(results.values[measure[1]][masks[measure]])
            for measure, design in found.designs.items()
            if np.isfinite(results.values[measure[1]][masks[measure]]).all()
        }
    return found


def _keys_only(results: PerQuery) -> PerQuery:
    """Without the values, so that these need not be kept while others are read."""
    return PerQuery(results.keys, dict.fromkeys(results.values, np.empty(0)))


def _designs(
    results: PerQuery, bootstrap: Bootstrap, designs: dict[Measure, ClusteredBootstrap]
) -> dict[Measure, NDArray[np.bool_]]:
    """Fill in one design for each set of rows that have a measure; returns the rows."""
    masks: dict[Measure, NDArray[np.bool_]] = {}
    made: dict[bytes, ClusteredBootstrap] = {}
    for setting in results.keys.column("setting").unique().to_pylist():
        rows = results.of_setting(setting)
        for metric, values in results.values.items():
            held = rows & np.isfinite(values)
            if held.any():
                masks[setting, metric] = held
                key = held.tobytes()
                designs[setting, metric] = made[key] = made.get(key) or bootstrap.clusters(results, held)
    return masks
