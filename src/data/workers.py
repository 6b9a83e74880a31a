"""Processes that make batches beside the training: the run ends them, and no signal but SIGKILL does."""

from __future__ import annotations

import signal
from typing import Any

from torch.utils.data import DataLoader
from torch.utils.data.dataloader import _MultiProcessingDataLoaderIter

TO_ALL = {signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2}  # what terminals and clusters send to a job


class Loader(DataLoader):
    """A DataLoader whose workers go on after Ctrl-C and SIGTERM to every process: the run has a step to end."""

    def __iter__(self) -> Any:
        """Start the workers with those signals blocked: a handler of their own would come a moment too late."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, TO_ALL)
        try:
            return super().__iter__()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def end_workers(self) -> None:
        """Have persistent workers finish; the exit of Python would send a SIGTERM and wait for ever."""
        workers, self._iterator = self._iterator, None
        if isinstance(workers, _MultiProcessingDataLoaderIter):
            workers._shutdown_workers()
