"""Compare the runs of one sweep or several: python -m src.compare outputs/<sweep>."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import hydra
from omegaconf import DictConfig

if TYPE_CHECKING:
    from src.reporting.comparing import Comparison

CONF = str(Path(__file__).resolve().parents[1] / "conf")
FLAGS_WITH_A_VALUE = ("-c", "--cfg", "-p", "--package", "-cn", "--config-name", "-cd", "--config-dir", "-i", "--info")
BAD_INPUT = 2


@hydra.main(version_base="1.3", config_path=CONF, config_name="compare")
def main(config: DictConfig) -> None:
    """Print the comparison, or what is wrong in plain words."""
    from src.errors import InputError
    from src.reporting.closing import console, report_comparison

    try:
        report_comparison(console(), *compare(config))
    except InputError as error:
        logging.getLogger(__name__).error("error: %s", error)
        sys.exit(BAD_INPUT)


def compare(config: DictConfig) -> tuple[Comparison, list[Path]]:
    """The comparison, and the files it was written to."""
    from src.errors import InputError
    from src.reporting.comparing import compare_runs
    from src.reporting.folder import check_writable
    from src.reporting.interval import Bootstrap

    folders = [Path(folder) for folder in config.folders]
    if not folders:
        raise InputError("No folder to compare.", fix="python -m src.compare outputs/<sweep>")
    comparison = compare_runs(
        folders,
        Bootstrap(config.resamples, config.confidence, config.seed),
        baseline=config.baseline,
        metric=config.metric,
        ignore=config.ignore,
        target=config.target,
        dimension=config.dimension,
    )
    return comparison, comparison.write(check_writable(Path(config.output or folders[0])))


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


if __name__ == "__main__":
    sys.argv[1:] = as_overrides(sys.argv[1:])
    main()
