"""What is wrong with a sweep as such, said before its first job is launched."""

from __future__ import annotations

import logging
import sys
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from src.errors import BAD_INPUT, InputError

RESOURCES = ("trainer", "trainer.devices", "trainer.num_nodes")  # and all of trainer.resources


class CheckSweep(Callback):
    """Says in plain words that a launcher or sweeper cannot do what it is asked."""

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Check before Hydra makes either of them."""
        try:
            check_sweep(config)
        except InputError as error:
            logging.getLogger(__name__).error("error: %s", error)
            sys.exit(BAD_INPUT)  # an exception would only become a warning of Hydra's


def check_sweep(config: DictConfig) -> None:
    """InputError where a search has no aim, or jobs of one array would need different machines."""
    if "optuna" in str(config.hydra.sweeper._target_) and config.get("optimized_metric") is None:
        raise InputError(
            "Optuna needs to know what to optimise", where="optimized_metric", fix="optimized_metric=multilingual/mAP"
        )
    if "submitit" not in str(config.hydra.launcher._target_):
        return
    for override in OverridesParser.create().parse_overrides(list(config.hydra.overrides.task)):
        key = override.key_or_group
        if override.is_sweep_override() and (key in RESOURCES or key.startswith("trainer.resources")):
            raise InputError(
                f"the jobs of a sweep ask a cluster for the same, and {key} varies",
                where="hydra/launcher",
                fix=f"one sweep for each value of {key}",
            )
    for key in ("tasks_per_node", "gpus_per_node"):
        if (config.hydra.launcher[key] or 0) < 0:
            raise InputError(f"how many {key} is not said", where="trainer.devices", fix="a number: trainer.devices=4")
