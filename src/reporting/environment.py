"""What a run ran on: versions, commit, command, hardware. Never a host's name."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    "evenhand",
    "torch",
    "pytorch-lightning",
    "transformers",
    "tokenizers",
    "hydra-core",
    "omegaconf",
    "torchmetrics",
    "numpy",
    "pyarrow",
    "faiss-cpu",
    "babel",
    "wandb",
)


def environment() -> dict[str, str | None]:
    """Versions of Python, of the platform and of the packages that decide results; null where not installed."""
    system = f"{platform.system()} {platform.machine()}"
    return {"python": platform.python_version(), "platform": system} | {name: _version(name) for name in PACKAGES}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def git_state(root: Path) -> dict[str, Any]:
    """Commit of the code and whether tracked files were changed since; nulls without git or outside a repository."""
    commit = _git(root, "rev-parse", "HEAD")
    changed = _git(root, "status", "--porcelain", "--untracked-files=no") if commit else None
    return {"commit": commit, "dirty": None if changed is None else bool(changed)}


def _git(root: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(root), *arguments]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def command_line() -> str:
    """The command as typed, ready to be pasted again."""
    return shlex.join(["python", *sys.orig_argv[1:]])


def hardware(accelerator: str, devices: int) -> dict[str, Any]:
    """Devices of the run, names of the GPUs it uses, CPU cores and threads."""
    import torch

    gpus = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())] if accelerator == "cuda" else []
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "accelerator": accelerator,
        "devices": devices,
        "gpus": gpus,
        "cores": cores,
        "threads": torch.get_num_threads(),
    }
