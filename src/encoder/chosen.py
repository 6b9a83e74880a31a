"""The encoder that an entry point is told to use: a trained one, or any model untrained."""

from __future__ import annotations

from pathlib import Path

import torch
from omegaconf import DictConfig

from src.encoder.build import build_encoder
from src.encoder.device import choose_device
from src.encoder.dual_encoder import DualEncoder
from src.encoder.restore import restore
from src.errors import InputError


def load_encoder(config: DictConfig) -> DualEncoder:
    """The trained encoder of `checkpoint`, or the untrained one of `model`, on its device."""
    device = choose_device(config.device)
    if (config.checkpoint is None) == (config.get("model") is None):
        raise InputError(
            "give one encoder to score", where="checkpoint, model", fix="checkpoint=outputs/<run>, or model=labse"
        )
    torch.manual_seed(config.seed)
    if config.checkpoint is not None:
        encoder = restore(Path(str(config.checkpoint)))
    else:
        encoder = build_encoder(config.model, lambda: iter(()))
    return encoder.to(device)
