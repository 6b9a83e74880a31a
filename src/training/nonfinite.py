"""Stops a run whose loss or weights are no longer numbers, and names the batch."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray
from torch import Tensor

from src.data.batch import PairBatch
from src.training.last_checkpoint import LastCheckpoint


class NonFiniteLossError(RuntimeError):
    """The loss, or a weight, became NaN or infinite."""


class NonFiniteLoss(pl.Callback):
    """Checks the loss: on CPU at every step, on a GPU at every `every` steps, since reading it there waits for it.

    A bad loss is remembered on the device, so the step named is the first bad one. No checkpoint is written after
    it: the check also runs before each validation, on its losses, and before each checkpoint on the weights, since the
    update after a good loss may have spoilt them.
    """

    def __init__(self, every: int) -> None:
        self.every = every
        self._first_bad: Tensor | None = None  # step of the first bad loss, -1 while there is none
        self._recent: dict[int, NDArray[np.int32]] = {}  # rows by step, since the last look
        self._last = (-1, np.empty((0, 3), np.int32))  # step and rows

    def on_train_batch_end(
        self, trainer: pl.Trainer, module: pl.LightningModule, outputs: Any, batch: PairBatch, batch_idx: int
    ) -> None:
        """Remember a bad loss; look at what is remembered when it is time."""
        loss = outputs["loss"].detach()
        self._remember(batch.step, batch.rows, loss)
        if loss.device.type == "cpu" or len(self._recent) >= self.every:
            self._check_loss(trainer)

    def on_validation_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Look before a validation."""
        self._check_loss(trainer)

    def on_validation_batch_end(
        self, trainer: pl.Trainer, module: pl.LightningModule, outputs: Any, batch: Any, *_: Any
    ) -> None:
        """Look at a validation's loss: what it is followed by ranks embeddings and saves a checkpoint."""
        if not bool(outputs.isfinite()):
            self._stop("validation loss is", trainer)

    def on_save_checkpoint(self, trainer: pl.Trainer, module: pl.LightningModule, checkpoint: dict) -> None:
        """Look before a checkpoint is written."""
        self._check_loss(trainer)
        if not all(bool(weights.isfinite().all()) for weights in module.parameters()):
            self._stop("weights are", trainer)

    def _remember(self, step: int, rows: NDArray[np.int32], loss: Tensor) -> None:
        before = torch.full((), -1, device=loss.device) if self._first_bad is None else self._first_bad
        self._first_bad = torch.where((before < 0) & ~torch.isfinite(loss), step, before)
        self._recent[step] = rows
        self._last = (step, rows)

    def _stop(self, what: str, trainer: pl.Trainer) -> NoReturn:
        step, rows = self._last
        raise NonFiniteLossError(_describe(what, f"after step {step}", rows, trainer))

    def _check_loss(self, trainer: pl.Trainer) -> None:
        if self._first_bad is None:
            return
        step = int(self._first_bad)
        if step >= 0:
            raise NonFiniteLossError(_describe("loss is", f"at step {step}", self._recent[step], trainer))
        self._recent.clear()


def _describe(what: str, when: str, rows: NDArray[np.int32], trainer: pl.Trainer) -> str:
    shown = ", ".join(str(concept) for concept in rows[:20, 0])
    last = [each.path for each in trainer.callbacks if isinstance(each, LastCheckpoint) and each.path.is_file()]  # type: ignore[attr-defined]
    return (
        f"the {what} not finite {when}\n"
        f"  batch: concepts {shown}{', ...' if len(rows) > 20 else ''}\n"
        f"  kept:  {last[0] if last else 'no checkpoint, there was none yet'}\n"
        f"  fix:   lower optimizer.lr, raise objective.temperature, or train with trainer.precision=32-true"
    )
