"""How soon the command line answers, and where the default run's time goes: python -m benchmarks.startup.

The first training step is compared with sentence-transformers' trainer's and with bare PyTorch's: same checkpoint, same
texts, from the start of Python on (benchmarks/first_step.py says what each does). Commands run as a person types them,
each in a new process with the caches of the system warm. The default run is cut into phases by wrapping the functions
that begin them; a phase's time is its own, without that of phases inside it. Everything is made anew in each default
run, the cache of texts and tokens too.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

from benchmarks import summary
from benchmarks.first_step import ARMS, BATCH, STEPS
from benchmarks.timing import Seconds, keep_quiet, machine, now, since, spread, table

COMMANDS = {"--help": 1.0, "--cfg job": 1.0}  # goals in seconds
RUN_GOAL = 60.0
LOGGERS = ("csv", "wandb")
PHASES = {
    "src.data.readers.cldr_facts.read": "data and benchmarks",
    "src.evaluation.benchmarks.cldr_facts.load": "data and benchmarks",
    "src.training.assembly.benchmark_from_pairs": "data and benchmarks",
    "src.training.assembly.build_encoder": "tokenizer and model",
    "src.data.datamodule.PairDataModule.prepare_data": "tokens of the training texts",
    "src.data.datamodule.PairDataModule.setup": "tokens of the training texts",
    "src.training.fit.fit": "training",
    "pytorch_lightning.loops.evaluation_loop._EvaluationLoop.run": "validation: loss",
    "src.training.validation.evaluate": "validation: retrieval",
    "src.evaluation.evaluate.evaluate": "evaluation",
    "src.job.save_results": "results and heat-map",
    "src.job.build_loggers": "loggers",
    "src.job.finish": "loggers",
}
IMPORTS = ("src.job", "src.training.fit", "src.training.assembly", "transformers.models.bert.modeling_bert")


def main() -> None:
    """Measure and print; as `--phases` this is the child that takes one run apart."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=5, help="of the short commands")
    parser.add_argument("--runs", type=int, default=3, help="of the default run with each logger")
    parser.add_argument("--layers", type=int, default=2, help="of the model of the first step")
    parser.add_argument("--hidden-size", type=int, default=192)
    summary.add_options(parser)
    parser.add_argument("--phases", metavar="LOGGER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.phases:
        return take_apart(options.phases)
    print(machine("torch", "pytorch-lightning", "transformers", "hydra-core"), flush=True)
    rounds = [{command: run("src.train", *command.split()) for command in COMMANDS} for _ in range(options.repetitions)]
    report_commands(rounds)
    with tempfile.TemporaryDirectory() as folder:
        first = first_steps(Path(folder), options)
    report_first_step(first)
    summary.add(options.summary, *rows(rounds, first))
    if options.runs:
        report_phases([{logger: phases_of(logger) for logger in LOGGERS} for _ in range(options.runs)])
    return None


def first_steps(folder: Path, options: argparse.Namespace) -> list[dict[str, Seconds]]:
    """Seconds until each arm's first step begins, in turn; what the arms leave in caches is there before."""
    from benchmarks.small_bert import write_checkpoint
    from benchmarks.training_arms import Task, compose_config, planned_texts, run_overrides
    from src.training.assembly import assemble

    keep_quiet()
    task = Task(write_checkpoint(folder / "bert", options.layers, options.hidden_size), folder, BATCH, STEPS, 1, 1)
    steps = list(planned_texts(assemble(compose_config(task)), STEPS))
    questions, sentences = ([text for step in steps for text in step[side]] for side in (0, 1))
    (folder / "pairs.json").write_text(json.dumps({"question": questions, "sentence": sentences}))
    overrides = run_overrides(task)
    return [
        {arm: first_step(arm, folder, folder / f"run{number}", overrides) for arm in ARMS}
        for number in range(-1, options.repetitions)
    ][1:]


def first_step(arm: str, folder: Path, run_folder: Path, overrides: Sequence[str]) -> Seconds:
    """Of one arm, in a new process."""
    read, write = os.pipe()
    own = run_folder / arm.replace(" ", "-")
    command = [sys.executable, "-m", "benchmarks.first_step", arm, str(folder), str(own), *overrides]
    start = now()
    process = subprocess.Popen(
        command,
        pass_fds=[write],
        env={**os.environ, "FIRST_STEP_TO": str(write)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    os.close(write)
    with open(read, encoding="utf-8") as told:
        answer = told.read()
    wall, printed = since(start).wall, process.communicate()[0]
    if not answer:
        raise SystemExit(f"{' '.join(command)} failed:\n{printed}")
    return Seconds(json.loads(answer)["cpu"], wall)


def report_first_step(first: Sequence[dict[str, Seconds]]) -> None:
    """Print how soon each arm trains."""
    lines = [[arm, *(spread([each[arm][clock] for each in first]) for clock in (0, 1))] for arm in ARMS]
    print(f"\nuntil the first step of training begins; median (least to greatest) of {len(first)}\n")
    print(table(["", "CPU s", "wall s"], lines), flush=True)


def rows(rounds: Sequence[dict[str, tuple[Seconds, str]]], first: Sequence[dict[str, Seconds]]) -> list[summary.Row]:
    """For the one table."""
    ours, theirs, bare = ([each[arm].cpu for each in first] for arm in ARMS)
    compared = summary.Row("start to the first step", "CPU s", ours, theirs, bare, "startup", more_is_better=False)
    answers = [
        summary.Row(f"`{command}`", "CPU s", [each[command][0].cpu for each in rounds], [], [], "startup")
        for command in COMMANDS
    ]
    return [compared, *answers]


def run(module: str, *arguments: str) -> tuple[Seconds, str]:
    """One command: its time, that of its children included, and what it printed."""
    start, before = now(), os.times()
    environment = {**os.environ, "WANDB_MODE": "offline", "WANDB_SILENT": "true"}
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Seconds(cpu, since(start).wall), done.stdout


def phases_of(logger: str) -> dict[str, Seconds]:
    """The phases of one default run, and under "whole" all of it."""
    whole, printed = run("benchmarks.startup", "--phases", logger)
    phases = {name: Seconds(*values) for name, values in json.loads(printed).items()}
    return {**phases, "whole": whole}


def take_apart(logger: str) -> None:
    """Do the default run in this process and print its phases as JSON."""
    phases = Phases("start of Python and Hydra")
    train = importlib.import_module("src.train")
    with phases.inside("imports"):
        for module in IMPORTS:
            importlib.import_module(module)
    for name, phase in PHASES.items():
        phases.wrap(name, phase)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        sys.argv[1:] = [f"logger={logger}", f"hydra.run.dir={folder}/run", f"cache_dir={folder}/cache"]
        train.main()
    print(json.dumps(phases.close()))


class Phases:
    """Time by phase, each without the phases inside it."""

    def __init__(self, outermost: str) -> None:
        self._times: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        self._stack, self._since = [outermost], now()

    @contextlib.contextmanager
    def inside(self, phase: str) -> Any:
        """Give the time of the block to a phase."""
        self._settle()
        self._stack.append(phase)
        try:
            yield
        finally:
            self._settle()
            self._stack.pop()

    def wrap(self, name: str, phase: str) -> None:
        """Give the time of a function, named by its full path, to a phase."""
        path, function = name.rsplit(".", 1)
        owner = _find(path)
        setattr(owner, function, self._timed(getattr(owner, function), phase))

    def close(self) -> dict[str, list[float]]:
        """CPU and wall seconds of each phase."""
        self._settle()
        return dict(self._times)

    def _timed(self, function: Callable[..., Any], phase: str) -> Callable[..., Any]:
        @wraps(function)
        def timed(*arguments: Any, **keywords: Any) -> Any:
            with self.inside(phase):
                return function(*arguments, **keywords)

        return timed

    def _settle(self) -> None:
        passed, self._since = since(self._since), now()
        total = self._times[self._stack[-1]]
        total[:] = [total[0] + passed.cpu, total[1] + passed.wall]


def _find(path: str) -> Any:
    """A module, or a class in one."""
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError:
        module, name = path.rsplit(".", 1)
        return getattr(importlib.import_module(module), name)


def report_commands(rounds: Sequence[dict[str, tuple[Seconds, str]]]) -> None:
    """Print how soon the short commands answer."""
    rows = []
    for command, goal in COMMANDS.items():
        cpu, wall = ([each[command][0][clock] for each in rounds] for clock in (0, 1))
        rows.append([f"`python -m src.train {command}`", spread(cpu), spread(wall), f"about {goal:.0f}"])
    print(f"\nmedian (least to greatest) of {len(rounds)}\n")
    print(table(["command", "CPU s", "wall s", "goal, s"], rows), flush=True)


def report_phases(runs: Sequence[dict[str, dict[str, Seconds]]]) -> None:
    """Print where the default run's time goes, with each logger."""
    names = list(runs[0]["csv"])
    rows = [
        [name, *(spread([each[logger][name][clock] for each in runs], 1) for logger in LOGGERS for clock in (0, 1))]
        for name in names
    ]
    print(f"\n`python -m src.train`, goal below {RUN_GOAL:.0f} s; median (least to greatest) of {len(runs)}\n")
    print(table(["phase", *(f"{logger}: {clock} s" for logger in LOGGERS for clock in ("CPU", "wall"))], rows))


if __name__ == "__main__":
    main()
