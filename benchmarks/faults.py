"""Runs killed at random moments and resumed, against the same run undisturbed: python -m benchmarks.faults --kills 20.

Each start is the real command in a process of its own, with trainer.resume=auto and a checkpoint after every other
step. A fifth of the kills may come before the training, two fifths wait until a checkpoint is being written. SIGKILL
hits one process or, half the time, all of them at once; SIGTERM and Ctrl-C ask. In the end all that does not tell the
time must be equal bit by bit: weights, optimizer, losses, results, the plan and what was counted.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = (
    "batch_size=16",
    "dataset.languages=[de,en]",
    "benchmark.languages=[de,en]",
    "model.vocabulary=6000",
    "model.hidden_size=32",
    "callbacks.validation.every_n_steps=10",
    "callbacks.validation.max_queries=20",
    "callbacks.validation.max_batches=2",
    "callbacks.checkpoint.every_n_steps=2",
    "callbacks.checkpoint.keep=2",
    "augmentation=code_switching_cldr",
    "model.dropout=0.1",
    "terms=[modir]",
    "terms.modir.queue=100",
    "terms.modir.per_step=20",
    "logger=csv",
)
TWO_RANKS = ("trainer=ddp", "trainer.accelerator=cpu", "trainer.devices=2", "trainer.precision=32-true")
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
AGAIN = ("trainer.resume=auto",)


def main() -> None:
    """One undisturbed run, one that is killed again and again, and what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1, help="of the moments and signals")
    parser.add_argument("--ranks", type=int, choices=(1, 2), default=1)
    parser.add_argument("overrides", nargs="*", help="settings of the run, such as num_workers=2")
    options = parser.parse_args()
    more = [f"max_steps={40 * options.kills}", *options.overrides, *(TWO_RANKS if options.ranks == 2 else ())]
    with tempfile.TemporaryDirectory() as folder:
        told = disturb(Path(folder), options.kills, random.Random(options.seed), more)
        print(f"{options.kills} kills: {told}")
        different = differences(Path(folder, "whole"), Path(folder, "killed"))
    print("\n".join(different) or "equal bit by bit: " + ", ".join(COMPARED))
    sys.exit(bool(different))


def disturb(folder: Path, kills: int, moments: random.Random, more: Sequence[str]) -> dict[str, int]:
    """Run `whole` in peace and `killed` not; counts of how the kills came, and how many hit a file being written."""
    finish(folder, "whole", more)
    told: Counter[str] = Counter()
    while told.total() < kills:
        process = start(folder, "killed", more)
        number, everyone = moments.choice(SIGNALS), moments.random() < 0.5
        wait_for_moment(moments, process, folder)
        if process.poll() is not None:
            raise RuntimeError(f"ended before it was killed:\n{(folder / 'killed.log').read_text()[-3000:]}")
        (os.killpg if everyone else os.kill)(process.pid, number)
        ended(process, folder / "killed.log")
        told[f"{number.name}{' within a write' if writing(folder) else ''}"] += 1
        end_group(process.pid)
    finish(folder, "killed", more)
    return dict(told)


def wait_for_moment(moments: random.Random, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Some time after the start, or after the training has begun; or then the next write of a checkpoint."""
    kind = moments.choice(("start", "training", "training", "writing", "writing"))
    if kind == "start":
        time.sleep(moments.uniform(0, 8))
        return
    wait_for(folder / "killed.log", "training on", process)
    time.sleep(moments.uniform(0, 2))
    deadline = time.monotonic() + 10
    while kind == "writing" and not writing(folder) and time.monotonic() < deadline:
        pass


def writing(folder: Path) -> bool:
    """Whether a checkpoint has been begun and not ended."""
    checkpoints = folder / "killed" / "checkpoints"
    return checkpoints.is_dir() and any(name.endswith(".partial") for name in os.listdir(checkpoints))


def start(folder: Path, name: str, more: Sequence[str]) -> subprocess.Popen[bytes]:
    """The command in a process group of its own; what it says goes into a log."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has its background jobs ignore it
    where = [f"hydra.run.dir={folder / name}", f"cache_dir={folder / name}_cache", *AGAIN]
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "src.train", *SETTINGS, *more, *where],
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "80"},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def ended(process: subprocess.Popen[bytes], log: Path) -> int:
    """Its status."""
    try:
        return process.wait(timeout=600)
    except subprocess.TimeoutExpired as error:
        end_group(process.pid)
        raise RuntimeError(f"goes on for ever:\n{log.read_text()[-3000:]}") from error


def finish(folder: Path, name: str, more: Sequence[str]) -> None:
    """Run to the end."""
    log = folder / f"{name}.log"
    if ended(start(folder, name, more), log):
        raise RuntimeError(log.read_text()[-3000:])


def wait_for(log: Path, words: str, process: subprocess.Popen[bytes]) -> None:
    """Until a log says so, or the process is over."""
    while words not in log.read_text() and process.poll() is None:
        time.sleep(0.05)


def end_group(group: int) -> None:
    """What a kill left of a run, such as its second rank, would write nothing, but take time from the next."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


COMPARED = ("weights", "checkpoints", "results", "curves", "plan", "counts")


def differences(whole: Path, killed: Path) -> list[str]:
    """Of `COMPARED`, what is not the same in two runs' folders."""
    return [name for name, left, right in zip(COMPARED, _all(whole), _all(killed), strict=True) if left != right]


def _all(run: Path) -> list[Any]:
    record = json.loads((run / "record.json").read_text())
    files = sorted((run / "checkpoints").glob("*.ckpt"))
    return [
        (run / "encoder" / "model.safetensors").read_bytes(),
        {path.name: _state(path) for path in files},
        [(run / name).read_bytes() for name in ("metrics.json", "per_query.parquet")],
        _curves(run / "csv" / "metrics.csv"),
        record["plan"],
        (record["training"], record["checkpoint"]["score"]),
    ]


def _state(path: Path) -> str:
    """Everything in a checkpoint but the seconds, the settings and Lightning's counters, which start anew."""
    held = torch.load(path, weights_only=True)
    held.get("callbacks", {}).pop("Stopwatch", None)
    return repr(_plain({key: value for key, value in held.items() if key not in ("run", "loops")}))


def _plain(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.tolist()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _curves(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return [{name: row[name] for name in sorted(row) if name != "train/seconds"} for row in csv.DictReader(file)]


if __name__ == "__main__":
    main()
