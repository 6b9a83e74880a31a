"""Where a run's curves and results are sent while it goes: always CSV, and what `logger=` names beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
        """End the run with its exit status."""


def build_loggers(
    config: DictConfig,
    run_dir: Path,
    resolved: Mapping[str, Any],
    group: str | None,
    job_name: str,
    job_type: str = "train",
) -> list[RunLogger]:
    """The loggers of a run; `config` is the `logger` group, `resolved` the whole configuration as plain values."""
    from src.reporting.csv_logger import CsvLogger

    run = LoggedRun(run_dir, resolved, group, job_name, job_type)
    chosen = instantiate(config)(run=run)
    return [chosen] if isinstance(chosen, CsvLogger) else [CsvLogger(run), chosen]


def finish(
    loggers: Sequence[Logger],
    evaluations: Sequence[Evaluation],
    exit_code: int,
    heatmaps: Mapping[str, Path] | None = None,
    averages: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Hand over the results and close every logger; for a `finally`, with no evaluations when the run failed."""
    for logger in loggers:
        if isinstance(logger, RunLogger):
            for evaluation in evaluations:
                logger.log_results(evaluation, (heatmaps or {}).get(evaluation.summary["name"]))
            for summary in (averages or {}).values():
                logger.log_average(summary)
            logger.close(exit_code)
