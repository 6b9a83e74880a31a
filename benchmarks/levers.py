"""What each setting that may make training faster gives on this machine: python -m benchmarks.levers.

One small BERT, rows of XQuAD-R (question, sentence), this project's own path; each arm changes one setting. The arms
run in turn in every repetition on the same rows, and a ratio is of CPU seconds within a repetition, so that what else
the machine does matters little. The median of an arm's steps is taken: compiling happens in the first ones, and is told
apart. `--embeddings` widens the vocabulary to LaBSE's half a million rows, most of them never asked for. The second
table is of a bare loop over such a vocabulary: dense, sparse and frozen gradients of its rows.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from benchmarks.small_bert import write_checkpoint
from benchmarks.timing import bf16_units, keep_quiet, machine, now, since, spread, table
from benchmarks.training_arms import Task, ours
from src.training.optimizer import parameter_groups

AS_IT_IS = "as it is"
LEVERS = {
    AS_IT_IS: (),
    "no chunks: padded to the longest": ("trainer.chunk_overhead=1099511627776",),
    "no dropout": ("model.dropout=0",),
    "attention without SDPA": ("model.attention=eager",),
    "AdamW not fused": ("optimizer.fused=false",),
    "compiled": ("model.compile=true",),
    "frozen embeddings": ("freeze.embeddings=true",),
    "lora": ("adapter=lora",),
    "tokens not kept": ("pretokenize=false",),
    "2 workers": ("num_workers=2",),
    "recomputed activations": ("model.gradient_checkpointing=true",),
    "bf16": ("trainer.precision=bf16-mixed",),
}
ON_REQUEST = ("compiled", "bf16")  # minutes of compiling; units that few CPUs have


def main() -> None:
    """Measure, print."""
    options = _options()
    keep_quiet()
    torch.set_num_threads(1)
    print(machine("torch", "pytorch-lightning", "transformers"), bf16_units(), sep="\n")
    names = [AS_IT_IS, *(options.levers or [name for name in LEVERS if name not in (AS_IT_IS, *ON_REQUEST)])]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checkpoint = write_checkpoint(folder / "bert", options.layers, options.hidden_size, rows=options.embeddings)
        task = Task(checkpoint, folder, options.batch_size, options.steps, 1, 1)
        measure(task, AS_IT_IS)  # fills caches
        rounds = [{lever: measure(task, lever) for lever in names} for _ in range(options.repetitions)]
    report(rounds, options)
    vocabulary(options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--hidden-size", type=int, default=192)
    parser.add_argument("--embeddings", type=int, help="rows of the vocabulary; as many as the tokenizer knows")
    parser.add_argument("--rows", type=int, default=500_000, help="of the vocabulary in the second table")
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--levers", nargs="+", choices=list(LEVERS), help=f"all but {', '.join(ON_REQUEST)}")
    return parser.parse_args()


@dataclass(frozen=True)
class Measured:
    """One run."""

    step: float  # CPU seconds, the median over the steps after the first two
    begin: float  # of the first two


def measure(task: Task, lever: str) -> Measured:
    """One run with one setting changed."""
    torch.use_deterministic_algorithms(False)
    torch.manual_seed(task.seed)
    steps = [step.cpu for step in ours(task.with_overrides(*LEVERS[lever]), []).marks.steps(0)]
    return Measured(statistics.median(steps[2:]), sum(steps[:2]))


def report(rounds: Sequence[dict[str, Measured]], options: argparse.Namespace) -> None:
    """Print the table of settings."""
    rows = []
    for lever in rounds[0]:
        ratios = [each[AS_IT_IS].step / each[lever].step for each in rounds]
        begin = statistics.median(each[lever].begin for each in rounds)
        what = ", ".join(f"`{each}`" for each in LEVERS[lever])
        rows.append([lever, what, spread([each[lever].step for each in rounds], 3), spread(ratios), f"{begin:.1f}"])
    head = ["", "setting", "CPU s a step", "times as fast", "first two steps, CPU s"]
    print(
        f"\n{options.batch_size} pairs; median (least to greatest) of {len(rounds)}\n\n{table(head, rows)}", flush=True
    )


def vocabulary(options: argparse.Namespace) -> None:
    """Print what gradients of a large vocabulary cost in a bare step: a lookup, its gradient, the optimizer."""
    ids = torch.randint(options.rows, (2 * options.batch_size, 40), generator=torch.Generator().manual_seed(0))
    arms = {kind: embedding_step(kind, options.rows, options.width, ids) for kind in ("dense", "sparse", "frozen")}
    for arm in arms.values():
        arm()
    times: dict[str, list[float]] = {kind: [] for kind in arms}
    for _ in range(max(5, options.repetitions)):
        for kind, arm in arms.items():
            start = now()
            arm()
            times[kind].append(since(start).cpu * 1000)
    print(f"\na step over {options.rows:,} x {options.width} rows of which {ids.unique().numel():,} are asked for\n")
    print(table(["gradient of the vocabulary", "CPU ms a step"], [[kind, spread(t, 1)] for kind, t in times.items()]))


def embedding_step(kind: str, rows: int, width: int, ids: torch.Tensor) -> Callable[[], None]:
    """Look up, sum, backward, clip, update; SparseAdam, for sparse rows, knows neither decay nor clipping."""
    words = nn.Embedding(rows, width, sparse=kind == "sparse").requires_grad_(kind != "frozen")
    top = nn.Linear(width, width)
    optimizers: list[torch.optim.Optimizer] = []
    if kind == "sparse":
        optimizers = [torch.optim.SparseAdam(words.parameters(), lr=1e-3)]
    dense = [top] if kind == "sparse" else [words, top]
    optimizers.append(torch.optim.AdamW(parameter_groups(nn.ModuleList(dense), 1e-3, 0.01), lr=1e-3, fused=True))

    def step() -> None:
        for optimizer in optimizers:
            optimizer.zero_grad()
        top(words(ids)).square().mean().backward()
        torch.nn.utils.clip_grad_norm_([each for part in dense for each in part.parameters()], 1.0)
        for optimizer in optimizers:
            optimizer.step()

    return step


if __name__ == "__main__":
    main()
