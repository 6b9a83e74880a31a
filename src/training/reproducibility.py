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
        seed_device(module.device, derive_seed(self.seed, batch.step, batch.micro, trainer.global_rank))


def seed_device(device: torch.device, seed: int) -> None:
    """`torch.manual_seed` for the CPU and one device only: for each kind that is absent it would keep a stack trace."""
    torch.default_generator.manual_seed(seed)
    if device.type != "cpu":
        torch.get_device_module(device).manual_seed(seed)


def derive_seed(*parts: int) -> int:
    """A 63-bit seed that depends on every part."""
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1
