"""Stopping cleanly on Ctrl-C or SIGTERM: the step is finished and a checkpoint written before the run ends."""

from __future__ import annotations

import signal
from pathlib import Path
from types import FrameType
from typing import Any

import pytorch_lightning as pl


class Interrupted(BaseException):
    """The run was asked to stop and has saved its state."""

    def __init__(self, checkpoint: Path, step: int) -> None:
        self.checkpoint, self.step = checkpoint, step
        super().__init__(f"stopped after step {step}; saved {checkpoint}")


class GracefulStop(pl.Callback):
    """Waits for the end of the step, saves `last.ckpt` and raises Interrupted; a second signal stops at once."""

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self, folder: Path) -> None:
        self.checkpoint = folder / "last.ckpt"
        self._asked = False
        self._previous: dict[int, Any] = {}

    def setup(self, trainer: pl.Trainer, module: pl.LightningModule, stage: str) -> None:
        """Listen for signals."""
        if not self._previous:
            self._previous = {number: signal.signal(number, self._ask) for number in self.SIGNALS}

    def on_train_batch_end(self, trainer: pl.Trainer, module: pl.LightningModule, *_: Any) -> None:
        """Between optimizer steps, stop if any rank was asked to."""
        whole_step = not trainer.fit_loop._should_accumulate()
        if whole_step and trainer.strategy.reduce_boolean_decision(self._asked, all=False):
            trainer.save_checkpoint(self.checkpoint)
            raise Interrupted(self.checkpoint, trainer.global_step)

    def teardown(self, trainer: pl.Trainer, module: pl.LightningModule, stage: str) -> None:
        """Give the signals back."""
        while self._previous:
            signal.signal(*self._previous.popitem())

    def _ask(self, number: int, _: FrameType | None) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
