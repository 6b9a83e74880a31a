"""Sharing an evaluation among the processes of a distributed run: no padding is scored, nothing twice."""

from __future__ import annotations

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray


def place() -> tuple[int, int]:
    """This process's number and how many there are: (0, 1) outside of a distributed run."""
    if dist.is_available() and dist.is_initialized():
        return dist.get_rank(), dist.get_world_size()
    return 0, 1


def device() -> torch.device:
    """Where tensors must lie to be gathered."""
    return torch.device("cuda", torch.cuda.current_device()) if dist.get_backend() == "nccl" else torch.device("cpu")


def gather_strided(rows: NDArray[np.float32], total: int) -> NDArray[np.float32]:
    """All rows [total, d], of which this process has number `rank` and every `world`-th after it."""
    _, world = place()
    if world == 1:
        return rows
    share = -(-total // world)
    padded = torch.zeros(share, rows.shape[1], device=device())
    padded[: len(rows)] = torch.from_numpy(rows)
    shares = [torch.empty_like(padded) for _ in range(world)]
    dist.all_gather(shares, padded)
    # Row i of process r is row i * world + r of the whole: the padding is what lies beyond the total.
    return torch.stack(shares, dim=1).reshape(share * world, -1)[:total].cpu().numpy()
