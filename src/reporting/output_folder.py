"""Hydra makes a run's folder before anything of ours runs, and answers with a traceback where it cannot."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from src.errors import BAD_INPUT, InputError
from src.reporting.folder import check_writable


class CheckOutputFolder(Callback):
    """Says in plain words that the folder of a run or a sweep cannot be written."""

    def on_run_start(self, config: DictConfig, **_: Any) -> None:
        """Check a run's folder."""
        HydraConfig.instance().set_config(config)  # as Hydra does next: the folder may be named after its choices
        _check(Path(config.hydra.run.dir))

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Check a sweep's folder."""
        _check(Path(config.hydra.sweep.dir))


def _check(folder: Path) -> None:
    try:
        check_writable(folder)
    except InputError as error:
        logging.getLogger(__name__).error("error: %s", error)
        sys.exit(BAD_INPUT)  # an exception would only become a warning of Hydra's
