"""Clocks, medians with their range, and Markdown tables, which all measurements share."""

from __future__ import annotations

import logging
import os
import platform
import statistics
import time
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

BF16_FLAGS = ("amx_bf16", "avx512_bf16", "bf16")


class Seconds(NamedTuple):
    """Time that something took: CPU seconds are the process's own, whatever else the machine does."""

    cpu: float
    wall: float


def now() -> Seconds:
    """The clocks' present reading."""
    return Seconds(time.process_time(), time.perf_counter())


def since(start: Seconds) -> Seconds:
    """What has passed since a reading."""
    return Seconds(*(after - before for after, before in zip(now(), start, strict=True)))


class Marks:
    """Readings at the start of every training step."""

    def __init__(self) -> None:
        self._readings: list[Seconds] = []

    def add(self, *_: object) -> None:
        """Take a reading; whatever a hook passes is ignored."""
        self._readings.append(now())

    def steps(self, warm_up: int) -> list[Seconds]:
        """From each reading after the warm-up to the next: whole steps, with the loading of a batch."""
        readings = pairwise(self._readings[warm_up:])
        return [Seconds(after.cpu - before.cpu, after.wall - before.wall) for before, after in readings]


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Median (least to greatest)."""
    low, middle, high = (f"{value:,.{digits}f}" for value in (min(values), statistics.median(values), max(values)))
    return f"{middle} ({low} to {high})"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; the first column is text, the others are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def keep_quiet() -> None:
    """Hold back the libraries' bars, tips and warnings, so that what is printed can be pasted."""
    import datasets
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    datasets.disable_progress_bars()
    for name in ("pytorch_lightning", "sentence_transformers", "src"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore")


def machine(*packages: str) -> str:
    """What this was measured on, in one line."""
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    named = f"{platform.machine()} ({processor()})"
    return f"{named}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}"


def processor(info: Path = Path("/proc/cpuinfo")) -> str:
    """What the system calls the CPU."""
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def bf16_units(info: Path = Path("/proc/cpuinfo")) -> str:
    """Whether the CPU computes in bfloat16, by the flags that Linux lists."""
    lines = info.read_text().splitlines() if info.is_file() else []
    flags = {flag for line in lines if line.startswith(("flags", "Features")) for flag in line.split()}
    found = sorted(flags & set(BF16_FLAGS))
    return f"bfloat16 units: {', '.join(found)}" if found else f"no bfloat16 units (none of {', '.join(BF16_FLAGS)})"
