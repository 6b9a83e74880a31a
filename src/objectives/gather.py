"""Gathering across ranks: embeddings with their gradient, ids without."""

from __future__ import annotations

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import Tensor


def world_size() -> int:
    """Number of ranks that train together; 1 outside a process group."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """This process's rank; 0 outside a process group."""
    return dist.get_rank() if dist.is_available() and dist.is_initialized() else 0


def gather_embeddings(local: Tensor, sizes: list[int]) -> Tensor:
    """All ranks' rows [sum(sizes), d] in rank order, with gradient back to the rank that owns each row.

    Every rank's loss then reaches every row it used. Summed by the gather's backward and averaged by DDP, this is
    the one-process gradient of the global batch exactly, with no rescaling (tests/distributed/test_gradients.py).
    """
    if world_size() == 1:
        return local
    return _unpad(_GatherWithGradient.apply(_pad(local, max(sizes))), sizes)


def gather_ids(local: Tensor, sizes: list[int]) -> Tensor:
    """All ranks' integers [sum(sizes), ...] in rank order, without gradient."""
    if world_size() == 1:
        return local
    padded = _pad(local, max(sizes)).contiguous()
    parts = [torch.empty_like(padded) for _ in range(world_size())]
    dist.all_gather(parts, padded)
    return _unpad(parts, sizes)


def gather_sizes(local: Tensor) -> list[int]:
    """Every rank's number of rows; ranks may hold different numbers of explicit negatives."""
    if world_size() == 1:
        return [len(local)]
    own = torch.tensor([len(local)], device=local.device)
    parts = [torch.empty_like(own) for _ in range(world_size())]
    dist.all_gather(parts, own)
    return torch.cat(parts).tolist()


class _GatherWithGradient(torch.autograd.Function):
    """all_gather whose backward sums, over ranks, the gradients of each rank's rows."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, local: Tensor) -> tuple[Tensor, ...]:
        parts = [torch.empty_like(local) for _ in range(world_size())]
        dist.all_gather(parts, local.contiguous())
        return tuple(parts)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *gradients: Tensor) -> Tensor:
        # one all_reduce, since gloo has no reduce_scatter; a rank reads only its own slice of the sum
        summed = torch.stack(gradients)
        dist.all_reduce(summed)
        return summed[rank()]


def _pad(local: Tensor, rows: int) -> Tensor:
    missing = rows - len(local)
    return local if missing == 0 else torch.cat([local, local.new_zeros(missing, *local.shape[1:])])


def _unpad(parts: list[Tensor] | tuple[Tensor, ...], sizes: list[int]) -> Tensor:
    return torch.cat([part[:size] for part, size in zip(parts, sizes, strict=True)])


def sum_over_ranks(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Host counts added up over all ranks; a collective."""
    if world_size() == 1:
        return counts
    device = torch.device("cuda", torch.cuda.current_device()) if dist.get_backend() == "nccl" else "cpu"
    total = torch.from_numpy(counts.copy()).to(device)
    dist.all_reduce(total)
    return total.cpu().numpy()
