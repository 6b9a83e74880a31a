"""Folders that are built once: whole or not at all, whoever is killed and whoever else builds the same."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from src.errors import InputError


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A temporary sibling to write into, renamed to `folder` when the block ends well and removed when it does not."""
    temporary = _sibling(folder)
    try:
        yield temporary
        try:
            os.rename(temporary, folder)
        except OSError:
            if not folder.is_dir():  # otherwise another process built the same folder first: keep that one
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def cached_folder(folder: Path, build: Callable[[Path], object]) -> Path:
    """`folder`, filled by `build` first if it does not exist yet."""
    if not folder.is_dir():
        with new_folder(folder) as temporary:
            build(temporary)
    return folder


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """A block that makes something at a path of the cache; an InputError where it may not."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        what = f"cannot write the cache: {error.strerror}"
        raise InputError(what, where=str(path), fix="choose another cache_dir") from error


def _sibling(folder: Path) -> Path:
    with writing(folder):
        return Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
