"""Commands as a person types them, without the seconds that importing torch costs each time.

The first command starts a server that imports the heavy modules once; each command is then a fork of it. What a fork
cannot show (start-up, signals, ranks) is tested with `subprocess` and `COMMAND`.
"""

import multiprocessing
import os
import runpy
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # `python` is this one, as in an activated one
ENVIRONMENT = {
    **{"PATH": PATH, "WANDB_MODE": "offline", "HF_HUB_OFFLINE": "1", "COLUMNS": "80", "OMP_NUM_THREADS": "1"},
    "EVENHAND_DATA": "data",  # the default: a command sees no data but what a test names
}
HEAVY = ("src.job", "src.training.fit", "src.evaluation.evaluate", "transformers.models.bert.modeling_bert", "wandb")
SMALL = (  # a whole run in a second
    "max_steps=4",
    "batch_size=16",
    "dataset.languages=[de,en]",
    "benchmark.languages=[de,en]",
    "callbacks.validation.max_queries=20",
    "callbacks.validation.max_batches=2",
    "model.vocabulary=600",
    "model.hidden_size=16",
)

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(list(HEAVY))


@dataclass(frozen=True)
class Answer:
    """What a command ended with."""

    status: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


def type_in(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Answer:
    """Run `python -m <module> <arguments>` from the project's root."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("out", "err")]
        variables = {**ENVIRONMENT, **(environment or {})}
        process = _SERVER.Process(target=_run, args=(module, arguments, variables, *map(str, paths)))
        process.start()
        process.join(timeout=300)
        assert process.exitcode is not None, f"{module} {arguments} goes on for ever"
        return Answer(process.exitcode, *(path.read_text() for path in paths))


def _run(module: str, arguments: tuple[str, ...], variables: Mapping[str, str], out: str, err: str) -> None:
    for stream, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    os.environ.update(variables)
    os.chdir(ROOT)
    sys.argv[:] = ["", *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
