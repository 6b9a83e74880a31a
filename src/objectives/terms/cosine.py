"""Cosines between embeddings, whether or not the encoder normalises them."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def unit(embeddings: Tensor) -> Tensor:
    """Rows at length 1 in float32; a row of zeros stays."""
    return functional.normalize(embeddings.float(), dim=1)


def cosines(left: Tensor, right: Tensor) -> Tensor:
    """Of each left row with each right row, [k, n], in float32 also under autocast."""
    with torch.autocast(left.device.type, enabled=False):
        return unit(left) @ unit(right).T


def row_cosines(left: Tensor, right: Tensor) -> Tensor:
    """Of each left row with the right row beside it, [k]."""
    return (unit(left) * unit(right)).sum(1)
