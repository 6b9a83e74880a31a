"""A training step beside sentence-transformers' trainer and beside bare PyTorch: python -m benchmarks.training.

All arms train the same small BERT on the same rows of (question, sentence) from XQuAD-R in the same order, with the
same loss, AdamW, schedule and clipping, in float32 (`training_arms`). First the losses of a few steps without dropout
are compared; then the arms are timed in turn, each repetition on other rows, and ratios taken within a repetition.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.small_bert import write_checkpoint
from benchmarks.timing import Seconds, keep_quiet, machine, spread, table
from benchmarks.training_arms import ARMS, Task, Texts, Watch, compose_config, planned_texts
from src.training.assembly import assemble

OURS, BARE, THEIRS = "this project", "bare loop, chunks", "sentence-transformers"
GOALS = {32: 1.8, 100: 2.3}  # times as fast as sentence-transformers
OVERHEAD = 5  # per cent over the bare loop in chunks, at most
WARM_UP = 1  # steps that are not timed
CHECKED = 2  # steps whose losses are compared


def main() -> None:
    """Compare the losses, measure, print."""
    options = _options()
    keep_quiet()
    print(machine("torch", "pytorch-lightning", "transformers", "sentence-transformers", "accelerate"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checkpoint = write_checkpoint(folder / "bert", options.layers, options.hidden_size)
        for batch_size in options.batch_sizes:
            steps = WARM_UP + 1 + max(3, options.pairs // batch_size)
            task = Task(checkpoint, folder, batch_size, steps, 1, options.threads, tuple(options.overrides))
            print(f"\n{batch_size} pairs a step; greatest difference between losses: {check(task):.1e}")
            report(batch_size, [repetition(replace(task, seed=seed)) for seed in range(options.repetitions)])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("overrides", nargs="*", help="of this project's run, such as trainer.chunk_overhead=256")
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=list(GOALS))
    parser.add_argument("--pairs", type=int, default=256, help="timed in an arm and repetition")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--hidden-size", type=int, default=192)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def check(task: Task) -> float:
    """Greatest difference between two arms' losses over some steps without dropout; above 1e-4 it is an error."""
    checkpoint = _without_dropout(task.checkpoint)
    watches, _ = run(replace(task, checkpoint=checkpoint, steps=CHECKED))
    losses = np.array([watch.losses for watch in watches.values()])
    difference = float(np.ptp(losses, axis=0).max())
    if not difference < 1e-4:
        raise SystemExit(f"the arms compute different things: losses {losses.tolist()} of {', '.join(watches)}")
    return difference


def _without_dropout(checkpoint: Path) -> Path:
    from transformers import AutoModel, AutoTokenizer

    folder = checkpoint.with_name("bert-without-dropout")
    nothing = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    AutoModel.from_pretrained(checkpoint, add_pooling_layer=False, **nothing).save_pretrained(folder)
    AutoTokenizer.from_pretrained(checkpoint).save_pretrained(folder)
    return folder


def run(task: Task) -> tuple[dict[str, Watch], int]:
    """All arms on the same rows, and the real tokens of these."""
    parts = assemble(compose_config(task))
    texts: list[Texts] = list(planned_texts(parts, task.steps))
    tokenizer = parts.encoder.tokenizer
    real = sum(len(ids) for step in texts for side in step for ids in tokenizer(side)["input_ids"])
    names = list(ARMS)
    turned = names[task.seed % len(names) :] + names[: task.seed % len(names)]  # no arm is always first
    return {name: _alone(name, task, texts) for name in turned}, real


def _alone(name: str, task: Task, texts: Sequence[Texts]) -> Watch:
    # Lightning's setting for this project's run would slow the others too
    torch.use_deterministic_algorithms(False)
    torch.set_num_threads(task.threads)
    torch.manual_seed(task.seed)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):  # what trainers tell
        return ARMS[name](task, texts)


Repetition = dict[str, tuple[Seconds, float, float]]  # arm: time a step, computed and real tokens a pair


def repetition(task: Task) -> Repetition:
    """Time and tokens of each arm."""
    watches, real = run(task)
    pairs = task.steps * task.batch_size
    return {
        name: (watch.marks.per_step(WARM_UP), watch.tokens / pairs, real / pairs) for name, watch in watches.items()
    }


def report(batch_size: int, repetitions: Sequence[Repetition]) -> None:
    """Print the table of one batch size, and the goals beside what was reached."""
    rows = []
    for name in ARMS:
        cpu, wall = ([1 / each[name][0][clock] for each in repetitions] for clock in (0, 1))
        ratios = [each[THEIRS][0].cpu / each[name][0].cpu for each in repetitions]
        tokens = [each[name][1] for each in repetitions]
        pairs = [batch_size * value for value in cpu]
        rows.append([name, spread(cpu), spread(wall), spread(pairs, 1), spread(tokens, 0), spread(ratios)])
    real = spread([each[OURS][2] for each in repetitions], 0)
    head = ["arm", "steps / CPU s", "steps / s", "pairs / CPU s", "tokens a pair", "times sentence-transformers"]
    print(f"median (least to greatest) of {len(repetitions)}; real tokens a pair {real}\n")
    print(table(head, rows))
    for clock in ("cpu", "wall"):
        times = [{name: getattr(each[name][0], clock) for name in ARMS} for each in repetitions]
        ratio = spread([each[THEIRS] / each[OURS] for each in times])
        overhead = spread([100 * (each[OURS] / each[BARE] - 1) for each in times], 1)
        print(
            f"\n{clock} time: {ratio} times as fast as sentence-transformers (goal {GOALS.get(batch_size, '-')}), "
            f"{overhead} % over the bare loop in chunks (goal below {OVERHEAD})"
        )


if __name__ == "__main__":
    main()
