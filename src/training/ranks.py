"""The ranks that Lightning starts for a job: they end with it, and one that fails takes no other job along."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
import time

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Callback

from src.training.outside import outside

log = logging.getLogger(__name__)

PATIENCE = 60  # seconds that the other ranks have to end after this one
GRACE = 30  # seconds that this rank has to notice that another failed; inside a collective of NCCL it never does

_children: list[subprocess.Popen[bytes]] = []


class ChildRanks(Callback):
    """Takes the other ranks over from Lightning.

    Its own observer kills this process up to five seconds after a rank has failed. That may be in the next job of a
    sweep, and is the end of the whole sweep in any case.
    """

    def setup(self, trainer: pl.Trainer, module: pl.LightningModule, stage: str) -> None:
        """The ranks have just been started."""
        if trainer.world_size > 1:
            log.info("%s", _told(trainer))
        started: list[subprocess.Popen[bytes]] = getattr(trainer.strategy.launcher, "procs", [])
        if started:
            _children.extend(started)
            threading.Thread(target=_watch, args=(started[:],), daemon=True).start()
            started.clear()  # the observer has nothing left to observe, and ends


def _told(trainer: pl.Trainer) -> str:
    """How many ranks, where, and who has started them."""
    ranks = outside()
    nodes = "1 node" if trainer.num_nodes == 1 else f"{trainer.num_nodes} nodes"
    kind, strategy = trainer.strategy.root_device.type, type(trainer.strategy).__name__.removesuffix("Strategy")
    by = ranks.by if ranks else "this process"
    return f"{trainer.world_size} ranks on {nodes}, started by {by}: {trainer.num_devices} x {kind} a node, {strategy}"


def end_children(*, failed: bool) -> None:
    """Wait for the ranks that this job started, or kill them if it failed: they may wait for this one for ever."""
    deadline = time.monotonic() + (0 if failed else PATIENCE)
    for process in _children:
        try:
            process.wait(timeout=max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            if not failed:
                log.warning("a rank goes on %d seconds after the job's end, and is killed: %d", PATIENCE, process.pid)
            process.kill()
            process.wait()
    _children.clear()


def _watch(ranks: list[subprocess.Popen[bytes]]) -> None:
    """End this process where it waits for a rank that is no more."""
    while ranks[0] in _children:
        time.sleep(1)
        if any(process.poll() for process in ranks):
            time.sleep(GRACE)
            break
    if ranks[0] in _children and any(process.poll() for process in ranks):
        log.error("a rank has failed, and this one waits for it: both are ended; its own lines above say why it failed")
        for process in ranks:
            process.kill()
        os.kill(os.getpid(), signal.SIGKILL)
