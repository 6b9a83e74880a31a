"""Score any tool's TREC run: python -m src.rescore run=run.trec qrels=qrels.trec metrics=[nDCG@10,R@100]."""

from __future__ import annotations

from pathlib import Path

import hydra
from omegaconf import DictConfig, ListConfig

from src.entry import CONF, told_plainly


@hydra.main(version_base="1.3", config_path=CONF, config_name="rescore")
def main(config: DictConfig) -> None:
    """Print the metrics, or what is wrong in plain words."""
    with told_plainly(config):
        score(config)


def score(config: DictConfig) -> None:
    """Read the run and the judgements, score, write and report."""
    from hydra.core.hydra_config import HydraConfig

    from src.evaluation.rescoring import rescore
    from src.reporting.closing import console
    from src.reporting.rescored import check_free, report_rescored, write_rescored

    check(config)
    folder = check_free(Path(HydraConfig.get().runtime.output_dir))
    run, qrels = Path(config.run), Path(config.qrels)
    rescored = rescore(run, qrels, config.metrics, complete=config.complete)
    report_rescored(console(), rescored, run, qrels, write_rescored(folder, rescored, run, qrels))


def check(config: DictConfig) -> None:
    """InputError for an option that is missing or of another kind than it must be."""
    from src.errors import InputError
    from src.options import check_options

    for name in ("run", "qrels"):
        if config[name] is None:
            fix = "python -m src.rescore run=run.trec qrels=qrels.trec"
            raise InputError(f"{name} is not given", where=name, fix=fix)
    check_options(config, {"run": str, "qrels": str, "complete": bool})
    if not isinstance(config.metrics, ListConfig) or not all(isinstance(metric, str) for metric in config.metrics):
        raise InputError("metrics must be a list of texts", where="metrics", fix="metrics=[nDCG@10,R@100]")


if __name__ == "__main__":
    main()
