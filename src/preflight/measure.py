"""A few real steps on the real device: how long one takes, and how much memory."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray
from omegaconf import DictConfig, OmegaConf

from src.data.datamodule import Share, Strategy
from src.errors import InputError
from src.preflight.memory import Memory
from src.reporting.folder import resolved
from src.training.assembly import Parts
from src.training.reproducibility import StepSeed
from src.training.trainer import build_trainer

WARM_UP, STEPS, SECONDS = 3, 12, 60.0  # steps not counted, counted at most, and time after which two are enough


@dataclass
class Watch(pl.Callback):
    """The time of each step after the warm-up; stops the trainer when there are enough."""

    seconds: list[float] = field(default_factory=list)
    device: str = ""
    lost: int | None = None  # the first step whose loss was not finite
    _start: float = 0.0
    _last: float = 0.0

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Start the clock."""
        self.device = str(module.device)
        self._start = self._last = perf_counter()

    def on_train_batch_end(self, trainer: pl.Trainer, module: pl.LightningModule, outputs: Any, *_: Any) -> None:
        """Note a whole optimizer step."""
        if trainer.fit_loop._should_accumulate():
            return
        if not bool(outputs["loss"].isfinite()) and self.lost is None:  # waits for the device, too
            self.lost = trainer.global_step
        if module.device.type == "cuda":
            torch.cuda.synchronize(module.device)
        now = perf_counter()
        if trainer.global_step > min(WARM_UP, trainer.max_steps - 1):  # of a shorter run, its last step
            self.seconds.append(now - self._last)
        self._last = now
        slow = now - self._start > SECONDS and len(self.seconds) >= 2
        trainer.should_stop = slow or len(self.seconds) >= STEPS


class RankShare:
    """What one of several processes gets of each global batch, as a plan of its own."""

    def __init__(self, plan: Strategy, accumulate: int, world_size: int) -> None:
        self._plan, self._accumulate = plan, accumulate
        self._share = Share(plan.batch_size, accumulate, world_size, 0)
        self.batch_size = plan.batch_size // world_size

    def plan(self, step: int) -> NDArray[np.int32]:
        """The first process's rows of one global batch."""
        rows = self._plan.plan(step)
        return np.concatenate([rows[self._share.of(rows, micro)] for micro in range(self._accumulate)])

    def describe(self) -> dict[str, Any]:
        """The whole plan's."""
        return self._plan.describe()


def measure_steps(config: DictConfig, parts: Parts, world_size: int) -> tuple[Watch, Memory]:
    """Real steps of one process; of several, its share of the batch, without what they would tell each other."""
    own = OmegaConf.create(resolved(config))
    own.trainer.update({"devices": 1, "num_nodes": 1, "strategy": "auto", "enable_checkpointing": False})
    if world_size > 1:
        parts.datamodule.strategy = RankShare(parts.strategy, config.trainer.accumulate_grad_batches, world_size)
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder, out_of_memory_told(config), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Lightning's advice, and what it does not know of the data module
        trainer = build_trainer(own, Path(folder), [], [StepSeed(config.seed), watch], validated=False)
        memory = Memory(trainer.strategy.root_device)
        trainer.fit(parts.module, datamodule=parts.datamodule)
        memory.read(parts.module)
    parts.encoder.to(trainer.strategy.root_device)
    if watch.lost is not None:
        raise InputError(
            f"the loss is not finite at step {watch.lost}",
            where="optimizer.lr, objective.temperature, trainer.precision",
            fix="lower optimizer.lr, raise objective.temperature, or train with trainer.precision=32-true",
        )
    return watch, memory


@contextmanager
def out_of_memory_told(config: DictConfig) -> Iterator[None]:
    """InputError where a step does not fit."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:  # torch.OutOfMemoryError is one; the CPU's allocator has none
        if not isinstance(error, MemoryError) and "memory" not in str(error):
            raise
        reason = (str(error).splitlines() or ["out of memory"])[0]
        raise InputError(
            f"a step of {config.batch_size} pairs does not fit: {reason}",
            where="batch_size",
            fix="gradient_cache=64: same loss and gradient in the memory of one chunk; or more devices, or "
            "trainer.precision=bf16-mixed",
        ) from error
