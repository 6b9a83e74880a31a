"""What a run was asked to do: its configuration without the places where things lie."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from src.reporting.folder import plain

# Keys (or whole groups) that say where a run lies, how it is shown or how fast it goes, never what it computes.
PLACES = (
    "hydra",
    "logger",
    "name",
    "sweep",
    "run_dir",
    "cache_dir",
    "max_overlap",
    "optimized_metric",
    "encoding.cache_dir",
    "encoding.folder",
    "encoding.on_disk_from",
    "encoding.shard",
    "num_workers",
    "pretokenize",
    "trainer.resume",
    "trainer.resources",
    "trainer.started_by",
    "callbacks.progress_bar",
)


def settings(config: Mapping[str, Any], folder: Path | str, ignore: Sequence[str] = ()) -> dict[str, Any]:
    """Dotted key -> value, without places and `ignore`d keys; the run's own folder is written `<run>`.

    >>> settings({"seed": 1, "sampler": {"alpha": 0.5}, "logger": {"mode": "auto"}}, "outputs/1")
    {'seed': 1, 'sampler.alpha': 0.5}
    """
    dropped = {*PLACES, *ignore}
    return {
        key: value.replace(str(folder), "<run>") if isinstance(value, str) else value
        for key, value in _flat(plain(config))
        if not any(key == drop or key.startswith(f"{drop}.") for drop in dropped)
    }


def _flat(config: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in config.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", json.dumps(value) if isinstance(value, (list, dict)) else value


def config_hash(config: Mapping[str, Any], folder: Path | str) -> str:
    """Hash of all that decides a run's result, seed included: equal hash, same job."""
    text = json.dumps(settings(config, folder), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
