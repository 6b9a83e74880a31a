"""A user's own data: JSON lines, parallel by concept id, with hard negatives where there are any."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from src.data.jsonl_collection import Collection
from src.data.jsonl_format import find_files, read_lines
from src.data.training_data import TrainingData
from src.data.training_files import read_cached, source_path
from src.errors import InputError

VERSION = 1  # raise it when the same files come to be read differently


def read(
    cache_dir: Path,
    *,
    name: str,
    folder: str | Path | None = None,
    languages: Sequence[str] | None = None,
    validation_fraction: float = 0.1,
) -> TrainingData:
    """Concepts by `id`, from a file or from all .jsonl files of a folder as if they were one."""
    paths = find_files(source_path(folder, "jsonl"))
    wanted = None if languages is None else list(languages)
    settings = {"languages": wanted, "validation_fraction": validation_fraction}
    sources = {os.path.relpath(path, paths[0].parent): path for path in paths}
    build = partial(_build, name=name, paths=paths, wanted=wanted, validation_fraction=validation_fraction)
    return read_cached(Path(cache_dir), f"jsonl {VERSION}", name, settings, sources, build)


def _build(
    folder: Path, name: str, paths: Sequence[Path], wanted: Sequence[str] | None, validation_fraction: float
) -> None:
    collection = Collection()
    for path in paths:
        for line in read_lines(path):
            collection.add(line)
    collection.check()
    languages = _choose(wanted, collection.languages)
    collection.pairs(languages, name, validation_fraction).write(folder)


def _choose(wanted: Sequence[str] | None, found: Sequence[str]) -> Sequence[str]:
    if not found:
        raise InputError("the files hold no line", where="dataset.folder", fix="supply at least one concept")
    if wanted is None:
        return found
    missing = [str(language) for language in wanted if language not in found]
    if missing or not wanted or len(set(wanted)) != len(wanted):
        raise InputError(
            f"languages {list(wanted)} are not among those found: {', '.join(found)}",
            where="dataset.languages",
            fix='name each once, as the lines write it (YAML reads a bare no as false, so quote "no")',
        )
    return wanted
