"""Training itself: the trainer is run, and the weights to keep are chosen."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from omegaconf import DictConfig
from pytorch_lightning.callbacks import ModelCheckpoint
from pytorch_lightning.loggers import Logger

from src.encoder.dual_encoder import DualEncoder
from src.encoder.restore import encoder_weights, fit_weights, read_checkpoint, read_weights
from src.errors import InputError
from src.training.announce import announce
from src.training.assembly import Parts
from src.training.resume import RunIdentity, Start, check_data, put_aside
from src.training.sharding import ShardedStrategy
from src.training.telemetry import Telemetry
from src.training.trainer import build_callbacks, build_trainer

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Fitted:
    """What a training run ended with; the chosen weights are in the encoder."""

    steps: int
    checkpoint: dict[str, Any]  # file and why it was chosen
    telemetry: dict[str, Any]
    hardware: tuple[str, int]  # accelerator, number of devices


def fit(config: DictConfig, parts: Parts, folder: Path, loggers: Sequence[Logger], start: Start) -> Fitted:
    """Run the trainer, from a checkpoint if `start` names one, and load the weights of the best one."""
    validated = parts.datamodule.has_validation
    callbacks = build_callbacks(config, folder, len(parts.data.train.languages), parts.validation, validated=validated)
    identity = RunIdentity(start.settings, _fingerprints(parts))
    trainer = build_trainer(config, folder, loggers, [identity, *callbacks, *parts.callbacks], validated=validated)
    if start.checkpoint:
        check_resume(parts, start.checkpoint, config.max_steps)
        put_aside(start.damaged)
        log.info("going on from %s, step %d", start.checkpoint, start.step)
    announce(config, trainer, parts)
    warnings.filterwarnings("ignore", ".*your dataloader is not resumable.*")  # it is: see data.datamodule
    warnings.filterwarnings("ignore", ".*LeafSpec.*")  # between Lightning and torch
    warnings.filterwarnings("ignore", ".*does not have many workers.*")
    warnings.filterwarnings("ignore", ".*smaller than the logging interval.*")  # validations tell of a short run
    trainer.fit(parts.module, datamodule=parts.datamodule, ckpt_path=start.checkpoint, weights_only=True)
    if isinstance(trainer.strategy, ShardedStrategy):
        trainer.strategy.make_whole(parts.module)
    chosen = _load_best(trainer, parts.encoder)
    parts.encoder.to(trainer.strategy.root_device)
    return Fitted(
        steps=trainer.global_step,
        checkpoint=chosen,
        telemetry=_telemetry(trainer).totals(),
        hardware=(trainer.strategy.root_device.type, trainer.world_size),
    )


def _fingerprints(parts: Parts) -> dict[str, str]:
    sources = {"dataset": parts.data, "validation_data": parts.held_out or parts.data}
    return {name: data.fingerprint for name, data in sources.items()}


def check_resume(parts: Parts, checkpoint: Path, max_steps: int) -> None:
    """InputError before the run starts if the checkpoint is of other data, of another model or went further."""
    held = read_checkpoint(checkpoint, "trainer.resume")
    check_data(held, _fingerprints(parts), f"trainer.resume={checkpoint}")
    fit_weights(parts.module, held["state_dict"], checkpoint, "trainer.resume")
    if held["global_step"] > max_steps:
        raise InputError(
            f"the checkpoint is of step {held['global_step']}, beyond max_steps={max_steps}",
            where=f"trainer.resume={checkpoint}",
            fix=f"max_steps={held['global_step']} or more",
        )


def _load_best(trainer: pl.Trainer, encoder: DualEncoder) -> dict[str, Any]:
    best = next((c for c in trainer.checkpoint_callbacks if isinstance(c, ModelCheckpoint)), None)
    if best is None or not best.best_model_path:
        return {"file": None, "why": f"the last step, {trainer.global_step}: no validation chose one"}
    path = Path(best.best_model_path)
    fit_weights(encoder, encoder_weights(read_weights(path, "best checkpoint")), path, "best checkpoint")
    score = float(best.best_model_score) if best.best_model_score is not None else None
    return {"file": best.best_model_path, "why": f"best {best.monitor}", "score": score}


def _telemetry(trainer: pl.Trainer) -> Telemetry:
    return next(callback for callback in trainer.callbacks if isinstance(callback, Telemetry))  # type: ignore[attr-defined]
