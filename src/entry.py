"""How an entry point that can be swept starts: plugins looked for first, and the jobs told of at the end."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec

from src.errors import InputError
from src.sweeps import tidy

BAD_INPUT, FAILED = 2, 1  # exit statuses
EXTRAS = {  # what of conf/hydra needs what
    "hydra/launcher=parallel": ("hydra_joblib_launcher", "joblib"),
    "hydra/launcher=submitit": ("hydra_submitit_launcher", "submitit"),
    "hydra/launcher=slurm": ("hydra_submitit_launcher", "submitit"),
    "hydra/sweeper=tuning": ("hydra_optuna_sweeper", "optuna"),
}


def run(main: Callable[[], object]) -> None:
    """Run what was typed; a sweep ends with the table of its jobs, and with an error status if one did not finish."""
    sys.argv[1:] = tidy(sys.argv[1:])
    try:
        check_plugins(sys.argv[1:])
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
    from src.reporting.sweep_jobs import GOOD, NoteJobs

    whole = True
    for notes in NoteJobs.started:
        from src.reporting.closing import console
        from src.reporting.sweep_status import read_jobs, report_sweep

        if jobs := read_jobs(notes):
            report_sweep(console(), notes.parents[1], jobs)
        whole = all(job.status in GOOD for job in jobs)
    return whole
