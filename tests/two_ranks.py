"""Work done in two real processes, joined by gloo."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

WORLD = 2


def on_two_ranks(work: Callable[[int, Path], Any], folder: Path) -> list[Any]:
    """What a function of a module, given its rank and the folder, returns in each."""
    mp.spawn(_on_rank, (work, folder), nprocs=WORLD)
    return [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in range(WORLD)]


def _on_rank(rank: int, work: Callable[[int, Path], Any], folder: Path) -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=WORLD)
    torch.save(work(rank, folder), folder / f"{rank}.pt")
    dist.destroy_process_group()
