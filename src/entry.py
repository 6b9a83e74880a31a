"""How entry points start and end: plain words for what is wrong, plugins looked for, the jobs of a sweep told of."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from omegaconf import DictConfig

from src.errors import BAD_INPUT, FAILED, InputError
from src.sweeps.names import tidy

CONF: str = str(Path(__file__).resolve().parents[1] / "conf")
FLAGS_WITH_A_VALUE = ("-c", "--cfg", "-p", "--package", "-cn", "--config-name", "-cd", "--config-dir", "-i", "--info")
EXTRAS = {  # what of conf/hydra needs what
    "hydra/launcher=parallel": ("hydra_joblib_launcher", "joblib"),
    "hydra/launcher=submitit": ("hydra_submitit_launcher", "submitit"),
    "hydra/launcher=slurm": ("hydra_submitit_launcher", "submitit"),
    "hydra/sweeper=tuning": ("hydra_optuna_sweeper", "optuna"),
}


@contextmanager
def told_plainly(config: DictConfig) -> Iterator[None]:
    """A mistake in the input or the configuration ends the process with its message, without a traceback."""
    from src.options import as_input_error

    try:
        yield
    except Exception as error:
        mistake = error if isinstance(error, InputError) else as_input_error(error, config)
        if mistake is None:
            raise
        logging.getLogger(__name__).error("error: %s", mistake)
        sys.exit(BAD_INPUT)


def run(main: Callable[[], object]) -> None:
    """Run what was typed; a sweep ends with the table of its jobs, and with an error status if one did not finish."""
    from src.choices import check_choices

    sys.argv[1:] = tidy(sys.argv[1:])
    try:
        check_plugins(sys.argv[1:])
        check_choices(CONF, sys.argv[1:])
    except InputError as error:
        logging.basicConfig(format="%(message)s")
        logging.getLogger(__name__).error("error: %s", error)
        sys.exit(BAD_INPUT)
    whole = True
    try:
        main()
    finally:
        whole = _report()
    if not whole:
        sys.exit(FAILED)


def check_plugins(arguments: Sequence[str]) -> None:
    """InputError if a launcher or sweeper is chosen whose package is not there."""
    for choice, (plugin, extra) in EXTRAS.items():
        if choice in arguments and not (find_spec("hydra_plugins") and find_spec(f"hydra_plugins.{plugin}")):
            raise InputError("a package is missing", where=choice, fix=f"pip install -e '.[{extra}]'")


def _report() -> bool:
    """Whether all jobs of the sweep that this process has started, if any, have finished."""
    from src.sweeps.jobs import GOOD, NoteJobs

    whole = True
    for notes in NoteJobs.started:
        from src.reporting.closing import console
        from src.sweeps.status import read_jobs, report_sweep

        if jobs := read_jobs(notes):
            report_sweep(console(), notes.parents[1], jobs)
        whole = whole and all(job.status in GOOD for job in jobs)
    return whole


def as_overrides(arguments: Sequence[str]) -> list[str]:
    """Hydra takes only key=value: plain words, and folders whose names hold an =, become `folders=[...]`."""
    words = list(_words(arguments))
    if not words:
        return list(arguments)
    quoted = ",".join("'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'" for word in words)
    return [*(argument for argument in arguments if argument not in words), f"folders=[{quoted}]"]


def _words(arguments: Sequence[str]) -> Iterator[str]:
    for before, argument in zip(["", *arguments], arguments, strict=False):
        plain = "=" not in argument and not argument.startswith(("-", "~", "+"))
        if (plain or Path(argument).is_dir()) and before not in FLAGS_WITH_A_VALUE:
            yield argument
