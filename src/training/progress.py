"""Progress of a run: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import logging
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import RichProgressBar
from pytorch_lightning.callbacks.progress.rich_progress import RichProgressBarTheme
from pytorch_lightning.utilities import rank_zero_only

log = logging.getLogger(__name__)


class ProgressLines(pl.Callback):
    """One line at each validation, for logs and files."""

    def __init__(self, every: int) -> None:
        self.every = every
        self._told = -1

    @rank_zero_only
    def on_train_batch_end(self, trainer: pl.Trainer, module: pl.LightningModule, *_: Any) -> None:
        """Tell the loss every so many steps."""
        step = trainer.global_step
        if step % self.every == 0 and step != self._told and (shown := _shown(trainer, "train/loss")):
            self._told = step
            log.info("step %d of %d: %s", step, trainer.max_steps, shown)

    @rank_zero_only
    def on_validation_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Tell what the validation found."""
        log.info("step %d of %d: %s", trainer.global_step, trainer.max_steps, _shown(trainer, "val/loss", "val/mAP"))


def progress_bar() -> RichProgressBar:
    """Lightning's rich bar, refreshed seldom enough to cost nothing."""
    return RichProgressBar(refresh_rate=10, leave=False, theme=RichProgressBarTheme(metrics_format=".3f"))


def _shown(trainer: pl.Trainer, *names: str) -> str:
    known = trainer.callback_metrics
    return ", ".join(f"{name} {float(known[name]):.4f}" for name in names if name in known)
