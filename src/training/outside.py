"""Ranks that torchrun or Slurm's srun has started: how many, which this is, and the one folder of them all."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from src.errors import InputError

TORCHRUN, SRUN = "torchrun", "srun"
STARTED = r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d"  # when a run started, as its folder is named
PATIENCE = timedelta(minutes=10)  # that ranks may start apart
HOW = {
    TORCHRUN: "torchrun --nproc-per-node=GPUS -m src.train trainer=torchrun ...; or, to start no ranks, trainer=gpu",
    SRUN: "srun python -m src.train trainer=slurm ..., with --ntasks-per-node=GPUS; or, to start no ranks, trainer=gpu",
}


@dataclass(frozen=True)
class Ranks:
    """What a process knows of the others before any process group exists."""

    by: str  # what started them
    rank: int
    size: int
    nodes: int


def outside(variables: Mapping[str, str] = os.environ) -> Ranks | None:
    """The ranks that something outside started, as Lightning tells them; None where this process is the only one."""
    if "TORCHELASTIC_RUN_ID" in variables:  # first: it may run inside a job of Slurm
        numbers = (int(variables[name]) for name in ("RANK", "WORLD_SIZE", "GROUP_WORLD_SIZE"))
        return Ranks(TORCHRUN, *numbers)
    if "SLURM_NTASKS" in variables and variables.get("SLURM_JOB_NAME") not in ("bash", "interactive"):
        size, nodes = int(variables["SLURM_NTASKS"]), int(variables.get("SLURM_NNODES", 1))
        return Ranks(SRUN, int(variables.get("SLURM_PROCID", 0)), size, nodes)
    return None


def check_started(started_by: str | None, nodes: int) -> None:
    """InputError if what the trainer counts on has not started this process, or has not started the others."""
    ranks = outside()
    if ranks is None and nodes > 1:
        raise InputError(
            f"nothing has started ranks on {nodes} nodes", where="trainer.num_nodes", fix=HOW[started_by or TORCHRUN]
        )
    if started_by is not None and started_by not in HOW:
        raise InputError(f"nothing is started by {started_by!r}", where="trainer.started_by", fix="torchrun or srun")
    if started_by is not None and (ranks is None or ranks.by != started_by):
        raise InputError(f"{started_by} has not started this process", where="trainer", fix=HOW[started_by])
    if ranks and ranks.by == SRUN and ranks.size > 1 and "SLURM_STEP_ID" not in os.environ:
        raise InputError(
            f"this job of Slurm has {ranks.size} tasks, and this process is not one that srun started",
            where="the batch script",
            fix=HOW[SRUN],
        )


def check_size(devices: object, nodes: int) -> None:
    """InputError if the trainer asks for other ranks than there are."""
    ranks = outside()
    if ranks and isinstance(devices, int) and devices > 0 and devices * nodes != ranks.size:
        raise InputError(
            f"{ranks.by} has started {ranks.size} process(es), and the trainer asks for {devices} on {nodes} node(s)",
            where="trainer.devices, trainer.num_nodes",
            fix=HOW[ranks.by],
        )


def names_folder() -> bool:
    """Whether this process decides where the run is: alone, or first of torchrun's ranks in their first start."""
    ranks = outside()
    if ranks is None or ranks.size == 1:
        return True
    return ranks.by == TORCHRUN and ranks.rank == 0 and os.environ.get("TORCHELASTIC_RESTART_COUNT", "0") == "0"


def shared_folder(folder: Path) -> Path:
    """Where all ranks write: each has named a folder after the second in which it started.

    Those of torchrun take rank zero's, also when torchrun starts them again after a failure. Those of srun name it
    after the job and its step, which a job that was put back into the queue keeps.
    """
    ranks = outside()
    if ranks is None or ranks.size == 1:
        return folder
    if ranks.by == SRUN:
        step = f"slurm-{os.environ['SLURM_JOB_ID']}.{os.environ.get('SLURM_STEP_ID', 0)}"
        return Path(re.sub(STARTED, step, str(folder)))
    return _first(folder.absolute(), ranks)


def _first(folder: Path, ranks: Ranks) -> Path:
    """What rank zero has said first, over the store that torchrun keeps for its ranks."""
    from torch.distributed import TCPStore

    host, port = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
    if os.environ.get("TORCHELASTIC_USE_AGENT_STORE") != "True":
        raise InputError(
            "this rendezvous keeps no store, by which ranks could agree on a folder",
            where="torchrun --rdzv-backend",
            fix="c10d, torchrun's default",
        )
    store, key = TCPStore(host, port, is_master=False, timeout=PATIENCE), f"{__name__}.folder"
    said = store.compare_set(key, "", str(folder)) if ranks.rank == 0 else store.get(key)
    return Path(said.decode())
