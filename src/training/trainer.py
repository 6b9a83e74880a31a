"""The Lightning trainer and its callbacks, from the configuration."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from omegaconf import DictConfig
from pytorch_lightning.callbacks import Callback, EarlyStopping, LearningRateMonitor, ProgressBar
from pytorch_lightning.loggers import Logger

from src.data.datamodule import Share
from src.errors import InputError
from src.evaluation.benchmark import Benchmark
from src.training.best_checkpoint import BestCheckpoint
from src.training.checkpoint_files import WholeFiles
from src.training.last_checkpoint import LastCheckpoint
from src.training.nonfinite import NonFiniteLoss
from src.training.outside import check_size
from src.training.progress import ProgressLines, progress_bar
from src.training.ranks import ChildRanks
from src.training.reproducibility import StepSeed
from src.training.sharding import ShardedStrategy, WholeInValidation, chosen_strategy
from src.training.stopwatch import Stopwatch
from src.training.telemetry import Telemetry
from src.training.validation import RetrievalValidation, measured

OURS = ("chunk_overhead", "threads", "resume", "resources", "started_by")  # of the trainer group, not Lightning's


def check_split(config: DictConfig) -> pl.Trainer:
    """InputError if the global batch cannot be shared out evenly; asks Lightning's trainer what devices there are."""
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)  # its tips, and what the record says anyway
    given = {key: config.trainer[key] for key in ("accelerator", "devices", "num_nodes")}
    given["strategy"] = chosen_strategy(config)
    check_size(config.trainer.devices, config.trainer.num_nodes)
    try:
        trainer = pl.Trainer(**given, logger=False, enable_checkpointing=False)
    except (TypeError, ValueError, RuntimeError, pl.utilities.exceptions.MisconfigurationException) as error:
        raise InputError(
            f"no such devices or strategy: {str(error).rstrip('.')}",
            where="trainer.accelerator, trainer.devices, trainer.num_nodes, trainer.strategy",
            fix="trainer=cpu needs nothing but this machine; conf/trainer/ has more",
        ) from error
    check_size(trainer.num_devices, trainer.num_nodes)  # where trainer.devices left their number to Lightning
    Share(config.batch_size, config.trainer.accumulate_grad_batches, trainer.world_size, 0)
    return trainer


def build_trainer(
    config: DictConfig, folder: Path, loggers: Sequence[Logger], callbacks: list[Callback], *, validated: bool
) -> pl.Trainer:
    """A trainer over `max_steps` optimizer steps that never changes what a batch holds."""
    if config.trainer.threads:
        torch.set_num_threads(config.trainer.threads)
    # deterministic mode would also fill all new memory, a fiftieth of a step, in case it is read before it is set
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    given = {str(key): value for key, value in config.trainer.items() if key not in OURS}
    given["strategy"] = chosen_strategy(config)
    if isinstance(given["strategy"], ShardedStrategy):
        callbacks = [WholeInValidation(), *callbacks]
    fixed = _fixed(config, folder, loggers, callbacks, validated=validated)
    for key in given.keys() & fixed.keys():
        raise InputError(
            f"trainer.{key} is not free: the run sets it itself",
            where=f"trainer.{key}",
            fix="leave it out; max_steps, callbacks.validation and logger have settings of their own",
        )
    try:
        return pl.Trainer(**given, **fixed)
    except (TypeError, ValueError, pl.utilities.exceptions.MisconfigurationException) as error:
        raise InputError(f"the trainer cannot be built: {error}", where="trainer") from error


def _fixed(
    config: DictConfig, folder: Path, loggers: Sequence[Logger], callbacks: list[Callback], *, validated: bool
) -> dict[str, Any]:
    """What a configuration cannot change: Lightning's own sampler, for one, would change what a batch holds."""
    return {
        "max_steps": config.max_steps,
        "max_epochs": -1,
        "logger": list(loggers),
        "callbacks": callbacks,
        "default_root_dir": folder,
        "plugins": [WholeFiles()],
        "use_distributed_sampler": False,
        "limit_train_batches": 1.0,
        "overfit_batches": 0.0,
        "fast_dev_run": False,
        "num_sanity_val_steps": 0,
        "enable_model_summary": False,
        "check_val_every_n_epoch": None,
        "limit_val_batches": 1.0 if validated else 0,
        "val_check_interval": validation_every(config) * config.trainer.accumulate_grad_batches,
        "enable_progress_bar": any(isinstance(callback, ProgressBar) for callback in callbacks),
    }


def build_callbacks(
    config: DictConfig, folder: Path, languages: int, validation: Benchmark | None, *, validated: bool
) -> list[Callback]:
    """What watches the run; `validated` says whether there is held-out data at all."""
    chosen = config.callbacks
    every = validation_every(config)
    callbacks: list[Callback] = [
        ChildRanks(),
        StepSeed(config.seed),
        NonFiniteLoss(every=config.trainer.log_every_n_steps),
        Stopwatch(),
        Telemetry(languages),
        LearningRateMonitor("step"),
        progress_bar() if chosen.progress_bar and sys.stdout.isatty() else ProgressLines(every),
    ]
    if validation is not None:
        callbacks.append(RetrievalValidation(validation))
    monitor, mode = monitored(config, validated=validated, retrieval=validation)
    if chosen.early_stopping.patience is not None:
        if monitor is None:
            raise InputError(
                "nothing to stop early by",
                where="callbacks.early_stopping.patience, callbacks.checkpoint.monitor",
                fix="name a monitor, or set callbacks.early_stopping.patience=null",
            )
        callbacks.append(EarlyStopping(monitor, patience=chosen.early_stopping.patience, mode=mode))
    checkpoints = folder / "checkpoints"
    if monitor is not None:
        keep, optimizer = chosen.checkpoint.keep, chosen.checkpoint.optimizer
        callbacks.append(BestCheckpoint(checkpoints, monitor, mode, keep, optimizer=optimizer))
    saved_every = chosen.checkpoint.every_n_steps or every
    callbacks.append(
        LastCheckpoint(checkpoints, saved_every, every if validated else None, keep=chosen.checkpoint.keep_last)
    )
    return callbacks


NO_MONITOR = "give the dataset a validation part, or set callbacks.checkpoint.monitor=null"


def monitored(config: DictConfig, *, validated: bool, retrieval: Benchmark | None) -> tuple[str | None, str]:
    """The metric that chooses the checkpoint, and its direction; `auto` prefers the retrieval metric."""
    monitor, mode = config.callbacks.checkpoint.monitor, config.callbacks.checkpoint.mode
    if monitor == "auto":
        monitor = f"val/{retrieval.headline}" if retrieval else "val/loss" if validated else None
    if monitor is None:
        return None, "max"
    known = measured(retrieval) if validated else []
    if monitor not in known:
        raise InputError(
            f"{monitor} is never measured in this run",
            where="callbacks.checkpoint.monitor",
            fix=f"one of {', '.join(known)}; or null" if known else NO_MONITOR,
        )
    if mode == "auto":
        mode = "min" if monitor in ("val/loss", "val/rank_distance") else "max"
    return monitor, mode


def validation_every(config: DictConfig) -> int:
    """Steps between validations; a run shorter than that is validated at its end."""
    return min(config.callbacks.validation.every_n_steps, config.max_steps)
