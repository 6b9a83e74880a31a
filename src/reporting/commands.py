"""Words of commands that a person copies."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from src.training.outside import SRUN, outside


def python() -> str:
    """The interpreter as a person can type it: `python`, or its path where that would be another one."""
    found, own = shutil.which("python"), Path(sys.executable)
    return "python" if found and Path(found).parent == own.parent else str(nearby(own))


def starting() -> list[str]:
    """What stands before a module's name to start it as this process was: `python -m`, or ranks from outside."""
    ranks = outside()
    if ranks is None or ranks.size == 1:
        return [python(), "-m"]
    if ranks.by == SRUN:
        return ["srun", python(), "-m"]
    nodes = [f"--nnodes={ranks.nodes}", "--rdzv-backend=c10d", "--rdzv-endpoint=HOST:29500"]
    return ["torchrun", *(nodes if ranks.nodes > 1 else []), f"--nproc-per-node={ranks.size // ranks.nodes}", "-m"]


def nearby(path: Path) -> Path:
    """The path as a person would type it: relative where it lies below the working directory."""
    return path.relative_to(Path.cwd()) if path.is_absolute() and path.is_relative_to(Path.cwd()) else path


def override(key: str, path: Path) -> str:
    """`key=path`, quoted where the path holds what means something in Hydra's grammar (a sweep's folders do)."""
    if re.fullmatch(r"[\w./+:@-]+", str(path), re.ASCII):
        return f"{key}={path}"
    escaped = str(path).replace("\\", "\\\\").replace("'", "\\'")
    return f"{key}='{escaped}'"
