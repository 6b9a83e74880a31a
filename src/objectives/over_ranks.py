"""Means over the rows of all ranks, exact where ranks hold different numbers of rows."""

from __future__ import annotations

from collections.abc import Mapping

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


def mean_over_ranks(figures: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Scalars of equal names on every rank, without gradient: means over the ranks where they are numbers."""
    if world_size() == 1:
        return dict(figures)
    device = figures["loss"].device
    values = torch.stack([value.detach().to(device, torch.float64) for value in figures.values()])
    numbers = ~values.isnan()
    both = torch.stack([values.nan_to_num(nan=0.0), numbers.double()])
    dist.all_reduce(both)
    return dict(zip(figures, (both[0] / both[1]).float().unbind(), strict=True))
