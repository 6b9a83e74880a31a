"""A run's folder: files that are written whole or not at all."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from src.errors import InputError

RECORD, METRICS, CONFIG, PER_QUERY = "record.json", "metrics.json", "config.yaml", "per_query.parquet"


OUTPUT_FIX = "choose another folder with hydra.run.dir=... (hydra.sweep.dir=... for a sweep), or free this one"


def check_writable(folder: Path, what: str = "output", fix: str = OUTPUT_FIX) -> Path:
    """The folder, created; InputError where it cannot be written."""
    probe = folder / f".writable-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"The {what} folder cannot be written: {reason}.", where=str(folder), fix=fix) from error
    return folder


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, which takes its name when the block ends well and vanishes when it does not."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def plain(value: Any) -> Any:
    """The value as JSON knows it: numpy scalars and arrays unpacked, NaN and infinity as null, all else as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(plain(value), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; InputError names the file, and the line where it is malformed."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise InputError(f"Malformed JSON: {error.msg}.", where=f"{path}, line {error.lineno}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"Not UTF-8: {error.reason}.", where=str(path)) from error
    if not isinstance(value, dict):
        raise InputError("Not a JSON object.", where=str(path))
    return value


def resolved(config: DictConfig) -> dict[str, Any]:
    """A configuration as plain values, every interpolation resolved."""
    return {str(key): value for key, value in OmegaConf.to_container(config, resolve=True).items()}  # type: ignore[union-attr]


def write_config(folder: Path, config: Mapping[str, Any]) -> None:
    """Write `config.yaml` from plain values (see `resolved`)."""
    with replacing(folder / CONFIG) as temporary:
        OmegaConf.save(OmegaConf.create(plain(config)), temporary)


def read_config(folder: Path) -> dict[str, Any]:
    """The `config.yaml` of a run; InputError names it where it is malformed."""
    path = folder / CONFIG
    try:
        config = OmegaConf.to_container(OmegaConf.load(path))
    except (OSError, UnicodeDecodeError, YAMLError, OmegaConfBaseException) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"Malformed YAML: {reason}.", where=str(path)) from error
    if not isinstance(config, dict) or not config:
        raise InputError("No settings in it.", where=str(path))
    return {str(key): value for key, value in config.items()}
