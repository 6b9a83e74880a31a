"""Measure how much of a benchmark is in the training data: python -m src.audit dataset=squad benchmark=xquad_r."""

from __future__ import annotations

from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from src.entry import CONF, told_plainly
from src.entry import run as start


@hydra.main(version_base="1.3", config_path=CONF, config_name="audit")
def main(config: DictConfig) -> None:
    """Audit, or say in plain words what is wrong."""
    with told_plainly(config):
        run(config, HydraConfig.get().overrides.task)


def run(config: DictConfig, overrides: list[str]) -> None:
    """Read both, compare, write and print what is found, and stop where it is too much."""
    from hydra.utils import instantiate

    from src.options import ANY, check_options
    from src.reporting.auditing import report_audit
    from src.reporting.closing import console
    from src.reporting.folder import check_writable, resolved, write_json
    from src.zero_shot.audit import audit, check_similarity
    from src.zero_shot.counts import check_limit, check_overlap

    check_options(config, {"examples": ANY, "listed": ANY, "sentences": bool, "cache_dir": str})
    check_similarity(config.similarity)
    check_limit(config.max_overlap)
    folder = check_writable(Path(config.run_dir))
    benchmark = instantiate(config.benchmark)()
    data = instantiate(config.dataset)(Path(config.cache_dir))
    found = audit(data, benchmark, similarity=config.similarity, sentences=config.sentences, listed=config.listed)
    file = folder / "audit.json"
    write_json(file, {**found, "config": resolved(config)})
    report_audit(console(), found, file, examples=config.examples, overrides=overrides)
    check_overlap(found, config.max_overlap)


if __name__ == "__main__":
    start(main)
