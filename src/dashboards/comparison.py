"""The page of a comparison on W&B, beside the results that it compares."""

from __future__ import annotations

from pathlib import Path

from src.comparing.runs import find_runs
from src.dashboards.settings import Options
from src.errors import InputError
from src.reporting.folder import check_writable
from src.reporting.loggers import LoggedRun
from src.reporting.wandb_artifacts import artifact_name, results_artifact, use
from src.reporting.wandb_session import choose_mode, staging_in, start_run


def log_comparison(options: Options, page: Path) -> str:
    """Log the page as an artifact of type `report`, as made from its runs' results; returns where it is.

    It goes the way of any run: online, or into `wandb/` beside the page, to be sent with `wandb sync`.
    """
    import wandb

    mode = choose_mode("auto")
    if mode == "disabled":
        raise InputError(
            "W&B is switched off: nothing can be logged", where="WANDB_MODE", fix="unset it, or leave comparison out"
        )
    check_writable(page.parent, "page's", fix="copy the page to a folder of your own")
    runs, _ = find_runs(options.folders or [page.parent])
    name = options.sweep or page.resolve().parent.name
    logged = LoggedRun(page.parent, {}, options.sweep, f"comparison {name}", "compare")
    run = start_run(logged, mode, {}, project=options.project, entity=options.entity)
    with staging_in(page.parent / "wandb"):
        for each in runs:
            use(run, results_artifact(each.folder))
        artifact = wandb.Artifact(artifact_name("comparison", name), "report", metadata={"runs": len(runs)})
        artifact.add_file(str(page), page.name, skip_cache=True)
        run.log_artifact(artifact)
    place = run.url if not run.offline else f"{page.parent / 'wandb'} (offline; wandb sync sends it)"
    run.finish()
    return str(place)
