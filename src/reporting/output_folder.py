"""Hydra makes a run's folder before anything of ours runs, in each rank, and fails with a traceback where it cannot."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, read_write

from src.errors import BAD_INPUT, InputError
from src.reporting.folder import check_writable
from src.training.launch import is_rank_zero, rank_name
from src.training.outside import names_folder, outside, shared_folder


class CheckOutputFolder(Callback):
    """Gives all ranks one folder, which one of them writes to, and says in plain words that it cannot be written."""

    def on_run_start(self, config: DictConfig, **_: Any) -> None:
        """Settle on a run's folder, and check it."""
        HydraConfig.instance().set_config(config)  # as Hydra does next: the folder may be named after its choices
        with _told_plainly():
            folder = Path(config.hydra.run.dir)
            if not _is_named(config) and names_folder():
                folder = claimed(folder)
            folder = shared_folder(folder)
            with read_write(config.hydra):
                config.hydra.run.dir = str(folder)
                if not is_rank_zero():
                    config.hydra.output_subdir = None
            check_writable(folder)

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Check a sweep's folder."""
        with _told_plainly():
            _check_alone()
            check_writable(Path(config.hydra.sweep.dir))

    def on_job_start(self, config: DictConfig, **_: Any) -> None:
        """Leave the log to the first rank; the others tell of nothing but errors, on the console."""
        if not is_rank_zero():
            for handler in logging.getLogger().handlers[:]:
                if isinstance(handler, logging.FileHandler):
                    logging.getLogger().removeHandler(handler)
                handler.setLevel(logging.ERROR)
                handler.setFormatter(logging.Formatter(f"{rank_name()}: %(message)s"))


def claimed(folder: Path) -> Path:
    """The folder, made by this process alone; beside it with a number where another run of the same second has it."""
    free, number = folder, 1
    while not _made(free):
        number += 1
        free = folder.with_name(f"{folder.name}-{number}")
    return free


def _made(folder: Path) -> bool:
    """Whether it was not there; what else is wrong with it, the check of what can be written says."""
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        return not isinstance(error, FileExistsError)
    return True


def _is_named(config: DictConfig) -> bool:
    """Whether a person, or the process that started this rank, has said which folder it is to be."""
    return any(word.lstrip("+").startswith("hydra.run.dir=") for word in config.hydra.overrides.hydra)


def _check_alone() -> None:
    ranks = outside()
    if ranks and ranks.size > 1:
        raise InputError(
            f"{ranks.by} has started {ranks.size} processes, and each would run the whole sweep",
            where="-m",
            fix=f"one {ranks.by} for each job; or without it: trainer=ddp, or hydra/launcher=slurm",
        )


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except InputError as error:
        if is_rank_zero():
            logging.getLogger(__name__).error("error: %s", error)
        sys.exit(BAD_INPUT)  # an exception would only become a warning of Hydra's
