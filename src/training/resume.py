"""Going on from a checkpoint: which one, and whether it is of this very run."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode

from src.errors import InputError
from src.training.checkpoint_files import read_whole
from src.training.last_checkpoint import NAME, aged
from src.training.launch import is_rank_zero
from src.training.outside import outside
from src.training.signals import was_requeued

log = logging.getLogger(__name__)

IDENTITY = "run"  # in a checkpoint: the settings and data that it was trained with
WHERE = "trainer.resume"
# Settings (or whole groups) that the trained weights do not depend on; a folder's data are known by their fingerprint.
FREE = (
    *("benchmark", "search", "encoding", "dimensions", "debias", "save_run"),
    *("dataset.folder", "validation_data.folder"),
    *("trainer.log_every_n_steps", "callbacks.checkpoint.every_n_steps"),
    *("callbacks.checkpoint.keep_last", "callbacks.checkpoint.optimizer"),
)
# Those by which they differ in the last digits: another machine adds the same numbers in another order.
ROUNDING = (
    *("trainer.accelerator", "trainer.devices", "trainer.num_nodes", "trainer.strategy", "trainer.deterministic"),
    *("trainer.threads", "model.training.threads", "trainer.chunk_overhead", "gradient_cache"),
    *("optimizer.fused", "model.compile", "model.attention"),
)
LENGTH = "max_steps"
AUTO = "auto"

Found = tuple[Path, Mapping[str, Any], Sequence[Path]]  # a checkpoint, what it holds, damaged ones that are younger


@dataclass(frozen=True)
class Start:
    """How a run starts: by what settings, and from which checkpoint, if from any."""

    settings: Mapping[str, Any]  # dotted key -> plain value
    checkpoint: Path | None = None
    step: int = 0
    damaged: Sequence[Path] = ()  # younger ones, which cannot be used


def find_start(resume: str | None, folder: Path, settings: Mapping[str, Any]) -> Start:
    """The start that `trainer.resume` asks for; InputError if the checkpoint is damaged or of another run."""
    _warn_of_requeue()
    found = _find(resume, folder)
    if found is None:
        return Start(settings)
    checkpoint, held, damaged = found
    _check_settings(held, settings, f"{WHERE}={checkpoint}")
    return Start(settings, checkpoint, held["global_step"], damaged)


def put_aside(damaged: Sequence[Path]) -> None:
    """Take them out of the row, where they would push a good one out; the first process does."""
    for path in damaged if is_rank_zero() else []:
        path.rename(f"{path}.damaged")


class RunIdentity(pl.Callback):
    """Writes into each checkpoint what run it is of, and refuses one that was trained on other data."""

    def __init__(self, settings: Mapping[str, Any], fingerprints: Mapping[str, str]) -> None:
        self.identity = {"settings": dict(settings), "data": dict(fingerprints)}

    def on_save_checkpoint(self, trainer: pl.Trainer, module: pl.LightningModule, checkpoint: dict[str, Any]) -> None:
        """Sign it."""
        checkpoint[IDENTITY] = self.identity


def check_data(held: Mapping[str, Any], fingerprints: Mapping[str, str], where: str) -> None:
    """InputError if a checkpoint was trained, or chosen, by other data than the run's."""
    before = held[IDENTITY]["data"]
    if changed := sorted(key for key in {*before, *fingerprints} if before.get(key) != fingerprints.get(key)):
        raise InputError(
            f"the checkpoint was trained on other data: {', '.join(changed)} has changed since",
            where=where,
            fix="restore the files that it was trained on, or train anew in another folder",
        )


def _warn_of_requeue() -> None:
    """Say in time that a job of Slurm would not find its checkpoints again."""
    ranks = outside()
    named_by_job = ranks is not None and ranks.size > 1  # see shared_folder
    if "SLURM_JOB_ID" not in os.environ or named_by_job or not HydraConfig.initialized():
        return
    hydra = HydraConfig.get()
    named = {word.lstrip("+").split("=")[0] for word in [*hydra.overrides.hydra, *hydra.overrides.task]}
    if hydra.mode == RunMode.RUN and "hydra.run.dir" not in named:
        log.warning("put back into Slurm's queue, this job would start anew: name its folder with hydra.run.dir=...")


def _find(resume: str | None, folder: Path) -> Found | None:
    if was_requeued() and resume != AUTO:
        log.info("this job was started before, and goes on: trainer.resume=auto")
    if was_requeued() or resume == AUTO:
        own = _last_good(folder)
        if own is not None or resume == AUTO:
            return own
    if resume is None:
        return None
    if not Path(resume).is_file():
        raise InputError(f"no checkpoint file {resume}", where=WHERE, fix="name a .ckpt file, or auto for the last one")
    return Path(resume), read_whole(Path(resume), WHERE), ()


def _last_good(folder: Path) -> Found | None:
    """The youngest of the folder's last checkpoints that is whole, if there ever was one; and those damaged since."""
    damaged: list[Path] = []
    for path in filter(Path.is_file, _lasts(folder)):
        try:
            return path, read_whole(path, WHERE), damaged
        except InputError as error:
            log.warning("%s\nlooking for an earlier one", error)
            damaged.append(path)
    if damaged:
        raise InputError("no checkpoint here is whole", where=str(folder), fix="train anew with trainer.resume=null")
    return None


def _lasts(folder: Path) -> Iterator[Path]:
    count = len(list(folder.glob("last*.ckpt")))  # a kill may have left a gap of one between them
    return (aged(folder / NAME, age) for age in range(count + 2))


def _check_settings(held: Mapping[str, Any], settings: Mapping[str, Any], where: str) -> None:
    if not held.get("optimizer_states"):
        raise InputError(
            "the checkpoint holds weights alone: no run can go on from it",
            where=where,
            fix="go on from last.ckpt, with trainer.resume=auto",
        )
    if IDENTITY not in held:
        raise InputError(
            "the checkpoint does not say what run it is of",
            where=where,
            fix="one that this version has written does",
        )
    before = held[IDENTITY]["settings"]
    changed = sorted(key for key in {*before, *settings} if before.get(key) != settings.get(key))
    refused = [key for key in changed if not _is_in(key, (*FREE, *ROUNDING, LENGTH))]
    if refused:
        shown = "".join(f"\n  {key}: {_told(before, key)} there, {_told(settings, key)} here" for key in refused)
        raise InputError(
            f"the checkpoint is of another run:{shown}",
            where=where,
            fix="give the run's own settings, which are in its config.yaml, or train anew in another folder",
        )
    _tell(before, settings, changed)


def _tell(before: Mapping[str, Any], settings: Mapping[str, Any], changed: list[str]) -> None:
    if LENGTH in changed:
        log.warning(
            "the run was planned for %s steps and goes on for %s: what follows the share of the run, such as the "
            "learning rate, goes on by the new number",
            before[LENGTH],
            settings[LENGTH],
        )
    if rounding := [key for key in changed if _is_in(key, ROUNDING)]:
        names = ", ".join(rounding)
        log.warning("the run goes on with another %s: the same but for rounding and for draws of dropout", names)


def _is_in(key: str, groups: tuple[str, ...]) -> bool:
    return any(key == group or key.startswith(f"{group}.") for group in groups)


def _told(settings: Mapping[str, Any], key: str) -> str:
    return json.dumps(settings[key], ensure_ascii=False) if key in settings else "absent"
