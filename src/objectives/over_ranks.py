"""Means over the rows of all ranks, exact where ranks hold different numbers of rows."""

from __future__ import annotations

import torch
import torch.distributed as dist
from torch import Tensor

from src.objectives.gather import world_size


def global_mean(values: Tensor) -> Tensor:
    """A scalar whose gradient, averaged over ranks, is that of the mean of all ranks' values; 0 where there are none.

    The scalar itself is this rank's share of the sum times the number of ranks: it is the mean after averaging.
    """
    count = torch.tensor(float(values.numel()), device=values.device)
    if world_size() > 1:
        dist.all_reduce(count)
    return values.sum() * world_size() / count.clamp(min=1)
