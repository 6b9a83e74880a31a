"""What would go wrong in a run, before a long wait in a queue: python -m src.check sampler=hybrid model=labse."""

from __future__ import annotations

import logging
import shlex
import sys
from collections.abc import Iterable, Sequence

from src.entry import CONF
from src.errors import BAD_INPUT, InputError

FLAGS = ("--help", "-h", "--cfg", "-c", "--info", "-i", "--hydra-help", "--version")


def main(overrides: Sequence[str]) -> int:
    """Check a run and print what was found; 2 if it would fail."""
    from src.preflight.check import check_run
    from src.preflight.compose import compose_run
    from src.reporting.closing import console

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        defaults = compose_run(CONF, [])  # first: Hydra remembers the folder of what was composed last
        config = compose_run(CONF, overrides)
    except InputError as error:
        logging.getLogger(__name__).error("error: %s", error)
        return BAD_INPUT
    found = check_run(config, defaults, console(), command(overrides))
    return BAD_INPUT if found.problems else 0


def command(overrides: Iterable[str]) -> str:
    """The run's own command."""
    from src.reporting.commands import python

    return shlex.join([python(), "-m", "src.train", *overrides])


def show() -> None:
    """What Hydra's flags ask for, of a training's configuration; nothing is checked."""
    import hydra

    sys.argv[1:] = [*sys.argv[1:], "hydra/help=check"]
    hydra.main(version_base="1.3", config_path=CONF, config_name="train")(lambda config: None)()


if __name__ == "__main__":
    if any(word.startswith(FLAGS) for word in sys.argv[1:]):
        show()
    else:
        sys.exit(main(sys.argv[1:]))
