"""What is known of an encoder: the run that trained it, and what was measured of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from src.comparing.encoders import Encoder, join
from src.comparing.runs import find_runs
from src.errors import InputError
from src.reporting.folder import METRICS
from src.reporting.trained import Trained, trained_by

EVALUATE = "python -m src.evaluate checkpoint=outputs/RUN"


@dataclass(frozen=True, eq=False)
class Source:
    """A training run, which of its checkpoints is meant, and its results."""

    trained: Trained
    measured: Encoder | None  # None: nothing was measured of this encoder
    without: str | None = None  # why the run's own results are not those of this encoder

    @property
    def config(self) -> Mapping[str, Any]:
        """What the run was asked to do."""
        return self.trained.config

    @property
    def record(self) -> Mapping[str, Any]:
        """What the run wrote down."""
        return self.trained.record

    @property
    def languages(self) -> list[str]:
        """Those of the training data."""
        return list((self.record.get("data") or {}).get("languages") or [])

    @property
    def name(self) -> str:
        """What the run is called."""
        return str(self.config.get("name") or self.trained.folder.name)


def read_source(checkpoint: Path, evaluations: Sequence[Path], *, without: str | None = None) -> Source:
    """The run of a checkpoint, and what it and the evaluations measured of this very encoder.

    `without` says why the run's own results do not count. InputError without a record, or for another's evaluation.
    """
    trained = trained_by({"model": {"checkpoint": str(checkpoint)}}, checkpoint.resolve())
    if trained is None:
        raise InputError(
            "a model card tells of the training, and no run's record.json belongs to this checkpoint",
            where=f"checkpoint={checkpoint}",
            fix="give the folder of a run, or a .ckpt file in its checkpoints/",
        )
    finished = trained.record.get("status") == "finished" and (trained.folder / METRICS).is_file()
    if without is None and not finished:
        without = f"the run did not finish ({trained.record.get('status')})"
    if without is None and trained.checkpoint is not None:
        without = f"the run scored the checkpoint that it chose, and this is {trained.checkpoint}"
    folders = [*evaluations, *([trained.folder] if without is None else [])]
    return Source(trained, _measured(trained, folders, evaluations) if folders else None, without)


def _measured(trained: Trained, folders: Sequence[Path], evaluations: Sequence[Path]) -> Encoder:
    runs, skipped = find_runs(folders, fix=EVALUATE)
    if skipped:
        raise InputError(f"no results here: {skipped[0].reason}", where=f"evaluations={skipped[0].folder}")
    found = join(runs)
    others = [run.folder for run in runs if (run.trained or run).folder.resolve() != trained.folder]
    wrong = others or [each.folder for each in found[1:]]
    if wrong or found[0].config.get("checkpoint") != trained.checkpoint:
        raise InputError(
            "these results are not all of the encoder that is exported",
            where=f"evaluations: {', '.join(map(str, wrong or evaluations))}",
            fix=f"score it: {EVALUATE} benchmark=...",
        )
    return found[0]
