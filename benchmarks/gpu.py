"""LaBSE-size training on one GPU, beside sentence-transformers on the same card: python -m benchmarks.gpu.

A BERT of LaBSE's size with random weights, in bfloat16, pairs as long as XQuAD-R's (benchmarks/drawn_texts.py; nothing
is downloaded). Both arms see the same rows in the same order. Timed from the start of the second step to that of the
last; reading each step's loss waits for the card, in both. Then this project's arm runs under torch's profiler, which
says where the time goes. Model FLOPs utilisation counts what the real tokens need, padding left out: for a text of n
tokens 3 (forward, and twice that backward) x layers x (24 hidden^2 n + 4 hidden n^2), over seconds x peak.
A trial without a card: --device cpu --layers 1 --hidden 32 --vocabulary 1000 --batch 8 --steps 3 --peak 0.1
"""

from __future__ import annotations

import argparse
import contextlib
import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

from benchmarks.drawn_texts import write_checkpoint
from benchmarks.timing import keep_quiet, machine, spread, table
from benchmarks.training_arms import HALF, OURS_HALF, Task, Texts, Watch, compose_config, planned_texts
from src.training.assembly import assemble

THEIRS = "sentence-transformers, bf16"
GOALS = "goals: 1.5 times sentence-transformers, 45 % MFU"
PEAKS = {  # dense bf16 TFLOP/s by what torch calls the device; of makers' data sheets
    "B200": 2250,
    "H200": 989,
    "H100 PCIe": 756,
    "H100": 989,
    "A100": 312,
    "L40S": 362,
    "L4": 121,
    "A10": 125,
    "RTX 4090": 165,
    "RTX 3090": 71,
}
GROUPS = {  # of operations, by a part of their names; the first that fits
    "optimizer and clipping": ("adam", "foreach", "_norm"),
    "embeddings": ("embedding", "index_put", "index_select"),
    "attention": ("scaled_dot_product", "flash", "efficient_attention"),
    "matrix products": ("aten::mm", "addmm", "bmm", "linear"),
    "layer norm": ("layer_norm",),
    "dropout": ("dropout",),
    "copies and casts": ("copy_", "_to_copy", "memcpy", "cat"),
}


def main() -> None:
    """Measure, print."""
    options = _options()
    keep_quiet()
    device = torch.device(options.device)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    peak = 1e12 * (options.peak or peak_of(name))
    print(machine("torch", "pytorch-lightning", "transformers", "sentence-transformers"), name, sep=", ")
    with tempfile.TemporaryDirectory() as folder:
        task = task_of(options, Path(folder))
        texts: list[Texts] = list(planned_texts(assemble(compose_config(task)), task.steps))
        rounds = [{arm: measure(arm, task, texts) for arm in (OURS_HALF, THEIRS)} for _ in range(options.repetitions)]
        report(rounds, work(texts, options), options, peak)
        where_time_goes(task, texts)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--hidden", type=int, default=768)
    parser.add_argument("--vocabulary", type=int, default=501_153)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--steps", type=int, default=20, help="in each repetition; the first is not timed")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--peak", type=float, help="dense bf16 TFLOP/s of the device, where it is not known here")
    parser.add_argument("overrides", nargs="*", help="of this project's run, such as model.compile=true")
    return parser.parse_args()


def peak_of(name: str) -> float:
    """TFLOP/s of a card."""
    known = [peak for part, peak in PEAKS.items() if part in name]
    if not known:
        raise SystemExit(f"the peak of {name} is not known here: give it as --peak TFLOPS")
    return known[0]


def task_of(options: argparse.Namespace, folder: Path) -> Task:
    """The run of both arms."""
    on_cpu = torch.device(options.device).type == "cpu"
    pairs = options.batch * options.steps
    own = ("dataset=squad", "dataset._target_=benchmarks.drawn_texts.read", f"dataset.folder={folder}")
    sizes = (f"+dataset.vocabulary={options.vocabulary}", f"+dataset.pairs={pairs}")
    return Task(
        checkpoint=write_checkpoint(folder / "bert", options.layers, options.hidden, options.vocabulary),
        folder=folder,
        batch_size=options.batch,
        steps=options.steps,
        seed=1,
        threads=torch.get_num_threads(),
        overrides=(f"trainer={'cpu' if on_cpu else 'gpu'}", *options.overrides),
        data=(*own, *sizes),
        use_cpu=on_cpu,
    )


@dataclass(frozen=True)
class Measured:
    """One arm in one repetition."""

    seconds: float  # a step
    padding: float  # share of the computed tokens
    memory: float  # greatest GB on the card


def measure(arm: str, task: Task, texts: Sequence[Texts]) -> Measured:
    """One run of one arm."""
    if not task.use_cpu:
        torch.cuda.reset_peak_memory_stats()
    torch.manual_seed(task.seed)
    with contextlib.redirect_stdout(io.StringIO()):  # what trainers tell
        watch: Watch = HALF[arm](task, texts)
    memory = 0.0 if task.use_cpu else torch.cuda.max_memory_allocated() / 1e9
    real = int(sum(map(sum, lengths(texts))))
    return Measured(float(np.mean([step.wall for step in watch.marks.steps(1)])), 1 - real / watch.tokens, memory)


def lengths(texts: Sequence[Texts]) -> list[list[int]]:
    """Tokens of every text of each step: its words and two special ones."""
    return [[len(text.split()) + 2 for text in chain(*step)] for step in texts]


def work(texts: Sequence[Texts], options: argparse.Namespace) -> tuple[float, float]:
    """Mean real tokens and FLOPs of a step."""
    each = [np.array(step, dtype=np.float64) for step in lengths(texts)]
    flops = [3 * options.layers * (24 * options.hidden**2 * step + 4 * options.hidden * step**2).sum() for step in each]
    return float(np.mean([step.sum() for step in each])), float(np.mean(flops))


def report(
    rounds: Sequence[dict[str, Measured]], cost: tuple[float, float], options: argparse.Namespace, peak: float
) -> None:
    """Print the table."""
    tokens, flops = cost
    rows = []
    for arm in (OURS_HALF, THEIRS):
        seconds = [each[arm].seconds for each in rounds]
        rates = [spread([amount / s for s in seconds], 0) for amount in (tokens, options.batch)]
        ratios = spread([each[THEIRS].seconds / each[arm].seconds for each in rounds])
        used = spread([100 * flops / s / peak for s in seconds], 1)
        padding = f"{rounds[0][arm].padding:.0%}"
        rows.append([arm, *rates, used, padding, f"{max(each[arm].memory for each in rounds):.1f}", ratios])
    head = ["", "real tokens / s", "pairs / s", "MFU, %", "padding", "peak GB", "times s.-t."]
    print(f"{options.batch} pairs a step, {tokens:,.0f} real tokens; median (least to greatest) of {len(rounds)}\n")
    print(f"{table(head, rows)}\n\n{GOALS}; peak {peak / 1e12:,.1f} TFLOP/s", flush=True)


def where_time_goes(task: Task, texts: Sequence[Texts]) -> None:
    """Profile this project's arm, and name what takes most."""
    kinds = [ProfilerActivity.CPU] if task.use_cpu else [ProfilerActivity.CPU, ProfilerActivity.CUDA]
    with profile(activities=kinds) as profiled:
        watch = HALF[OURS_HALF](task, texts)
    clock = "self_cpu_time_total" if task.use_cpu else "self_device_time_total"
    events = [event for event in profiled.key_averages() if event.device_type == DeviceType.CPU]
    spent = {event.key: getattr(event, clock) / 1e6 for event in events if event.key.startswith("aten::")}
    whole = sum(step.wall for step in watch.marks.steps(0))
    groups: dict[str, float] = {}
    for key, seconds in spent.items():
        group = next((name for name, parts in GROUPS.items() if any(p in key.lower() for p in parts)), "the rest")
        groups[group] = groups.get(group, 0.0) + seconds
    if not task.use_cpu:
        groups["the card waits"] = max(0.0, whole - sum(spent.values()))
    of = sum(groups.values())
    ordered = sorted(groups.items(), key=lambda group: -group[1])
    print("\nwhere this project's steps spend their time, under the profiler, which itself costs some\n")
    print(table(["", "s", "share"], [[name, f"{seconds:.2f}", f"{seconds / of:.0%}"] for name, seconds in ordered]))
    top = sorted(spent.items(), key=lambda each: -each[1])[:12]
    print("\n" + table(["operation", "s"], [[f"`{key}`", f"{seconds:.3f}"] for key, seconds in top]))
    held = [f"{name} {seconds / of:.0%}" for name, seconds in ordered if name != "matrix products"][:3]
    print(f"\nheld back from its peak most by: {', '.join(held)}")


if __name__ == "__main__":
    main()
