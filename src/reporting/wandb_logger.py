"""Weights & Biases: a run's configuration, curves, results, language pairs, heat-map and exit status."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytorch_lightning.utilities import rank_zero_only

from src.reporting.folder import RECORD, plain, read_json
from src.reporting.loggers import LoggedRun, RunLogger
from src.reporting.wandb_artifacts import check_level, log_artifacts
from src.reporting.wandb_session import Mode, choose_mode, staging_in, start_run
from src.reporting.wandb_training import named_pairs, pair_table, training_figures

if TYPE_CHECKING:
    import wandb

    from src.evaluation.evaluate import Evaluation

log = logging.getLogger(__name__)


class WandbLogger(RunLogger):
    """One W&B run, on rank zero only; offline inside the run's folder where it cannot be online."""

    def __init__(
        self,
        run: LoggedRun,
        *,
        project: str,
        entity: str | None = None,
        mode: str = "auto",
        tags: Sequence[str] = (),
        artifacts: str = "none",
        init_timeout: float = 10,
        finish_timeout: float = 120,
    ) -> None:
        """`mode`: auto, online, offline or disabled; `artifacts`: none, results or encoder.

        Timeouts in seconds, after which the run stays on disk only.
        """
        super().__init__(run)
        self._artifacts = check_level(artifacts)
        timeouts = {"init_timeout": init_timeout, "finish_timeout": finish_timeout}
        self._run = self._start(choose_mode(mode), timeouts, project=project, entity=entity, tags=list(tags))
        self._url = self._run.url if self._run is not None and not self._run.offline else None

    @rank_zero_only
    def _start(self, mode: Mode, timeouts: dict[str, Any], **names: Any) -> wandb.Run | None:
        if mode == "disabled":
            return None
        started = start_run(self.run, mode, timeouts, **names)
        started.define_metric("*", step_metric="step")
        return started

    @property
    def label(self) -> str:
        """What a person calls it."""
        return "W&B"

    @property
    def destination(self) -> str:
        """The run's page, or the folder that `wandb sync` sends later."""
        return self._url or f"{self.run.folder / 'wandb'} (offline; wandb sync sends it)"

    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """One row of history against the training step."""
        if self._run is not None:
            self._run.log({**metrics, "step": step})

    def log_results(self, evaluation: Evaluation, heatmap: Path | None) -> None:
        """Summary metrics such as `test/xquad_r/multilingual/mAP`, a table of language pairs, and the heat-map."""
        if self._run is None:
            return
        import wandb

        summary = evaluation.summary
        name = summary["name"]
        self._run.summary.update({f"test/{name}/{key}": value for key, value in flat_results(summary).items()})
        columns, rows = pair_rows(summary)
        media: dict[str, Any] = {f"test/{name}/language_pairs": wandb.Table(columns=list(columns), data=list(rows))}
        if heatmap is not None:
            media[f"test/{name}/heatmap"] = wandb.Image(str(heatmap), caption=name)
        with staging_in(self.run.folder / "wandb"):
            self._run.log(media)

    def log_average(self, summary: Mapping[str, Any]) -> None:
        """Summary metrics such as `test/tatoeba/average/score`."""
        if self._run is not None:
            flat = flat_results(summary)
            self._run.summary.update({f"test/{summary['name']}/{key}": value for key, value in flat.items()})

    def close(self, exit_code: int) -> None:
        """Log what was trained on and the artifacts of a run that ended well, and finish.

        An upload that fails leaves all of it on disk and is only warned about.
        """
        if self._run is None:
            return
        import wandb

        folder = self.run.folder
        try:
            if exit_code == 0:
                with staging_in(folder / "wandb"):
                    self._log_training()
                    log_artifacts(self._run, folder, self._artifacts, self.run.group)
            self._run.finish(exit_code=exit_code)
        except wandb.Error as error:
            log.warning("W&B could not finish: %s. The run's data stays in %s.", error, folder / "wandb")
        self._run = None

    def _log_training(self) -> None:
        """Summary figures such as `training/real_tokens`, and a table of the language pairs that were drawn."""
        import wandb

        assert self._run is not None
        record = read_json(self.run.folder / RECORD)
        section = record.get("training")
        if section is None or self.run.job_type != "train":
            return
        figures = training_figures(section, self.run.folder)
        self._run.summary.update({f"training/{name}": value for name, value in figures.items()})
        columns, rows = pair_table(section, record["data"]["languages"])
        self._run.log({"training/language_pairs": wandb.Table(columns=list(columns), data=list(rows))})


def flat_results(summary: Mapping[str, Any]) -> dict[str, float]:
    """`<setting>/<metric>` and `bias/<measure>` of one benchmark's summary, without values that do not exist."""
    groups = {**summary["settings"], "bias": summary["bias"]}
    flat = {f"{group}/{key}": value for group, values in groups.items() for key, value in values.items()}
    return {key: value for key, value in plain(flat).items() if value is not None}


def pair_rows(summary: Mapping[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows of the language-pair table."""
    pairs, named = plain(summary["pairs"]), named_pairs(summary["languages"])
    measures = list(dict.fromkeys(name for values in pairs.values() for name in values))
    rows = [[*named[pair], *map(values.get, measures)] for pair, values in pairs.items()]
    return ["query_language", "candidate_language", *measures], rows
