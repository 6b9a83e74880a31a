"""How long a run has trained: the clock of the learning curves, from which time to accuracy is read."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import pytorch_lightning as pl

SECONDS = "train/seconds"


class Stopwatch(pl.Callback):
    """Logs `train/seconds` with each validation: steps and the batches made for them alone, over all starts of a run.

    Validations do not count, nor the checkpoints saved after them. On a GPU it must come after a callback that waits
    for the device as a validation starts (NonFiniteLoss), since steps are only queued there.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._since: float | None = None  # None while the watch stands

    def on_train_batch_start(self, *_: Any) -> None:
        """Let the watch run."""
        self._since = self._since or perf_counter()

    def on_validation_start(self, *_: Any) -> None:
        """Stop it."""
        self.seconds, self._since = self._read(), None

    def on_validation_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Log it beside what the validation found; the mean over ranks."""
        module.log(SECONDS, self.seconds, sync_dist=True)

    def state_dict(self) -> dict[str, Any]:
        """Seconds until now."""
        return {"seconds": self._read()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from the checkpoint's."""
        self.seconds = state_dict["seconds"]

    def _read(self) -> float:
        return self.seconds + (perf_counter() - self._since if self._since is not None else 0.0)
