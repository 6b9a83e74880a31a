"""How soon training starts on 40 million pairs in 9 languages, and in what memory: python -m benchmarks.train_40m.

The dataset is made first (see benchmarks/large_data.py; 6 GB in the folder for temporary files, kept). Then
`python -m src.train` runs on it as a person would start it, texts being tokenised when a batch asks, with 0 and with 2
workers: seconds until the first step is logged, and the greatest memory of each of its processes until 100 steps are.
`private` is what no file backs, with what is shared between processes dealt out among them (Pss_Anon); `resident`
counts everything, pages of the data's files too, which the system takes back when it needs them (Rss). Workers are
processes of their own, started both as forks and, as on systems without forks, anew with the dataset sent to them.
Goals: a minute, 4 GB resident in each process.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.large_data import read
from benchmarks.timing import machine, table

STEPS = 100
OPTIONS = (
    f"hydra.searchpath=[file://{Path(__file__).parent / 'conf'}]",
    *("dataset=large", "pretokenize=false", "negatives=1", "logger=csv", "trainer.log_every_n_steps=1"),
    "max_steps=100000",
)


def main() -> None:
    """Make the data, train with each kind of workers, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "evenhand-large", help="of the data"
    )
    parser.add_argument("--pairs", type=int, default=40_000_000)
    parser.add_argument("--start-method", help=argparse.SUPPRESS)
    parser.add_argument("overrides", nargs="*", help="more of src.train's, such as sampler=rowwise")
    options = parser.parse_args()
    if options.start_method:
        return train(options.start_method, options.overrides)
    start = time.perf_counter()
    read(options.folder, name="large", folder=str(options.folder), pairs=options.pairs)
    print(
        machine("torch", "pytorch-lightning", "pyarrow"),
        f"data ready after {time.perf_counter() - start:.0f} s",
        sep="\n",
    )
    given = [f"dataset.folder={options.folder}", f"dataset.pairs={options.pairs}", *options.overrides]
    rows = []
    for workers, method in ((0, "fork"), (2, "fork"), (2, "spawn")):
        rows += measure(workers, method, given)
    print(table(["workers", "process", "first step s", "its CPU s", "private MB", "resident MB"], rows))
    return None


def train(method: str, arguments: list[str]) -> None:
    """What `python -m src.train` does, workers being started by `method`."""
    import multiprocessing
    import runpy

    multiprocessing.set_start_method(method)
    sys.argv[1:] = arguments
    runpy.run_module("src.train", run_name="__main__", alter_sys=True)


def measure(workers: int, method: str, overrides: list[str]) -> list[list[str]]:
    """A row for each process of one run."""
    name = f"{workers} {method}" if workers else "0"
    with tempfile.TemporaryDirectory() as folder:
        own = [f"num_workers={workers}", f"hydra.run.dir={folder}/run", f"cache_dir={folder}/cache"]
        command = [sys.executable, "-m", "benchmarks.train_40m", "--start-method", method, *OPTIONS, *own, *overrides]
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        first, cpu, peaks = watch(process, Path(folder, "run/csv/metrics.csv"), start)
        process.send_signal(signal.SIGTERM)  # saves and ends
        process.communicate(timeout=120)
    kinds = ["rank", *(f"worker {number}" for number in range(1, len(peaks)))]
    figures = [f"{first:.0f}", f"{cpu:.0f}"], *[["", ""]] * (len(peaks) - 1)
    return [
        [name if kind == "rank" else "", kind, *figure, *(f"{value:,.0f}" for value in peak)]
        for kind, figure, peak in zip(kinds, figures, peaks, strict=True)
    ]


def watch(process: subprocess.Popen, curves: Path, start: float) -> tuple[float, float, list[tuple[float, float]]]:
    """Wall and processor seconds to the first step, and each process's peak (private, resident) MB until `STEPS`."""
    first = cpu = 0.0
    peaks: dict[int, tuple[float, float]] = {}
    while (done := steps(curves)) < STEPS:
        if process.poll() is not None:
            raise SystemExit(f"the training ended early:\n{process.stdout.read() if process.stdout else ''}")
        if done and not first:
            first, cpu = time.perf_counter() - start, processor_seconds(process.pid)
        for pid in (process.pid, *workers_of(process.pid)):
            if found := memory(pid):
                peaks[pid] = tuple(map(max, found, peaks.get(pid, (0.0, 0.0))))  # type: ignore[assignment]
        time.sleep(0.2)
    trained = [pid for pid in peaks if pid == process.pid or pid in workers_of(process.pid)]
    return first, cpu, [peaks[pid] for pid in trained]


def steps(curves: Path) -> int:
    """How many steps are logged."""
    if not curves.is_file():
        return 0
    with curves.open(newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


def workers_of(pid: int) -> list[int]:
    """Processes that load data: children, without the one that only tracks resources."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found if "resource_tracker" not in Path(f"/proc/{child}/cmdline").read_text()]


def memory(pid: int) -> tuple[float, float] | None:
    """Private and resident MB at present."""
    try:
        about = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    size = {key: int(value) / 1024 for key, value in re.findall(r"^(Pss_Anon|Rss): +(\d+) kB", about, re.M)}
    return (size["Pss_Anon"], size["Rss"]) if len(size) == 2 else None


def processor_seconds(pid: int) -> float:
    """User and system time of a process and its ended children."""
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
