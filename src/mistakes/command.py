"""The queries that one run wins over another, and why: python -m src.errors outputs/<run> outputs/<run>."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import hydra
from omegaconf import DictConfig

from src.entry import CONF, as_overrides, told_plainly

if TYPE_CHECKING:
    from src.mistakes.analysis import Analysis
    from src.mistakes.pair import Pair


def start() -> None:
    """What `python -m src.errors` does."""
    sys.argv[1:] = as_overrides(sys.argv[1:])
    main()


@hydra.main(version_base="1.3", config_path=CONF, config_name="errors")
def main(config: DictConfig) -> None:
    """Print what was found, or what is wrong in plain words."""
    with told_plainly(config):
        run(config)


def run(config: DictConfig) -> None:
    """Find, write and print."""
    from src.mistakes.pair import find_pair
    from src.options import ANY, POSITIVE, Bound, check_options, texts
    from src.reporting.closing import console
    from src.reporting.folder import check_writable
    from src.reporting.mistakes import report_mistakes, write_csv, write_markdown

    bounds: dict[str, Bound] = {"queries": POSITIVE, "candidates": ANY, "listed": ANY, "shown": ANY}
    check_options(config, {**bounds, "device": str, "cache_dir": str})
    folders = [Path(folder) for folder in texts(config.folders, "folders")]
    pair = find_pair(folders, config.benchmark_name, config.setting, config.metric)
    folder = check_writable(Path(config.output or folders[0]), fix="output=FOLDER, another one")
    found = analysed(pair, config)
    files = [write_markdown(folder / "errors.md", found, config.listed), write_csv(folder / "errors.csv", found)]
    report_mistakes(console(), found, files, config.shown)


def analysed(pair: Pair, config: DictConfig) -> Analysis:
    """What there is to tell of the two runs."""
    from hydra.utils import instantiate

    from src.encoder.device import choose_device
    from src.mistakes.analysis import analyse

    return analyse(
        pair,
        queries=config.queries,
        candidates=config.candidates,
        encoding=instantiate(config.encoding),
        device=choose_device(config.device),
        folder=config.benchmark_folder,
    )
