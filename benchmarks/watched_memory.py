"""A process's own memory at its peak, watched from a small process beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread


@contextmanager
def watched(peaks: list[float]) -> Iterator[None]:
    """Add the peak of this process's own memory above what it is now, in MB, to the list."""
    command = [sys.executable, "-m", "benchmarks.watched_memory", str(os.getpid())]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as watcher:
        assert watcher.stdin is not None
        assert watcher.stdout is not None
        watcher.stdout.readline()  # it watches
        before = own_memory(os.getpid())
        yield
        watcher.stdin.close()
        peaks.append(max(0.0, float(watcher.stdout.read()) - before))


def own_memory(process: int | str) -> float:
    """MB that are the process's own: not the pages of mapped files."""
    status = Path(f"/proc/{process}/status").read_text()
    return next(float(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("RssAnon"))


def _watch(process: str) -> None:
    """Say so, then look until the other side closes, then tell the peak."""
    closed = Event()

    def wait() -> None:
        sys.stdin.read()
        closed.set()

    Thread(target=wait, daemon=True).start()
    print("watching", flush=True)
    peak = 0.0
    while not closed.is_set():
        peak = max(peak, own_memory(process))
        time.sleep(0.01)
    print(peak)


if __name__ == "__main__":
    _watch(sys.argv[1])
