"""What tells two encoders apart: everything that decides their embeddings."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

import torch

from src.data.tokens import tokenizer_fingerprint
from src.encoder.dual_encoder import DualEncoder
from src.encoder.settings import SIZES


def encoder_identity(encoder: DualEncoder) -> str:
    """sha256 over settings, tokenizer, architecture, weights, and what is removed of their embeddings."""
    settings = {name: value for name, value in asdict(encoder.settings).items() if name not in ("name", SIZES)}
    backbones: Any = encoder.backbones
    architecture = {name: backbone.config.to_diff_dict() for name, backbone in backbones.items()}
    found = hashlib.sha256(json.dumps([settings, architecture], sort_keys=True, default=str).encode())
    found.update(tokenizer_fingerprint(encoder.tokenizer).encode())
    found.update(weights_identity(encoder).encode())
    if encoder.debias is not None:
        found.update(encoder.debias.fingerprint.encode())
    return found.hexdigest()


def weights_identity(encoder: DualEncoder) -> str:
    """sha256 over the weights."""
    found = hashlib.sha256()
    for name, tensor in sorted(encoder.state_dict().items()):
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        found.update(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().data)
    return found.hexdigest()
