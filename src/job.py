"""One job of an entry point: its folder, record, loggers, errors in plain words, and the report at its end."""

from __future__ import annotations

import logging
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.core.hydra_config import HydraConfig
from hydra.errors import CompactHydraException
from hydra.types import RunMode
from omegaconf import DictConfig

from src.errors import BAD_INPUT, FAILED, INTERRUPTED, InputError
from src.evaluation.dimensions import averages_at_each_size, is_whole
from src.options import BOUNDS, as_input_error, check_options
from src.reporting.closing import console, footnotes, next_evaluations, next_steps, report_run
from src.reporting.commands import nearby, override, python, starting
from src.reporting.folder import resolved
from src.reporting.loggers import build_loggers, close, log_results
from src.reporting.record import RunRecord, finished
from src.reporting.results import save_results
from src.reporting.sections import benchmark_section
from src.reporting.settings import config_hash
from src.training.last_checkpoint import Interrupted
from src.training.launch import is_rank_zero, job_ranks
from src.training.nonfinite import NonFiniteLossError
from src.training.signals import Stopped, stopping

if TYPE_CHECKING:
    from src.evaluation.benchmark import Benchmark
    from src.evaluation.evaluate import Evaluation
    from src.evaluation.suite import Suite
    from src.reporting.loggers import RunLogger

log = logging.getLogger(__name__)

Metrics = Mapping[str, Mapping[str, Any]]  # benchmark -> summary


class JobFailedError(CompactHydraException):
    """A job of a sweep failed, and has said why; Hydra goes on with the others and says it again at the end."""


def run_job(work: Callable[[DictConfig, Job], None], config: DictConfig, job_type: str) -> Metrics:
    """Do the work of one job inside its folder, or return what the folder says it found when it was done before."""
    job = Job(config, job_type)
    try:
        known = finished(job.folder, config_hash(job.values, job.folder), shared=job.sweep is not None)
        if known is not None:
            log.info("already finished, not run again: %s", job.folder)
            return known
        with stopping(), job_ranks(f"src.{job_type}"):
            return job.run(work)
    except (InputError, NonFiniteLossError) as error:
        log.error("%s: %s", "error" if isinstance(error, InputError) else "stopped", error)
        if job.sweep:
            raise JobFailedError(str(error)) from error
        sys.exit(BAD_INPUT if isinstance(error, InputError) else FAILED)
    except (Interrupted, Stopped, KeyboardInterrupt) as stop:
        again = job.command(*(["trainer.resume=auto"] if job_type == "train" else []))
        log.warning("%s\ngo on with: %s", str(stop) or "stopped", again)
        sys.exit(INTERRUPTED)


@contextmanager
def _plain_errors(config: DictConfig) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        mistake = as_input_error(error, config)
        if mistake is None:
            raise
        raise mistake from None


def optimized(metrics: Metrics, metric: str | None) -> float | None:
    """The value of `<setting>/<metric>` on the run's benchmark, for a sweeper; None if no metric is named."""
    if metric is None:
        return None
    setting, name = metric.split("/")
    summary = [each for each in metrics.values() if is_whole(each)][-1]  # a suite comes after its members
    return summary["settings"][setting][name]


class Job:
    """What an entry point's work is given: where to write, what to record, whom to log to."""

    def __init__(self, config: DictConfig, job_type: str) -> None:
        self.config, self.type = config, job_type
        self.values = resolved(config)
        self.folder = Path(self.values["run_dir"])
        self.loggers: list[RunLogger] = []
        hydra = HydraConfig.get() if HydraConfig.initialized() else None
        self.overrides = list(hydra.overrides.task) if hydra else []
        self.choices = {str(group): str(choice) for group, choice in hydra.runtime.choices.items()} if hydra else {}
        self.sweep = Path(hydra.sweep.dir) if hydra and hydra.mode == RunMode.MULTIRUN else None
        self.record = RunRecord(
            self.folder, self.values, overrides=self.overrides, choices=self.choices, writer=is_rank_zero()
        )
        self._evaluations: list[Evaluation] = []
        self._averages: dict[str, dict[str, Any]] = {}  # of suites
        self._heatmaps: dict[str, Path] = {}

    def run(self, work: Callable[[DictConfig, Job], None]) -> Metrics:
        """Record and log the work whatever happens in it; the results appear when it has ended well."""
        exit_code = FAILED
        try:
            with self.record, _plain_errors(self.config):
                check_options(self.config, BOUNDS[self.type])
                self.loggers = self._build_loggers()
                work(self.config, self)
                log_results(self.loggers, self._evaluations, self._heatmaps, self._averages)
            exit_code = 0
        except (Interrupted, Stopped, KeyboardInterrupt):
            exit_code = INTERRUPTED
            raise
        finally:
            close(self.loggers, exit_code)  # after the record has ended: it may be among what is sent
        self._tell()
        return self._summaries()

    def save(self, evaluations: Sequence[Evaluation], scored: Benchmark | Suite) -> None:
        """Write the results on what was scored into the folder and the record."""
        self._evaluations = list(evaluations)
        self._averages = averages_at_each_size(scored, [each.summary for each in evaluations])
        if is_rank_zero():
            self._heatmaps = save_results(self.folder, evaluations, self._averages)
        self.record.update(benchmarks={each.benchmark.name: benchmark_section(each.benchmark) for each in evaluations})

    def command(self, *more: str) -> str:
        """The command that runs this job again in its folder."""
        words = [word for word in self.overrides if not word.startswith(("hydra.run.dir=", *more))]
        where = override("hydra.run.dir", nearby(self.folder))
        return shlex.join([*starting(), f"src.{self.type}", *words, where, *more])

    def _build_loggers(self) -> list[RunLogger]:
        group = self.sweep.name if self.sweep else None
        name = f"{self.values['name']} seed={self.values['seed']}"
        return build_loggers(self.config.logger, self.folder, self.values, group, name, self.type, self.choices)

    def _summaries(self) -> dict[str, dict[str, Any]]:
        """By benchmark, and then by suite."""
        return {each.summary["name"]: each.summary for each in self._evaluations} | self._averages

    def _tell(self) -> None:
        if not is_rank_zero():
            return
        notes = footnotes(
            generated_data="cldr_facts" in (self.choices.get("dataset"), self.choices.get("benchmark")),
            pretrained=self.choices.get("model") != "tiny",
        )
        folder = nearby(self.folder)
        saved = {
            "everything": f"{folder}",
            "results": f"{folder / 'metrics.json'}",
            "heat-map": ", ".join(str(nearby(path)) for path in self._heatmaps.values()),
            **{logger.label: logger.destination for logger in self.loggers},
        }
        report_run(
            console(),
            self._summaries(),
            saved={what: where for what, where in saved.items() if where},
            steps={what: f"{python()}{command.removeprefix('python')}" for what, command in self._next().items()},
            notes=notes,
        )

    def _next(self) -> dict[str, str]:
        sweep, benchmark = self.sweep and nearby(self.sweep), self.choices.get("benchmark", "")
        if self.type == "train":
            return next_steps(nearby(self.folder), benchmark=benchmark, sweep=sweep, overrides=self.overrides)
        return next_evaluations(benchmark=benchmark, sweep=sweep, overrides=self.overrides)
