"""The results in a run's folder: `metrics.json`, `per_query.parquet`, and of each benchmark what can be drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from src.evaluation.dimensions import is_whole
from src.reporting.folder import METRICS, PER_QUERY, replacing, write_json
from src.reporting.samples import write_sample

if TYPE_CHECKING:
    import pyarrow as pa

    from src.evaluation.evaluate import Evaluation


def save_results(
    folder: Path, evaluations: Sequence[Evaluation], averages: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
) -> dict[str, Path]:
    """Write all results of a run, `averages` of suites among them; returns the heat-map's file by benchmark."""
    summaries = {evaluation.summary["name"]: evaluation.summary for evaluation in evaluations}
    write_json(folder / METRICS, {**summaries, **averages})
    write_per_query(folder, evaluations)
    whole = [evaluation for evaluation in evaluations if is_whole(evaluation.summary)]
    for evaluation in whole:
        if evaluation.sample is not None:
            write_sample(folder, evaluation.benchmark.name, evaluation.sample)
    return {
        evaluation.benchmark.name: _save_heatmap(folder, evaluation, alone=len(whole) == 1)
        for evaluation in whole
        if _is_map(evaluation)
    }


def write_per_query(folder: Path, evaluations: Sequence[Evaluation]) -> Path:
    """One row a query and view, with the benchmark's name in front."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = [_named(evaluation.per_query, evaluation.summary["name"]) for evaluation in evaluations]
    path = folder / PER_QUERY
    with replacing(path) as temporary:
        pq.write_table(pa.concat_tables(tables, promote_options="default"), temporary, compression="zstd")
    return path


def _named(table: pa.Table, benchmark: str) -> pa.Table:
    import pyarrow as pa

    names = pa.array([benchmark] * len(table)).dictionary_encode()
    return table.add_column(0, "benchmark", names)


def _is_map(evaluation: Evaluation) -> bool:
    """Whether a language is searched from more than one: a diagonal, or one pair of languages, is no map."""
    return len(evaluation.summary["pairs"]) > len(evaluation.benchmark.languages)


def _save_heatmap(folder: Path, evaluation: Evaluation, *, alone: bool) -> Path:
    from src.reporting.heatmap import save_heatmap

    path = folder / ("heatmap.png" if alone else f"heatmap-{evaluation.benchmark.name}.png")
    return save_heatmap(path, evaluation.matrices, evaluation.benchmark.languages, evaluation.benchmark.name)
