"""What became of each job of a sweep, noted beside the sweep by the job itself, on whatever machine it runs."""

from __future__ import annotations

import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from hydra.errors import CompactHydraException
from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from src.reporting.folder import RECORD, write_json
from src.training.launch import is_rank_zero

if TYPE_CHECKING:
    from hydra.core.utils import JobReturn

NOTES = ".jobs"  # in a sweep's folder: one folder a start of the sweep, one file a job
FINISHED, SKIPPED, FAILED, INTERRUPTED, NO_END = "finished", "skipped", "failed", "interrupted", "unfinished"
GOOD = (FINISHED, SKIPPED)  # what has finished before is skipped


@dataclass(frozen=True)
class SweptJob:
    """One job of a sweep."""

    number: int
    swept: str  # what sets it apart from the others, as it was typed
    folder: str
    status: str
    error: str | None = None  # its first line
    seconds: float | None = None
    metric: str | None = None  # setting/metric, such as multilingual/mAP
    value: float | None = None


class NoteJobs(Callback):
    """Notes the start and the end of every job of a sweep.

    Hydra hands its callbacks to the processes of every launcher as they are: there this one knows where to write.
    """

    started: ClassVar[list[Path]] = []  # notes of the sweeps that this process has started

    def __init__(self) -> None:
        self.notes: Path | None = None
        self._record = 0.0

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Choose where this start of the sweep is noted."""
        stamp = f"{time.strftime('%Y-%m-%d_%H-%M-%S')}_{os.getpid()}"
        self.notes = Path(config.hydra.sweep.dir).absolute() / NOTES / stamp
        self.started.append(self.notes)

    def on_job_start(self, config: DictConfig, **_: Any) -> None:
        """A job that does not get further than this was killed."""
        if self.notes is not None and is_rank_zero():
            self._record = _changed(_folder(config) / RECORD)
            self._note(config, NO_END, "killed, or still running")

    def on_job_end(self, config: DictConfig, job_return: JobReturn, **_: Any) -> None:
        """Ended well, had ended well before, or failed."""
        if self.notes is None or not is_rank_zero():
            return
        error = job_return._return_value  # the property would raise it
        if isinstance(error, Exception):
            named = "" if isinstance(error, CompactHydraException) else f"{type(error).__name__}: "
            self._note(config, FAILED, f"{named}{error}".splitlines()[0])
        else:
            self._note(config, FINISHED if _changed(_folder(config) / RECORD) != self._record else SKIPPED)

    def _note(self, config: DictConfig, status: str, error: str | None = None) -> None:
        assert self.notes is not None
        self.notes.mkdir(parents=True, exist_ok=True)
        number, metric = int(config.hydra.job.num), config.get("optimized_metric")
        job = SweptJob(number, _swept(config), str(_folder(config)), status, error, metric=metric)
        write_json(self.notes / f"{number}.json", asdict(job))


def _swept(config: DictConfig) -> str:
    shared = set(config.hydra.job.config.override_dirname.exclude_keys)
    return " ".join(word for word in config.hydra.overrides.task if word.split("=")[0].lstrip("+~") not in shared)


def _folder(config: DictConfig) -> Path:
    return Path(config.hydra.runtime.output_dir)


def _changed(path: Path) -> float:
    return path.stat().st_mtime_ns if path.is_file() else 0.0
