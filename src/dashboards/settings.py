"""Options of a dashboard, checked before anything is read or sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from src.errors import InputError
from src.options import texts

KINDS = ("workspace", "report", "both")
TEXTS = ("sweep", "title", "entity", "metric")
LONGEST_TITLE = 128


@dataclass(frozen=True)
class Options:
    """What is built, of which runs, and where."""

    folders: tuple[Path, ...]
    sweep: str | None  # W&B's group
    project: str
    entity: str | None
    kind: str
    title: str
    benchmarks: tuple[str, ...]
    metric: str | None
    comparison: Path | None
    timeout: int  # seconds to wait for the server
    dry: bool

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Options:
        """From the configuration; InputError for what is missing or of another kind."""
        for key in TEXTS:
            if values[key] is not None and not (isinstance(values[key], str) and values[key].strip()):
                raise InputError(f"{key} must be a text, got {values[key]!r}", where=key)
        if not isinstance(values["project"], str) or not values["project"].strip():
            raise InputError("which project?", where="project", fix="project=evenhand, as in conf/logger/wandb.yaml")
        if values["kind"] not in KINDS:
            raise InputError(f"kind must be one of {', '.join(KINDS)}, got {values['kind']!r}", where="kind")
        if not isinstance(values["dry"], bool):
            raise InputError(f"dry must be true or false, got {values['dry']!r}", where="dry")
        if not isinstance(values["timeout"], int) or isinstance(values["timeout"], bool) or values["timeout"] < 1:
            raise InputError(f"timeout must be a whole number from 1 on, got {values['timeout']!r}", where="timeout")
        if not isinstance(values["benchmarks"], list) or not values["benchmarks"]:
            raise InputError("benchmarks must be a list of names", where="benchmarks", fix="benchmarks=[xquad_r]")
        folders = tuple(Path(folder) for folder in texts(values["folders"], "folders"))
        sweep = values["sweep"] or _group(folders)
        title = values["title"] or (f"evenhand: {sweep}" if sweep else "evenhand")
        if len(title) > LONGEST_TITLE:
            raise InputError(f"the title is longer than {LONGEST_TITLE} characters", where="title")
        return cls(
            folders,
            sweep,
            values["project"],
            values["entity"],
            values["kind"],
            title,
            tuple(map(str, values["benchmarks"])),
            values["metric"],
            _existing(values["comparison"]),
            values["timeout"],
            values["dry"],
        )


def _group(folders: tuple[Path, ...]) -> str | None:
    """The group that W&B knows a sweep's runs by, which is its folder's name; None for one run, or for several."""
    if len(folders) != 1 or (folders[0] / "record.json").is_file():
        return None
    return folders[0].resolve().name


def _existing(path: Any) -> Path | None:
    if path is None:
        return None
    if not Path(str(path)).is_file():
        raise InputError(
            "no such page",
            where=f"comparison={path}",
            fix="write it with python -m src.compare outputs/<sweep>, then comparison=outputs/<sweep>/comparison.html",
        )
    return Path(str(path))
