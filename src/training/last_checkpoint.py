"""The checkpoint to go on from: written every so often, and when the run is asked to stop."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Checkpoint

from src.training.checkpoint_files import remove_partial
from src.training.signals import ENDING, Handler, Stopped, is_free, preemption

NAME, NEW = "last.ckpt", "new.ckpt"
STOPPED_EARLY = "stopped_early"  # in a checkpoint: no step was to follow it


class Interrupted(BaseException):
    """The run was asked to stop, has finished its step and has saved its state."""

    def __init__(self, checkpoint: Path, step: int) -> None:
        self.checkpoint, self.step = checkpoint, step
        super().__init__(f"stopped after step {step}; saved {checkpoint}")


class LastCheckpoint(Checkpoint):
    """Keeps `last.ckpt`, only ever saved where a resumed run goes on exactly, and `keep` - 1 that it replaced.

    That is after a whole optimizer step, and after the validation that follows it: Lightning does not run a
    validation again that the checkpoint was saved before. Being a Checkpoint it comes after the other callbacks, so
    their state of that validation is in it. Ctrl-C, SIGTERM and a cluster's preemption end the run there; a second
    Ctrl-C or SIGTERM ends it at once.
    """

    def __init__(self, folder: Path, every: int, validation_every: int | None, keep: int = 2) -> None:
        self.path = folder / NAME
        self.every, self.validation_every, self.keep = every, validation_every, keep
        self._asked_by: int | None = None
        self._preemption: dict[int, Handler] = {}
        self._heard: set[int] = set()
        self._before: dict[int, Any] = {}

    def setup(self, trainer: pl.Trainer, module: pl.LightningModule, stage: str) -> None:
        """Note who listens to what, before Lightning does."""
        if not self._before:
            self._preemption = preemption()
            self._heard = {*filter(is_free, ENDING), *self._preemption}
            self._before = {number: signal.getsignal(number) for number in {*ENDING, *self._preemption}}
        if trainer.is_global_zero:
            remove_partial(self.path.parent)
            self.path.with_name(NEW).unlink(missing_ok=True)

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Listen, in place of Lightning: its handlers wait for the other ranks wherever this one happens to be."""
        if threading.current_thread() is threading.main_thread():
            for number, before in self._before.items():
                signal.signal(number, self._ask if number in self._heard else before)

    def on_train_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Answer a signal that came after the last step."""
        self._give_back()
        if self._is_asked(trainer):
            self._stop(trainer)

    def teardown(self, trainer: pl.Trainer, module: pl.LightningModule, stage: str) -> None:
        """Listen no more."""
        self._give_back()

    def on_train_batch_end(self, trainer: pl.Trainer, module: pl.LightningModule, *_: Any) -> None:
        """After a step that no validation follows."""
        step, whole = trainer.global_step, not trainer.fit_loop._should_accumulate()
        if whole and not (self.validation_every and step % self.validation_every == 0):
            self._at_safe_point(trainer, due=step % self.every == 0 or step == trainer.max_steps)

    def on_validation_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """After a validation."""
        self._at_safe_point(trainer, due=True)

    def on_save_checkpoint(self, trainer: pl.Trainer, module: pl.LightningModule, checkpoint: dict[str, Any]) -> None:
        """Note whether the run was about to stop early, which Lightning forgets."""
        checkpoint[STOPPED_EARLY] = trainer.should_stop

    def on_load_checkpoint(self, trainer: pl.Trainer, module: pl.LightningModule, checkpoint: dict[str, Any]) -> None:
        """Stop where the run had stopped."""
        trainer.should_stop = checkpoint.get(STOPPED_EARLY, False)

    def _at_safe_point(self, trainer: pl.Trainer, *, due: bool) -> None:
        asked = self._is_asked(trainer)  # once: a signal may come at any moment
        if due or asked:
            self._save(trainer)
        if asked:
            self._stop(trainer)

    def _is_asked(self, trainer: pl.Trainer, *numbers: int) -> bool:
        """Whether any rank was, by one of these signals or by whichever."""
        asked = self._asked_by in numbers if numbers else self._asked_by is not None
        return trainer.strategy.reduce_boolean_decision(asked, all=False)

    def _stop(self, trainer: pl.Trainer) -> None:
        for number, act in self._preemption.items():
            if self._is_asked(trainer, number):
                act(number, None)
        raise Interrupted(self.path, trainer.global_step)

    def _give_back(self) -> None:
        if threading.current_thread() is threading.main_thread():
            for number, before in self._before.items():
                signal.signal(number, before)
        self._before = {}

    def _save(self, trainer: pl.Trainer) -> None:
        """Make the earlier ones older only when the new one is there; a kill in between leaves all that were good."""
        new = self.path.with_name(NEW)
        trainer.save_checkpoint(new)
        if trainer.is_global_zero:
            for age in range(self.keep - 1, 0, -1):
                younger = aged(self.path, age - 1)
                if younger.is_file():
                    os.replace(younger, aged(self.path, age))
            os.replace(new, self.path)
        trainer.strategy.barrier()

    def _ask(self, number: int, _: FrameType | None) -> None:
        if self._asked_by is not None and number in ENDING:
            raise Stopped(f"ended at once by a second {signal.Signals(number).name}")
        self._asked_by = number


def aged(last: Path, age: int) -> Path:
    """Where the last checkpoint but so many is: last.ckpt, last-1.ckpt, ..."""
    return last.with_name(f"{last.stem}-{age}{last.suffix}") if age else last
