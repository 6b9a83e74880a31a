"""Processes that make batches beside the training: they end when the run ends them, and by no signal but SIGKILL."""

from __future__ import annotations

import signal

from torch.utils.data import DataLoader
from torch.utils.data.dataloader import _MultiProcessingDataLoaderIter


def leave_signals(worker: int) -> None:
    """Ctrl-C and a cluster's SIGTERM reach every process: a worker goes on, for the run has a step to finish."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def end_workers(loader: DataLoader) -> None:
    """Have a loader's persistent workers finish; the exit of Python would send a SIGTERM and wait for ever."""
    workers, loader._iterator = loader._iterator, None
    if isinstance(workers, _MultiProcessingDataLoaderIter):
        workers._shutdown_workers()
