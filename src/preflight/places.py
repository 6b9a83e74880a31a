"""Where a run would write: folders, disks, Weights & Biases. Nothing is made there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from src.errors import InputError
from src.preflight.findings import NotCheckedError
from src.reporting.commands import nearby

WANDB = "src.reporting.wandb_logger.WandbLogger"


def check_place(folder: Path, fix: str) -> tuple[Path, str]:
    """The nearest folder that exists, which must be writable, and words for it."""
    there = existing(folder)
    if not there.is_dir():
        raise InputError("a file is in the way", where=str(there), fix=fix)
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError("the folder cannot be written", where=str(there), fix=fix)
    return there, f"{nearby(folder)} can be written"


def existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())


def check_room(needs: Mapping[Path, int]) -> str:
    """Words for the room that folders need on each disk; InputError where a disk has too little."""
    by_disk: dict[int, tuple[Path, int]] = {}
    for folder, size in needs.items():
        there = existing(folder)
        disk = there.stat().st_dev
        by_disk[disk] = (there, by_disk.get(disk, (there, 0))[1] + size)
    for there, size in by_disk.values():
        free = shutil.disk_usage(there).free
        if size > free:
            raise InputError(
                f"the run writes {gigabytes(size)}, and {gigabytes(free)} are free",
                where=str(there),
                fix="free some, or choose another disk with hydra.run.dir=... and cache_dir=...",
            )
    return "; ".join(
        f"{gigabytes(size)} of {gigabytes(shutil.disk_usage(there).free)} free" for there, size in by_disk.values()
    )


def check_wandb(logger: Mapping[str, Any]) -> tuple[str, str]:
    """What W&B would do, never asking; an explicit online mode without credentials would run offline."""
    if logger.get("_target_") != WANDB:
        raise NotCheckedError("not used: curves go to csv/metrics.csv")
    from src.reporting.wandb_session import choose_mode

    mode = choose_mode(logger["mode"])
    words = {
        "online": f"online, project {logger['project']}: credentials were found, the server was not asked",
        "offline": "offline: the run stays in its folder until `wandb sync`",
        "disabled": "disabled",
    }
    return mode, words[mode]


def gigabytes(size: float) -> str:
    """1.2 GB, or 34 MB where that is less than a tenth."""
    return f"{size / 1e9:,.1f} GB" if size >= 1e8 else f"{size / 1e6:,.1f} MB"
