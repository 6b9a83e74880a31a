"""The folder of an export: written beside its place, and put there whole once it has passed its checks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from src.errors import InputError
from src.reporting.folder import CONFIG, METRICS, RECORD

RUN, CARD, EXPORT = "run", "README.md", "export.json"


def check_free(folder: Path) -> Path:
    """InputError where the folder holds anything, which an export would mix with its own."""
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError("the folder is not empty", where=str(folder), fix="choose another with hydra.run.dir=...")
    return folder


@contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """A folder to write into, which takes the place of the empty `folder` when the block ends well."""
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}")
    temporary.mkdir(parents=True)
    try:
        yield temporary
        if folder.is_dir():
            folder.rmdir()
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def copy_run(run: Path, folder: Path) -> None:
    """Copy the run's record, configuration and results, without the paths of this machine's user."""
    (folder / RUN).mkdir()
    for name in (RECORD, CONFIG, METRICS):
        if (run / name).is_file():
            text = (run / name).read_text(encoding="utf-8")
            (folder / RUN / name).write_text(without_places(text), encoding="utf-8")


def without_places(text: str) -> str:
    """A text for others: paths from the working directory, and from `~`."""
    here, home = f"{Path.cwd()}{os.sep}", str(Path.home())
    return text.replace(here, "").replace(home, "~") if len(home) > 1 else text.replace(here, "")
