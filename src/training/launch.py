"""Starting further ranks from inside a Hydra job, and leaving nothing behind for the next job of a sweep."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import cast

RANK_VARIABLES = ("LOCAL_RANK", "NODE_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


def is_rank_zero() -> bool:
    """Whether this process is the one that writes; known before any process group exists."""
    # torchrun's alone where there is one: it numbers its ranks as it likes, inside tasks of Slurm, too
    names = ("RANK",) if "RANK" in os.environ else ("LOCAL_RANK", "SLURM_PROCID")
    return all(int(os.environ.get(name, 0)) == 0 for name in names)


def rank_name() -> str:
    """What to call this process among the others."""
    numbers = [os.environ[name] for name in ("RANK", "SLURM_PROCID", "LOCAL_RANK") if name in os.environ]
    return f"rank {numbers[0] if numbers else 0}"


@contextmanager
def job_ranks(module: str) -> Iterator[None]:
    """Makes Lightning's child ranks run this very job of `module` in this very folder, and ends them afterwards.

    Lightning starts a rank with this process's program and arguments. In a sweep those are the whole sweep's: the child
    would run all of it again, elsewhere; in a process of a launcher, such as submitit's, they are the launcher's own.
    And the rank's environment would make the next job believe that it is a child itself.
    """
    started_here = "LOCAL_RANK" not in os.environ
    main, argv = sys.modules["__main__"], sys.argv[:]
    program, main.__spec__ = main.__spec__, find_spec(module)
    _name_this_job()
    failed = False
    try:
        yield
    except BaseException as error:
        failed = not _ends_all_ranks(error)
        raise
    finally:
        _end_ranks(failed=failed)
        sys.argv[:], main.__spec__ = argv, program
        if started_here:
            for name in RANK_VARIABLES:
                os.environ.pop(name, None)


def _name_this_job() -> None:
    from hydra.core.hydra_config import HydraConfig
    from omegaconf import DictConfig, read_write

    if not HydraConfig.initialized():
        return
    hydra = HydraConfig.get()
    sys.argv[1:] = [*_flags(sys.argv[1:]), *hydra.overrides.task]
    node = cast(DictConfig, hydra)  # the singleton's own, typed as what it holds
    with read_write(node):
        node.run.dir = hydra.runtime.output_dir


def _flags(arguments: list[str]) -> list[str]:
    """Hydra's flags that choose a configuration; the one that starts a sweep stays out."""
    kept, rest = [], iter(arguments)
    for argument in rest:
        if argument in ("--config-name", "-cn", "--config-dir", "-cd", "--config-path", "-cp"):
            kept += [argument, next(rest)]
        elif argument.startswith(("--config-name=", "--config-dir=", "--config-path=")):
            kept.append(argument)
    return kept


def _ends_all_ranks(error: BaseException) -> bool:
    from src.training.last_checkpoint import Interrupted

    return isinstance(error, Interrupted)


def _end_ranks(*, failed: bool) -> None:
    import torch.distributed as dist

    from src.training.ranks import end_children

    end_children(failed=failed)
    if dist.is_available() and dist.is_initialized():
        dist.destroy_process_group()
