"""The training run behind an evaluation: what it was asked to do describes the encoder that was scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from src.errors import InputError
from src.reporting.folder import CONFIG, RECORD, read_config, read_json

ENCODER = "encoder"  # where a training run saves the encoder that it chose


@dataclass(frozen=True, eq=False)
class Trained:
    """A training run, and which of its checkpoints was scored."""

    folder: Path
    config: Mapping[str, Any]
    record: Mapping[str, Any]
    checkpoint: str | None  # a file's name; None: the one that the run chose and saved


def trained_by(record: Mapping[str, Any], folder: Path) -> Trained | None:
    """The training run of the checkpoint that an evaluation's record names, if it is still there."""
    named = (record.get("model") or {}).get("checkpoint")
    if named is None:
        return None
    for base in (Path.cwd(), *folder.parents):  # a relative path is from where the evaluation was typed
        scored = base / str(named)
        run = _run_folder(scored)
        if (run / RECORD).is_file() and (run / CONFIG).is_file():
            return _load(run.resolve(), scored)
    return None


def _run_folder(scored: Path) -> Path:
    """`scored` is a run's folder, its encoder/ or a file in its checkpoints/."""
    if scored.is_file() or scored.suffix == ".ckpt":
        return scored.parent.parent
    return scored.parent if scored.name == ENCODER else scored


def _load(run: Path, scored: Path) -> Trained | None:
    try:
        record = read_json(run / RECORD)
    except InputError:  # a torn record says nothing: the same as none
        return None
    chosen = (record.get("checkpoint") or {}).get("file")
    is_chosen = scored.is_dir() or (chosen is not None and Path(chosen).name == scored.name)
    return Trained(run, read_config(run), record, None if is_chosen else scored.name)
