"""What a run says as its training starts: the data, what a global batch holds, and against what a query is learnt."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytorch_lightning as pl
import torch
from omegaconf import DictConfig

from src.training.trainer import validation_every

if TYPE_CHECKING:
    from src.training.assembly import Parts

log = logging.getLogger(__name__)


def announce(config: DictConfig, trainer: pl.Trainer, parts: Parts) -> None:
    """Log it."""
    log.info(
        "training on %s: %s concepts in %d languages, %d steps of %d pairs",
        parts.data.name,
        f"{len(parts.data.train):,}",
        len(parts.data.train.languages),
        trainer.max_steps,
        config.batch_size,
    )
    ranks = trainer.world_size
    if holds := parts.strategy.describe().get("holds"):
        log.info("a batch%s: %s", f", over all {ranks} ranks" if ranks > 1 else "", holds)
    objective = config.objective.get("inner", config.objective)
    denominator = objective.get("denominator", "both")
    log.info(negatives_told(config.batch_size, config.negatives, denominator, trainer.accumulate_grad_batches, ranks))
    chosen = parts.datamodule.has_validation and config.callbacks.checkpoint.monitor is not None
    if chosen and (lost := unvalidated(trainer.max_steps, validation_every(config))):
        log.warning(lost)
    if torch.cuda.is_available() and trainer.strategy.root_device.type == "cpu":
        log.warning("there is a GPU, and this run does not use it: trainer=gpu")


def unvalidated(steps: int, every: int) -> str:
    """What a run loses that ends between two validations; nothing is said of one that ends with a validation."""
    if not steps % every:
        return ""
    return (
        f"the last {steps % every} of {steps} steps are not validated, so their weights cannot be chosen: "
        f"callbacks.validation.every_n_steps={every} does not divide max_steps"
    )


def negatives_told(batch: int, explicit: int, denominator: str, accumulate: int = 1, ranks: int = 1) -> str:
    """How many negatives a query has, at most, and what accumulation costs; `explicit` ones are of each pair."""
    whole = _negatives(batch, explicit, denominator)
    if accumulate == 1:
        return f"negatives a query: {whole}"
    part = batch // accumulate
    texts = part // ranks
    return (
        f"negatives a query: {_negatives(part, explicit, denominator)}; {whole} without accumulation, which splits "
        f"the batch of {batch} in {accumulate}: gradient_cache={texts} in its place keeps them all, in the memory of "
        f"{texts} texts"
    )


def _negatives(pairs: int, explicit: int, denominator: str) -> str:
    kinds = {"in-batch": pairs - 1, "explicit": pairs * explicit}
    counted = {name: kinds[name] for name in kinds if denominator in ("both", name.replace("-", "_")) and kinds[name]}
    named = " and ".join(f"{number} {name}" for name, number in counted.items())
    return f"{sum(counted.values())} ({named})" if len(counted) > 1 else named or "0"
