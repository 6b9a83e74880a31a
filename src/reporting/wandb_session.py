"""Starting a W&B run: never asks, never stops the run, sends nothing that the project did not choose to log."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from src.errors import InputError
from src.reporting.folder import plain
from src.reporting.loggers import LoggedRun

if TYPE_CHECKING:
    import wandb

log = logging.getLogger(__name__)
Mode = Literal["online", "offline", "disabled"]
MODES = ("auto", "online", "offline", "disabled")
QUIET: dict[str, Any] = {
    "silent": True,
    "console": "off",
    "host": "",  # empty, or W&B fills in the machine's name
    "symlink": False,
    # The run's own record has the commit, the versions and the hardware; these would send more than a person chose to.
    "save_code": False,
    "disable_code": True,
    "disable_git": True,
    "x_disable_meta": True,
    "x_disable_machine_info": True,
    "x_disable_stats": True,
    "x_save_requirements": False,
}


def choose_mode(requested: str) -> Mode:
    """As asked; `auto` is as WANDB_MODE says, else online where credentials exist, else offline."""
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")  # or W&B's client reports on itself, offline too
    if os.environ.get("WANDB_MODE") == "":
        del os.environ["WANDB_MODE"]  # as unset; W&B itself stumbles over it
    variable = os.environ.get("WANDB_MODE", "auto")
    for where, mode in {"logger.mode": requested, "WANDB_MODE": variable}.items():
        if mode not in MODES:
            raise InputError(f"Unknown mode {mode!r}.", where=where, fix=f"use one of {', '.join(MODES)}")
    asked = variable if requested == "auto" else requested
    if asked in ("offline", "disabled"):
        return cast(Mode, asked)
    if has_credentials():
        return "online"
    if asked != "auto":
        log.warning("W&B was asked to be online and found no credentials: offline. Log in with: wandb login")
    return "offline"


def has_credentials() -> bool:
    """Whether W&B could log in without asking: an API key, a token file, or the host's entry in netrc."""
    import wandb

    wandb.setup(wandb.Settings(silent=True, mode="online"))  # or WANDB_MODE would answer for the credentials
    try:
        return wandb.login(prompt=False, verify=False)
    except wandb.Error as error:
        log.warning("W&B's credentials are not usable: %s", error)
        return False


def start_run(run: LoggedRun, mode: Mode, timeouts: dict[str, Any], **names: Any) -> wandb.Run:
    """Start the run; a server that does not answer in time is warned about, and the run goes on offline."""
    import wandb

    config = {**plain(run.config), "choices": dict(run.choices)}
    known = {"name": run.name, "group": run.group, "job_type": run.job_type, "config": config, **names}

    def start(mode: Mode) -> wandb.Run:
        settings = wandb.Settings(**QUIET, **timeouts)
        return wandb.init(dir=str(run.folder), mode=mode, settings=settings, reinit="create_new", **known)

    try:
        return start(mode)
    except wandb.Error as error:
        if mode == "offline":
            raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        log.warning("W&B is offline for this run: %s. Send it later: wandb sync %s/wandb/offline-*", reason, run.folder)
        return start("offline")


@contextmanager
def staging_in(folder: Path) -> Iterator[None]:
    """Keep the copies of tables that W&B sends later in the run's folder, not in the user's home."""
    before = os.environ.get("WANDB_DATA_DIR")
    os.environ["WANDB_DATA_DIR"] = before or str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["WANDB_DATA_DIR"]
