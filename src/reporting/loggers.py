"""Where a run's curves and results are sent while it goes: always CSV, and what `logger=` names beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.utils import instantiate
from omegaconf import DictConfig
from pytorch_lightning.loggers import Logger

if TYPE_CHECKING:
    from src.evaluation.evaluate import Evaluation


@dataclass(frozen=True)
class LoggedRun:
    """What a logger knows of its run."""

    folder: Path
    config: Mapping[str, Any]  # resolved
    group: str | None  # the sweep's name
    name: str
    job_type: str  # train or evaluate
    choices: Mapping[str, str] = field(default_factory=dict)  # of config groups, such as {"sampler": "hybrid"}


class RunLogger(Logger):
    """A Lightning logger that also takes the run's results and its exit status."""

    def __init__(self, run: LoggedRun) -> None:
        super().__init__()
        self.run = run

    @property
    def name(self) -> str:
        """The run's name."""
        return self.run.name

    @property
    def version(self) -> str:
        """Empty: a folder holds one run."""
        return ""

    @property
    def save_dir(self) -> str:
        """The run's folder."""
        return str(self.run.folder)

    @property
    def label(self) -> str:
        """What a person calls it."""
        return "curves"

    @property
    def destination(self) -> str:
        """Where a person finds what was logged."""
        return self.save_dir

    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        """Nothing: the whole resolved configuration is logged when the run starts."""

    def log_results(self, evaluation: Evaluation, heatmap: Path | None) -> None:
        """Take the results on one benchmark."""

    def log_average(self, summary: Mapping[str, Any]) -> None:
        """Take the average of a suite of benchmarks."""

    def close(self, exit_code: int) -> None:
        """End the run with its exit status; its folder is complete."""


def build_loggers(
    config: DictConfig,
    run_dir: Path,
    resolved: Mapping[str, Any],
    group: str | None,
    job_name: str,
    job_type: str = "train",
    choices: Mapping[str, str] | None = None,
) -> list[RunLogger]:
    """The loggers of a run; `config` is the `logger` group, `resolved` the whole configuration as plain values."""
    from src.reporting.csv_logger import CsvLogger

    own = {key: choice for key, choice in (choices or {}).items() if not key.startswith("hydra/")}
    run = LoggedRun(run_dir, resolved, group, job_name, job_type, own)
    chosen = instantiate(config)(run=run)
    return [chosen] if isinstance(chosen, CsvLogger) else [CsvLogger(run), chosen]


def log_results(
    loggers: Sequence[RunLogger],
    evaluations: Sequence[Evaluation],
    heatmaps: Mapping[str, Path],
    averages: Mapping[str, Mapping[str, Any]],
) -> None:
    """Hand the results over to every logger."""
    for logger in loggers:
        for evaluation in evaluations:
            logger.log_results(evaluation, heatmaps.get(evaluation.summary["name"]))
        for summary in averages.values():
            logger.log_average(summary)


def close(loggers: Sequence[RunLogger], exit_code: int) -> None:
    """End every logger, when the run's record has ended."""
    for logger in loggers:
        logger.close(exit_code)
