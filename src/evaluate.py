"""Score a trained run, or any encoder untrained: python -m src.evaluate checkpoint=outputs/<run> benchmark=xquad_r."""

from __future__ import annotations

from typing import TYPE_CHECKING

import hydra
from omegaconf import DictConfig

from src.entry import CONF, run

if TYPE_CHECKING:
    from src.job import Job


@hydra.main(version_base="1.3", config_path=CONF, config_name="evaluate")
def main(config: DictConfig) -> None:
    """Run one job."""
    from src.job import run_job

    run_job(score, config, "evaluate")


def score(config: DictConfig, job: Job) -> None:
    """Load the encoder, then the benchmark, which takes longer, and score."""
    from hydra.utils import instantiate

    from src.encoder.chosen import load_encoder
    from src.evaluation.debiasing import debias_section, prepare
    from src.evaluation.dimensions import check_dimensions, sizes_of
    from src.evaluation.evaluate import evaluate_all
    from src.evaluation.joining import join
    from src.evaluation.parallel import place
    from src.reporting.environment import hardware
    from src.reporting.sections import model_section

    check_dimensions(config.dimensions)
    join(config.device)
    search, encoding, method = (instantiate(config.get(group)) for group in ("search", "encoding", "debias"))
    encoder = load_encoder(config)
    benchmark = instantiate(config.benchmark)()
    debiasing = method and prepare(method, benchmark)
    sizes = sizes_of(encoder, config.dimensions, search)
    if debiasing:
        debiasing.fit(encoder, encoding)
    job.record.update(
        hardware=hardware(next(encoder.parameters()).device.type, place()[1]),
        model={
            **model_section(encoder.settings.name, encoder, encoder.dimension, encoder.settings.matryoshka_dimensions),
            "checkpoint": config.checkpoint,
        },
    )
    if encoder.debias is not None:
        job.record.update(debias=debias_section(encoder.debias))
    evaluations = evaluate_all(
        encoder,
        benchmark,
        search=search,
        encoding=encoding,
        dimensions=sizes,
        runs=job.folder if config.save_run else None,
    )
    job.save(evaluations, benchmark)


if __name__ == "__main__":
    run(main)
