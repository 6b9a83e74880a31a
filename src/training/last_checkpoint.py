"""The checkpoint to go on from: written every so often, and when the run is asked to stop."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from types import FrameType
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Checkpoint

from src.errors import InputError

NAME = "last.ckpt"


class Interrupted(BaseException):
    """The run was asked to stop, has finished its step and has saved its state."""

    def __init__(self, checkpoint: Path, step: int) -> None:
        self.checkpoint, self.step = checkpoint, step
        super().__init__(f"stopped after step {step}; saved {checkpoint}")


class LastCheckpoint(Checkpoint):
    """Keeps `last.ckpt`, only ever saved where a resumed run goes on exactly.

    That is after a whole optimizer step, and after the validation that follows it: Lightning does not run a
    validation again that the checkpoint was saved before. Being a Checkpoint it comes after the other callbacks, so
    their state of that validation is in it. Ctrl-C and SIGTERM end the run there; a second signal ends it at once.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self, folder: Path, every: int, validation_every: int | None) -> None:
        self.path = folder / NAME
        self.every, self.validation_every = every, validation_every
        self._asked_to_stop = False
        self._previous: dict[int, Any] = {}

    def setup(self, trainer: pl.Trainer, module: pl.LightningModule, stage: str) -> None:
        """Listen for signals."""
        self._previous = self._previous or {number: signal.signal(number, self._ask) for number in self.SIGNALS}

    def teardown(self, trainer: pl.Trainer, module: pl.LightningModule, stage: str) -> None:
        """Give the signals back."""
        while self._previous:
            signal.signal(*self._previous.popitem())

    def on_train_batch_end(self, trainer: pl.Trainer, module: pl.LightningModule, *_: Any) -> None:
        """After a step that no validation follows."""
        step, whole = trainer.global_step, not trainer.fit_loop._should_accumulate()
        if whole and not (self.validation_every and step % self.validation_every == 0):
            self._at_safe_point(trainer, due=step % self.every == 0 or step == trainer.max_steps)

    def on_validation_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """After a validation."""
        self._at_safe_point(trainer, due=True)

    def _at_safe_point(self, trainer: pl.Trainer, *, due: bool) -> None:
        stop = trainer.strategy.reduce_boolean_decision(self._asked_to_stop, all=False)
        if due or stop:
            save_atomically(trainer, self.path)
        if stop:
            raise Interrupted(self.path, trainer.global_step)

    def _ask(self, number: int, _: FrameType | None) -> None:
        if self._asked_to_stop:
            raise KeyboardInterrupt
        self._asked_to_stop = True


def save_atomically(trainer: pl.Trainer, path: Path) -> None:
    """Write beside the file, then replace it: a kill or a full disk leaves the earlier checkpoint whole."""
    partial = path.with_suffix(".partial")
    trainer.save_checkpoint(partial)
    if trainer.is_global_zero:
        os.replace(partial, path)
    trainer.strategy.barrier()


def find_resume(resume: str | None, folder: Path) -> Path | None:
    """The checkpoint to resume from: a file, `auto` for the folder's last one if there is one, or none."""
    if resume is None:
        return None
    if resume == "auto":
        last = folder / NAME
        return last if last.is_file() else None
    if not Path(resume).is_file():
        raise InputError(
            f"no checkpoint file {resume}", where="trainer.resume", fix="name a .ckpt file, or auto for the last one"
        )
    return Path(resume)
