"""Train a multilingual retriever and score it: python -m src.train sampler=hybrid model=labse."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import hydra
from omegaconf import DictConfig

from src.entry import CONF, run

if TYPE_CHECKING:
    from src.job import Job
    from src.training.assembly import Parts
    from src.training.fit import Fitted
    from src.training.resume import Start


@hydra.main(version_base="1.3", config_path=CONF, config_name="train")
def main(config: DictConfig) -> float | None:
    """Run one job; a sweeper optimises what it returns."""
    from src.job import optimized, run_job

    return optimized(run_job(train, config, "train"), config.optimized_metric)


def train(config: DictConfig, job: Job) -> None:
    """Train, choose a checkpoint, save it and score it."""
    from hydra.utils import instantiate

    from src.evaluation.debiasing import debias_section, prepare
    from src.evaluation.dimensions import sizes_of
    from src.evaluation.evaluate import evaluate_all
    from src.reporting.settings import settings
    from src.training.assembly import assemble
    from src.training.fit import fit
    from src.training.launch import is_rank_zero
    from src.training.resume import find_start
    from src.zero_shot.in_run import overlap_of_run

    _check(config)
    start = find_start(config.trainer.resume, job.folder / "checkpoints", settings(job.values, job.folder))
    method = instantiate(config.get("debias"))
    parts = assemble(config)
    encoder = parts.encoder
    sizes = sizes_of(encoder, config.dimensions, parts.scoring["search"])
    debiasing = method and prepare(method, parts.benchmark, parts.data)
    overlap = overlap_of_run(parts.data, parts.benchmark, Path(config.cache_dir), config.max_overlap)
    job.record.update(overlap=overlap, **_made_of(parts, start))
    if is_rank_zero():
        encoder.save_structure(job.folder / "encoder")
    fitted = fit(config, parts, job.folder, job.loggers, start)
    job.record.update(**_came_to(parts, fitted))
    if debiasing:
        job.record.update(debias=debias_section(debiasing.fit(encoder, parts.scoring["encoding"])))
    if is_rank_zero():
        encoder.save(job.folder / "encoder")
    runs = job.folder if config.save_run else None
    evaluations = evaluate_all(encoder, parts.benchmark, runs=runs, dimensions=sizes, **parts.scoring)
    job.save(evaluations, parts.benchmark)


def _check(config: DictConfig) -> None:
    """What can be wrong before anything is read."""
    from src.evaluation.dimensions import check_dimensions
    from src.reporting.folder import check_writable
    from src.training.outside import check_started
    from src.training.trainer import check_split
    from src.zero_shot.counts import check_limit

    check_limit(config.max_overlap)
    check_dimensions(config.dimensions)
    check_started(config.trainer.started_by, config.trainer.num_nodes)
    check_split(config)
    check_writable(Path(config.cache_dir), "cache", fix="choose another with cache_dir=...")


def _made_of(parts: Parts, start: Start) -> dict[str, Any]:
    """The record's sections as training starts."""
    from src.reporting.sections import data_section, model_section

    model, settings = parts.encoder, parts.encoder.settings
    sections = {
        "data": data_section(parts.data),
        "model": model_section(settings.name, model, model.dimension, settings.matryoshka_dimensions),
    }
    if start.checkpoint:
        sections["resumed"] = {"checkpoint": str(start.checkpoint), "step": start.step}
    if parts.held_out is not None and parts.held_out is not parts.data:
        sections["validation_data"] = data_section(parts.held_out)
    return sections


def _came_to(parts: Parts, fitted: Fitted) -> dict[str, Any]:
    """The record's sections as training ends."""
    from src.reporting.environment import hardware
    from src.reporting.sections import plan_section, training_section

    return {
        "hardware": hardware(*fitted.hardware),
        "checkpoint": fitted.checkpoint,
        "plan": plan_section(parts.strategy, fitted.steps, parts.data.train),
        "training": training_section(fitted.steps, fitted.telemetry, parts.data.train.languages),
    }


if __name__ == "__main__":
    run(main)
