"""Randomness as a function of the step, so that a resumed run draws what the uninterrupted one would have."""

from __future__ import annotations

import hashlib
from typing import Any

import pytorch_lightning as pl
import torch


class StepSeed(pl.Callback):
    """Seeds torch before every micro-batch from (seed, batch number, rank): dropout needs no saved state."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def on_train_batch_start(self, trainer: pl.Trainer, module: pl.LightningModule, batch: Any, _: int) -> None:
        """Seed this micro-batch."""
        torch.manual_seed(derive_seed(self.seed, batch.step, batch.micro, trainer.global_rank))


def derive_seed(*parts: int) -> int:
    """A 63-bit seed that depends on every part."""
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1
