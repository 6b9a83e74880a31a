"""Processes that torchrun or Slurm's srun has started, brought together to score a benchmark."""

from __future__ import annotations

import os
from datetime import timedelta

import torch
import torch.distributed as dist

from src.errors import InputError
from src.training.outside import TORCHRUN, outside

PATIENCE = timedelta(days=1)  # one process may encode, or be alone with a search, for hours; a dead one is noticed


def join(device: str) -> None:
    """Be one of them, on a GPU of its own where `device` says so; `training.launch.job_ranks` parts them again."""
    from lightning_fabric.plugins.environments import SLURMEnvironment, TorchElasticEnvironment

    ranks = outside()
    if ranks is None or ranks.size == 1 or (ranks.by != TORCHRUN and "SLURM_STEP_ID" not in os.environ):
        return
    environment = TorchElasticEnvironment() if ranks.by == TORCHRUN else SLURMEnvironment()
    on_gpu = device.startswith("cuda") or (device == "auto" and torch.cuda.is_available())
    if on_gpu:
        torch.cuda.set_device(own_gpu(device, environment.local_rank(), torch.cuda.device_count()))
    os.environ |= {"MASTER_ADDR": environment.main_address, "MASTER_PORT": str(environment.main_port)}
    dist.init_process_group("nccl" if on_gpu else "gloo", rank=ranks.rank, world_size=ranks.size, timeout=PATIENCE)


def own_gpu(device: str, local_rank: int, count: int) -> int:
    """The number of a process's GPU among those that it sees: each has its own, or sees no other."""
    if ":" in device:
        raise InputError(
            f"{device} is one GPU, and each process needs its own", where="device", fix="device=auto, or cuda"
        )
    if 1 < count <= local_rank:
        raise InputError(
            f"this machine has {count} GPUs, and runs more processes", where="device", fix=f"start {count} on it"
        )
    return local_rank if count > 1 else 0
