"""Scoring held-out concepts while training, so that a checkpoint can be chosen by how it retrieves."""

from __future__ import annotations

import pytorch_lightning as pl

from src.evaluation.benchmark import Benchmark
from src.evaluation.evaluate import evaluate
from src.training.module import Retriever


def measured(benchmark: Benchmark | None) -> list[str]:
    """Names of what a validation logs: the loss always, the rest with a benchmark."""
    if benchmark is None:
        return ["val/loss"]
    settings = [f"val/{setting}/{benchmark.headline}" for setting in benchmark.measured]
    biased = ["val/rank_distance"] if "multilingual" in benchmark.measured else []
    return ["val/loss", f"val/{benchmark.headline}", *settings, *biased]


class RetrievalValidation(pl.Callback):
    """Logs val/<setting>/<metric> of a held-out benchmark, and val/<metric>, the mean of the settings."""

    def __init__(self, benchmark: Benchmark) -> None:
        self.benchmark = benchmark

    def on_validation_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Encode and score; every rank takes a share and all see the same result."""
        if trainer.sanity_checking:
            return
        assert isinstance(module, Retriever)
        summary = evaluate(module.encoder, self.benchmark, progress=False).summary
        metric = self.benchmark.headline
        settings = {name: values[metric] for name, values in summary["settings"].items() if metric in values}
        values = {f"val/{name}/{metric}": value for name, value in settings.items()}
        values[f"val/{metric}"] = sum(settings.values()) / len(settings)
        if "rank_distance" in summary["bias"]:
            values["val/rank_distance"] = summary["bias"]["rank_distance"]
        module.log_dict(values, sync_dist=True)  # every rank has the same values
