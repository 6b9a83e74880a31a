"""Saving a dashboard on W&B's server."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from src.dashboards.build import build_report, build_workspace
from src.dashboards.layout import Section
from src.dashboards.names import Names
from src.dashboards.settings import Options
from src.errors import InputError
from src.reporting.wandb_session import choose_mode

if TYPE_CHECKING:
    import wandb

LOG_IN = "wandb login, or set WANDB_API_KEY (and WANDB_BASE_URL for a server of your own)"
SEND_RUNS = "runs that were offline are sent first: wandb sync outputs/<sweep>/*/wandb/offline-*"


def check_reachable() -> None:
    """InputError where no server can be asked; nothing is sent to find out."""
    mode = os.environ.get("WANDB_MODE")
    if mode in ("offline", "disabled"):
        raise InputError(
            f"nothing but this plan was made: WANDB_MODE={mode}", where="WANDB_MODE", fix=f"unset it; {SEND_RUNS}"
        )
    if choose_mode("auto") != "online":
        what = "nothing but this plan was made: there are no credentials for W&B"
        raise InputError(what, where="W&B", fix=f"{LOG_IN}; {SEND_RUNS}")


def save(options: Options, names: Names, sections: Sequence[Section]) -> dict[str, str]:
    """Save what was asked for; kind -> address. InputError where the server does not answer, or refuses."""
    import wandb

    try:
        entity = options.entity or _default_entity(wandb.Api(timeout=options.timeout))
        return _saved(options, entity, names, sections)
    except InputError:
        raise
    except Exception as error:  # the library raises plain exceptions, and others for each transport
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise InputError(
            f"W&B did not take it: {reason}",
            where=f"{options.entity or 'default entity'}/{options.project}",
            fix=f"check project=... and entity=... (a project exists from its first run on); {LOG_IN}",
        ) from error


def _saved(options: Options, entity: str, names: Names, sections: Sequence[Section]) -> dict[str, str]:
    places = {}
    if options.kind in ("workspace", "both"):
        places["workspace"] = str(build_workspace(options, entity, names, sections).save().url)
    if options.kind in ("report", "both"):
        places["report"] = str(build_report(options, entity, names, sections).save().url)
    return places


def _default_entity(api: wandb.Api) -> str:
    entity = api.default_entity
    if not entity:
        raise InputError("this account has no default entity", where="entity", fix="entity=<user or team>")
    return entity
