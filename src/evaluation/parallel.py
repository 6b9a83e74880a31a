"""Sharing an evaluation among the processes of a distributed run: no padding is scored, nothing twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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


def share_of(count: int) -> range:
    """This process's consecutive share of so many things, which together are all of them."""
    rank, world = place()
    return range(count * rank // world, count * (rank + 1) // world)


def wait() -> None:
    """Until all processes of a distributed run are here."""
    if place()[1] > 1:
        dist.barrier()


def gather(columns: Sequence[NDArray[Any]]) -> list[list[NDArray[Any]]]:
    """For each array of this process, those of all processes in their order; they are of equal shape and type."""
    _, world = place()
    if world == 1:
        return [[column] for column in columns]
    gathered = []
    for column in columns:
        mine = torch.from_numpy(np.ascontiguousarray(column)).to(device())
        all_of_them = [torch.empty_like(mine) for _ in range(world)]
        dist.all_gather(all_of_them, mine)
        gathered.append([each.cpu().numpy() for each in all_of_them])
    return gathered
