"""`record.json`: all that makes one run comparable with another, written as the run goes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from src.errors import InputError
from src.reporting.environment import command_line, environment, git_state
from src.reporting.folder import METRICS, RECORD, check_writable, read_json, write_config, write_json
from src.reporting.rank_errors import leave_error, take_error
from src.reporting.settings import config_hash
from src.training.launch import rank_name

ROOT = Path(__file__).resolve().parents[2]


class RunRecord:
    """The record of one run. As a context it ends as finished, failed or interrupted, whatever happens inside.

    Sections added on the way (see `sections.py`): hardware, data, plan, model, training {steps, pairs_seen, ...},
    benchmarks {name: ...}, checkpoint. Only the `writer` (rank zero) touches the disk.
    """

    def __init__(
        self,
        folder: Path,
        config: Mapping[str, Any],
        *,
        overrides: Sequence[str] = (),
        choices: Mapping[str, str] | None = None,
        writer: bool = True,
    ) -> None:
        """`config` is resolved; `choices` are Hydra's group choices, such as {"sampler": "hybrid"}."""
        self.folder, self._config, self._writer = folder, config, writer
        self._clock = time.monotonic()
        self.values: dict[str, Any] = {
            "status": "running",
            "error": None,
            "command": command_line(),
            "overrides": list(overrides),
            "choices": dict(choices or {}),
            "seed": config.get("seed"),
            "config_hash": config_hash(config, folder),
            "folder": str(folder),
            "start": _now(),
            "end": None,
            "wall_seconds": None,
            "environment": environment(),
            "git": git_state(ROOT),
        }

    def update(self, **sections: Any) -> None:
        """Add sections, merging those that are mappings with what is there, and write the file."""
        for name, value in sections.items():
            known = self.values.get(name)
            merge = isinstance(known, Mapping) and isinstance(value, Mapping)
            self.values[name] = {**known, **value} if merge else value  # type: ignore[dict-item]
        self.values["wall_seconds"] = round(time.monotonic() - self._clock, 3)
        if self._writer:
            write_json(self.folder / RECORD, self.values)

    def finish(self, status: str, error: str | None = None) -> None:
        """Close the record with status finished, failed or interrupted."""
        self.update(status=status, error=error, end=_now())

    def __enter__(self) -> RunRecord:
        if self._writer:
            check_writable(self.folder)
            take_error(self.folder)  # of an earlier start
            write_config(self.folder, self._config)
        self.update()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and not self._writer and isinstance(error, Exception):
            leave_error(self.folder, rank_name().removeprefix("rank "), f"{type(error).__name__}: {error}")
        ours = error is None or type(error).__module__.startswith("src.")
        cause = take_error(self.folder) if self._writer and not ours else None
        if error is None:
            self.finish("finished")
        elif cause is not None or isinstance(error, Exception):
            self.finish("failed", cause or f"{type(error).__name__}: {error}")
        else:
            self.finish("interrupted", f"{type(error).__name__}: {error}".removesuffix(": "))


def finished(folder: Path, expected_hash: str, *, shared: bool = False) -> dict[str, Any] | None:
    """Metrics of the job that this folder already holds, if it finished with the same resolved configuration.

    With another one None, or where the folder is `shared` by commands that name it alike, as in a sweep, an InputError.
    """
    if not (folder / RECORD).is_file() or not (folder / METRICS).is_file():
        return None
    try:
        record, metrics = read_json(folder / RECORD), read_json(folder / METRICS)
    except InputError:
        return None
    if record.get("status") != "finished":
        return None
    if record.get("config_hash") == expected_hash:
        return metrics
    if shared:
        raise InputError(
            "this folder holds a finished job of another configuration",
            where=str(folder),
            fix="name another sweep=..., or hydra.sweep.subdir; or delete the folder",
        )
    return None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
