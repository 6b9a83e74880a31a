"""Checkpoint files that are there whole or not at all, and whether one still is what was written."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from lightning_fabric.plugins import TorchCheckpointIO

from src.encoder.restore import read_checkpoint
from src.errors import InputError

PARTIAL = ".partial"  # ending of a file that is being written


class WholeFiles(TorchCheckpointIO):
    """Writes beside the file, to the disk itself, and then renames: a kill or a full disk leaves what was there.

    Lightning's own goes by way of the memory and the system's folder for temporary files; from there to another disk a
    file is copied, under its final name.
    """

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Write one file; InputError where the disk refuses it."""
        target = Path(path)
        partial = target.with_name(f".{target.name}{PARTIAL}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                torch.save(checkpoint, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, target)
        except (OSError, RuntimeError) as error:
            partial.unlink(missing_ok=True)
            reason = next((each for each in _chain(error) if isinstance(each, OSError)), None)
            if reason is None:
                raise
            raise _not_written(target, reason) from error


def remove_partial(folder: Path) -> None:
    """Delete what a killed run was writing."""
    for path in folder.glob(f".*{PARTIAL}"):
        path.unlink(missing_ok=True)


def read_whole(checkpoint: Path, where: str) -> dict[str, Any]:
    """What a checkpoint holds; InputError if it cannot be read or a byte of it has changed since it was written."""
    held = read_checkpoint(checkpoint, where)
    try:
        with zipfile.ZipFile(checkpoint) as archive:
            damaged = archive.testzip()  # by their checksums, which torch.load does not look at
    except (zipfile.BadZipFile, OSError) as error:
        damaged = str(error)
    if damaged:
        raise InputError(f"the checkpoint is damaged ({damaged})", where=f"{where}={checkpoint}")
    return held


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came from: torch reports a failed write as an error of its own."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _not_written(target: Path, reason: OSError) -> InputError:
    kept = sorted(path.name for path in target.parent.glob("*.ckpt"))
    return InputError(
        f"the checkpoint cannot be written: {reason.strerror or reason}",
        where=str(target),
        fix=f"free some space, and go on with trainer.resume=auto; kept: {', '.join(kept)}"
        if kept
        else "free some space, or choose another folder with hydra.run.dir=...; no checkpoint was there yet",
    )
