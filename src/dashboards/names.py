"""The names under which runs log what a dashboard shows: as documented, or as some runs on disk really did."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from src.comparing.grouping import group_runs
from src.comparing.runs import find_runs
from src.reporting.curves import CURVES
from src.reporting.wandb_logger import flat_results
from src.reporting.wandb_training import FIGURES

FIX = "python -m src.dashboard outputs/<sweep>"
SETTINGS = ("multilingual", "crosslingual", "monolingual")
BIAS = ("rank_distance", "same_language@10")
TRAIN = ("train/loss", "train/accuracy", "train/negatives_per_query", "train/temperature")
GROUP_BY = ("choices.sampler", "choices.model")


@dataclass(frozen=True)
class Names:
    """What runs log: keys of their history, figures of their summary by benchmark, and which settings differ."""

    history: tuple[str, ...]
    results: Mapping[str, tuple[str, ...]]  # benchmark -> <setting>/<metric> and bias/<measure>
    training: tuple[str, ...] = FIGURES
    has_pairs: frozenset[str] = frozenset()  # benchmarks with a table of language pairs
    has_heatmap: frozenset[str] = frozenset()
    group_by: tuple[str, ...] = field(default=GROUP_BY)  # keys of the W&B configuration


def documented(benchmarks: Sequence[str], metric: str) -> Names:
    """What every training run with a retrieval validation logs, scored on these benchmarks."""
    settings = tuple(f"{setting}/{metric}" for setting in SETTINGS)
    validation = (f"val/{metric}", *(f"val/{name}" for name in settings), "val/loss", "val/rank_distance")
    results = {name: (*settings, *(f"bias/{measure}" for measure in BIAS)) for name in benchmarks}
    return Names((*TRAIN, *validation), results, has_pairs=frozenset(results), has_heatmap=frozenset(results))


def of_runs(folders: Sequence[Path]) -> Names:
    """What the finished runs in and below the folders logged; InputError where there is none."""
    runs, _ = find_runs(folders, FIX)
    results: dict[str, dict[str, None]] = {}
    for run in runs:
        for name, summary in run.metrics.items():
            results.setdefault(name, {}).update(dict.fromkeys(flat_results(summary)))
    summaries = [(name, summary) for run in runs for name, summary in run.metrics.items()]
    trained = any("training" in run.record for run in runs)
    return Names(
        tuple(dict.fromkeys(name for run in runs for name in _columns(run.folder))),
        {name: tuple(keys) for name, keys in results.items()},
        FIGURES if trained else (),
        frozenset(name for name, summary in summaries if summary.get("pairs")),
        frozenset(name for name, summary in summaries if _is_map(summary)),
        _differing(group_runs(runs).labels.keys, [run.record for run in runs]),
    )


def _columns(run: Path) -> Iterable[str]:
    path = run / CURVES
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [name for name in next(csv.reader(file), []) if name not in ("step", "epoch")]


def _is_map(summary: Mapping[str, Any]) -> bool:
    return len(summary.get("pairs", ())) > len(summary.get("languages", ()))


def _differing(keys: Sequence[str], records: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Settings that tell the runs apart, as W&B knows them; config groups by their choice."""
    choices = {group for record in records for group in record.get("choices", {})}
    return tuple(f"choices.{key}" if key in choices else key for key in keys) or GROUP_BY
