"""Signals that end a run: at once before and after the training, after a whole step within it."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from src.training.launch import is_rank_zero

log = logging.getLogger(__name__)

ENDING = (signal.SIGINT, signal.SIGTERM)
NOT_TAKEN = (signal.SIG_DFL, signal.default_int_handler)  # what a signal does where no launcher has plans for it

Handler = Callable[[int, FrameType | None], Any]


class Stopped(BaseException):
    """A signal ended the run where it was."""


@contextmanager
def stopping() -> Iterator[None]:
    """Ctrl-C and SIGTERM raise Stopped, so that a run's record and loggers are closed; the first of them counts."""
    taken: dict[int, Any] = {number: signal.signal(number, _stop) for number in ENDING if is_free(number)}
    if _is_slurm_job() and is_free(signal.SIGUSR1):
        taken[signal.SIGUSR1] = signal.signal(signal.SIGUSR1, _give_way)
    try:
        yield
    finally:
        for number, handler in taken.items():
            signal.signal(number, handler)


def is_free(number: int) -> bool:
    """Whether this process may take a signal: Python lets the main thread alone, and a launcher may have taken it."""
    return threading.current_thread() is threading.main_thread() and signal.getsignal(number) in (*NOT_TAKEN, _stop)


def preemption() -> dict[int, Handler]:
    """Signals by which a cluster says that it will take the machine away, and what to do once the run is saved.

    SIGUSR1 under Slurm (sbatch --signal=USR1@120) puts the job back into the queue. Where a launcher listens itself, as
    submitit does on SIGUSR2, it is told afterwards.
    """
    if threading.current_thread() is not threading.main_thread():
        return {}
    handlers = {number: signal.getsignal(number) for number in (signal.SIGUSR1, signal.SIGUSR2)}
    plans: dict[int, Handler] = {
        number: own for number, own in handlers.items() if callable(own) and own is not _give_way
    }
    if _is_slurm_job():
        plans.setdefault(signal.SIGUSR1, lambda number, frame: requeue())
    return plans


def requeue() -> None:
    """Put this Slurm job back into the queue; one process of the job does."""
    if not is_rank_zero():
        return
    job = os.environ["SLURM_JOB_ID"]
    if "SLURM_ARRAY_JOB_ID" in os.environ:
        job = f"{os.environ['SLURM_ARRAY_JOB_ID']}_{os.environ['SLURM_ARRAY_TASK_ID']}"
    try:
        subprocess.run(["scontrol", "requeue", job], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        log.error("Slurm does not requeue job %s: %s", job, error)
    else:
        log.warning("job %s is back in Slurm's queue", job)


def was_requeued() -> bool:
    """Whether Slurm has started this job before, or torchrun these ranks."""
    return any(int(os.environ.get(name, 0)) > 0 for name in ("SLURM_RESTART_COUNT", "TORCHELASTIC_RESTART_COUNT"))


def _is_slurm_job() -> bool:
    return "SLURM_JOB_ID" in os.environ


def _give_way(number: int, frame: FrameType | None) -> None:
    requeue()
    _stop(number, frame)


def _stop(number: int, frame: FrameType | None) -> None:
    if signal.getsignal(signal.SIGTERM) is _stop:  # some schedulers send a second, which would cut the closing short
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if signal.getsignal(signal.SIGINT) is _stop:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a person who insists
    raise Stopped(f"ended by {signal.Signals(number).name}")
