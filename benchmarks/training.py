"""A training step beside sentence-transformers' trainer and beside bare PyTorch: python -m benchmarks.training.

All arms train the same small BERT on the same rows of (question, sentence) from XQuAD-R in the same order, with the
same loss, AdamW, schedule and clipping, in float32 (`training_arms`). First the losses of a few steps without dropout
are compared. Then the arms are timed in turn, each repetition on other rows; a ratio is of the time for all steps of a
repetition. What this project adds to the bare loop is little beside the noise of a machine: for it the two run once
more by themselves for longer, and it is the median over the steps, which have the same rows in both.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

from benchmarks import summary
from benchmarks.small_bert import write_checkpoint
from benchmarks.timing import Seconds, bf16_units, keep_quiet, machine, spread, table
from benchmarks.training_arms import ARMS, HALF, OURS_HALF, Task, Texts, Watch, compose_config, planned_texts
from src.training.assembly import assemble

OURS, BARE, THEIRS = "this project", "bare loop, chunks", "sentence-transformers"
GOALS = {32: 1.8, 100: 2.3}  # times as fast as sentence-transformers
OVERHEAD_GOAL = 5  # per cent over the bare loop in chunks, at most
WARM_UP = 1  # steps that are not timed
CHECKED_STEPS, OVERHEAD_STEPS = 2, 8


def main() -> None:
    """Compare the losses, measure, print."""
    options = _options()
    keep_quiet()
    print(machine("torch", "pytorch-lightning", "transformers", "sentence-transformers", "accelerate"))
    if options.bf16:
        print(bf16_units())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checkpoint = write_checkpoint(folder / "bert", options.layers, options.hidden_size)
        for batch_size in options.batch_sizes:
            task = Task(checkpoint, folder, batch_size, 1, 1, options.threads, tuple(options.overrides))
            print(f"\n{batch_size} pairs a step; greatest difference between losses: {check(task):.1e}", flush=True)
            timed = max(3, options.pairs // batch_size)
            seeds = range(options.repetitions)
            names = [*ARMS, *(HALF if options.bf16 else ())]
            repetitions = [repetition(task, seed, timed, names) for seed in seeds]
            report_speed(batch_size, repetitions)
            summary.add(options.summary, *rows(batch_size, repetitions))
            report_overhead([repetition(task, seed, OVERHEAD_STEPS, [OURS, BARE]) for seed in seeds])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("overrides", nargs="*", help="of this project's run, such as trainer.chunk_overhead=256")
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=list(GOALS))
    parser.add_argument("--pairs", type=int, default=320, help="timed in an arm and repetition")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--hidden-size", type=int, default=192)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--bf16", action="store_true", help="also in bfloat16, which only some CPUs have units for")
    summary.add_options(parser)
    return parser.parse_args()


def check(task: Task) -> float:
    """Greatest difference between two arms' losses over some steps without dropout; above 1e-4 it is an error."""
    checkpoint = _without_dropout(task.checkpoint)
    watches, _ = run(replace(task, checkpoint=checkpoint, steps=CHECKED_STEPS), list(ARMS))
    losses = np.array([watch.losses for watch in watches.values()])
    difference = float(np.ptp(losses, axis=0).max())
    if not difference < 1e-4:
        raise SystemExit(f"the arms compute different things: losses {losses.tolist()} of {', '.join(watches)}")
    return difference


def _without_dropout(checkpoint: Path) -> Path:
    folder = checkpoint.with_name("bert-without-dropout")
    nothing = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    AutoModel.from_pretrained(checkpoint, add_pooling_layer=False, **nothing).save_pretrained(folder)
    AutoTokenizer.from_pretrained(checkpoint).save_pretrained(folder)
    return folder


def run(task: Task, names: Sequence[str]) -> tuple[dict[str, Watch], int]:
    """Some arms on the same rows, and the real tokens of these."""
    parts = assemble(compose_config(task))
    texts: list[Texts] = list(planned_texts(parts, task.steps))
    tokenizer = parts.encoder.tokenizer
    real = sum(len(ids) for step in texts for side in step for ids in tokenizer(side)["input_ids"])
    first = task.seed % len(names)  # no arm is always first
    return {name: _alone(name, task, texts) for name in [*names[first:], *names[:first]]}, real


def _alone(name: str, task: Task, texts: Sequence[Texts]) -> Watch:
    # Lightning's setting for this project's run would slow the others too
    torch.use_deterministic_algorithms(False)
    torch.set_num_threads(task.threads)
    torch.manual_seed(task.seed)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):  # what trainers tell
        return {**ARMS, **HALF}[name](task, texts)


@dataclass(frozen=True)
class Measured:
    """One arm in one repetition."""

    steps: list[Seconds]
    tokens: float  # computed for a pair, padding included
    real_tokens: float

    def rate(self, clock: str) -> float:
        """Steps a second."""
        return 1 / statistics.mean(getattr(step, clock) for step in self.steps)

    def excess(self, other: Measured, clock: str) -> float:
        """Per cent of time over another arm's: the median over the steps."""
        steps = zip(self.steps, other.steps, strict=True)
        return 100 * (statistics.median(getattr(own, clock) / getattr(its, clock) for own, its in steps) - 1)


Repetition = dict[str, Measured]  # by arm


def repetition(task: Task, seed: int, timed_steps: int, names: Sequence[str]) -> Repetition:
    """Time and tokens of each arm."""
    task = replace(task, seed=seed, steps=WARM_UP + timed_steps + 1)
    watches, real = run(task, names)
    pairs = task.steps * task.batch_size
    return {name: Measured(arm.marks.steps(WARM_UP), arm.tokens / pairs, real / pairs) for name, arm in watches.items()}


def report_speed(batch_size: int, repetitions: Sequence[Repetition]) -> None:
    """Print the table of one batch size, and the goal beside what was reached."""
    rows = []
    for name in repetitions[0]:
        cpu, wall = ([each[name].rate(clock) for each in repetitions] for clock in ("cpu", "wall"))
        tokens = [each[name].tokens for each in repetitions]
        ratios = spread(times_as_fast(repetitions, name, "cpu"))
        rows.append(
            [name, spread(cpu), spread(wall), spread([batch_size * r for r in cpu], 1), spread(tokens, 0), ratios]
        )
    real = spread([each[OURS].real_tokens for each in repetitions], 0)
    head = ["arm", "steps / CPU s", "steps / s", "pairs / CPU s", "tokens a pair", "times sentence-transformers"]
    print(f"median (least to greatest) of {len(repetitions)}; real tokens a pair {real}\n\n{table(head, rows)}")
    cpu_ratio, wall_ratio = (spread(times_as_fast(repetitions, OURS, clock)) for clock in ("cpu", "wall"))
    goal = GOALS.get(batch_size, "none")
    print(f"\ntimes as fast as sentence-transformers: CPU {cpu_ratio}, wall {wall_ratio} (goal {goal})", flush=True)


def times_as_fast(repetitions: Sequence[Repetition], name: str, clock: str) -> list[float]:
    """An arm beside sentence-transformers."""
    return [each[name].rate(clock) / each[THEIRS].rate(clock) for each in repetitions]


def report_overhead(repetitions: Sequence[Repetition]) -> None:
    """Print what this project adds to the bare loop in chunks."""
    cpu, wall = (spread([each[OURS].excess(each[BARE], clock) for each in repetitions], 1) for clock in ("cpu", "wall"))
    print(f"per cent over the bare loop in chunks: CPU {cpu}, wall {wall} (goal below {OVERHEAD_GOAL})", flush=True)


def rows(batch_size: int, repetitions: Sequence[Repetition]) -> Iterator[summary.Row]:
    """For the one table."""
    rates = {name: [each[name].rate("cpu") for each in repetitions] for name in repetitions[0]}
    what, unit = f"training, {batch_size} pairs a step", "steps / CPU s"
    yield summary.Row(what, unit, rates[OURS], rates[THEIRS], rates[BARE], "training")
    if OURS_HALF in rates:
        yield summary.Row(f"{what}, bf16 (theirs in fp32)", unit, rates[OURS_HALF], rates[THEIRS], [], "training")


if __name__ == "__main__":
    main()
