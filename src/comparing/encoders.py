"""All evaluations of one encoder as one run: what was scored on several benchmarks, one after the other or at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from src.comparing.grouping import NO_RESULT, OF_SCORING, OF_SPEED
from src.comparing.runs import Run
from src.reporting.settings import settings

if TYPE_CHECKING:
    import pyarrow as pa

DEBIAS = "debias"
OF_EVALUATIONS = (*OF_SCORING, *OF_SPEED, *NO_RESULT)  # settings that do not describe an encoder


@dataclass(frozen=True, eq=False)
class Encoder(Run):
    """An encoder, described by what trained it, with the results of all the runs that scored it."""

    of: Mapping[str, Run] = field(default_factory=dict)  # benchmark -> the run that scored it

    @property
    def records(self) -> list[Mapping[str, Any]]:
        """The training's, and those of the runs that scored it."""
        return [self.record, *(run.record for run in self.of.values())]

    def per_query(self, benchmark: str) -> pa.Table | None:
        """The rows of the run that scored this benchmark."""
        return self.of[benchmark].per_query(benchmark)


def join(runs: Sequence[Run]) -> list[Encoder]:
    """The encoders of runs; of two runs that scored one on the same benchmark the later counts."""
    of_encoder: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda run: str(run.record.get("start"))):
        of_encoder.setdefault(_identity(run), []).append(run)
    return [_joined(same) for same in of_encoder.values()]


def superseded(runs: Sequence[Run], encoders: Sequence[Encoder]) -> list[Run]:
    """Runs none of whose results count, as later ones scored the same."""
    kept = {run.folder for encoder in encoders for run in encoder.of.values()}
    return [run for run in runs if run.metrics and run.folder not in kept]


def _identity(run: Run) -> str:
    """Of a trained encoder its training run's folder and what was done to it since; of an untrained one all it is."""
    if run.trained is not None:
        fitted = run.config.get(DEBIAS)  # None: as its training left it
        removed = "" if fitted is None else f" {json.dumps(fitted, sort_keys=True)}"
        return f"{run.trained.folder} {run.trained.checkpoint}{removed}"
    if "checkpoint" not in run.config:
        return f"{run.folder.resolve()} None"
    composed = settings(run.config, run.record.get("folder", run.folder), OF_EVALUATIONS)
    return json.dumps(composed, sort_keys=True)


def _joined(runs: Sequence[Run]) -> Encoder:
    first, metrics, of = runs[0], {}, {}
    for run in runs:
        metrics.update({name: summary for name, summary in run.metrics.items() if "members" not in summary})
        of.update(dict.fromkeys((name for name in run.metrics if name in metrics), run))
    source = first.trained or first
    config = {key: value for key, value in source.config.items() if key not in OF_EVALUATIONS}
    if first.trained is not None and first.trained.checkpoint is not None:
        config["checkpoint"] = first.trained.checkpoint
    record = source.record
    if source is not first and first.config.get(DEBIAS) is not None:  # fitted as it was scored
        config[DEBIAS] = first.config[DEBIAS]
        record = {**record, "choices": {**record.get("choices", {}), DEBIAS: first.record["choices"][DEBIAS]}}
    return Encoder(source.folder, config, record, metrics, of=of)
