"""Stops a run whose loss is no longer a number, and names the batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray
from torch import Tensor

from src.data.batch import PairBatch


class NonFiniteLossError(RuntimeError):
    """The loss became NaN or infinite."""


class NonFiniteLoss(pl.Callback):
    """Checks the loss: on CPU at every step, on a GPU at every `every` steps, since reading it there waits for it.

    A bad loss is remembered on the device, so the step named is the first bad one. No checkpoint is written after
    it: the check also runs before each validation and each checkpoint.
    """

    def __init__(self, every: int) -> None:
        self.every = every
        self._first_bad: Tensor | None = None  # step of the first bad loss, -1 while there is none
        self._recent: dict[int, NDArray[np.int32]] = {}  # rows by step

    def on_train_batch_end(
        self, trainer: pl.Trainer, module: pl.LightningModule, outputs: Any, batch: PairBatch, batch_idx: int
    ) -> None:
        """Remember a bad loss; look at what is remembered when it is time."""
        loss = outputs["loss"].detach()
        self._remember(batch.step, batch.rows, loss)
        if loss.device.type == "cpu" or len(self._recent) >= self.every:
            self.check()

    def on_validation_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Look before a validation, which may save a checkpoint."""
        self.check()

    def on_save_checkpoint(self, trainer: pl.Trainer, module: pl.LightningModule, checkpoint: dict) -> None:
        """Look before a checkpoint is written."""
        self.check()

    def _remember(self, step: int, rows: NDArray[np.int32], loss: Tensor) -> None:
        before = torch.full((), -1, device=loss.device) if self._first_bad is None else self._first_bad
        self._first_bad = torch.where((before < 0) & ~torch.isfinite(loss), step, before)
        self._recent[step] = rows

    def check(self) -> None:
        """Raise NonFiniteLossError if a loss since the last look was not finite."""
        if self._first_bad is None:
            return
        step = int(self._first_bad)
        if step >= 0:
            raise NonFiniteLossError(_describe(step, self._recent[step]))
        self._recent.clear()


def _describe(step: int, rows: NDArray[np.int32]) -> str:
    shown = ", ".join(str(concept) for concept in rows[:20, 0])
    return (
        f"the loss is not finite at step {step}\n"
        f"  batch: concepts {shown}{', ...' if len(rows) > 20 else ''}\n"
        f"  kept:  the last good checkpoint\n"
        f"  fix:   lower optimizer.lr, raise objective.temperature, or train with trainer.precision=32-true"
    )
