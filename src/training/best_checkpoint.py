"""The best checkpoints of a run, which stay with it when it is resumed, moved or killed."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import ModelCheckpoint

from src.training.checkpoint_files import PARTIAL

log = logging.getLogger(__name__)


class BestCheckpoint(ModelCheckpoint):
    """Lightning's, remembering files by name alone: in a folder that was moved it would lose sight of them.

    A run that is resumed into another folder takes them along. One that repeats steps, since it was killed before its
    last checkpoint, writes the same files again.
    """

    def __init__(self, folder: Path, monitor: str, mode: str, keep: int, *, optimizer: bool) -> None:
        super().__init__(folder, "best-{step}", monitor, mode=mode, save_top_k=keep, save_weights_only=not optimizer)
        self.folder = folder

    def state_dict(self) -> dict[str, Any]:
        """What is best by name."""
        state = super().state_dict()
        models = {Path(path).name: score for path, score in state["best_k_models"].items()}
        paths = {key: _name(state[key]) for key in ("best_model_path", "kth_best_model_path", "last_model_path")}
        return {**state, **paths, "dirpath": "", "best_k_models": models}

    def on_load_checkpoint(self, trainer: pl.Trainer, module: pl.LightningModule, checkpoint: dict[str, Any]) -> None:
        """Take the files over from another folder; one process does."""
        state = checkpoint["callbacks"].get(self.state_key, {"best_k_models": {}})
        source = Path(trainer.ckpt_path or self.folder).parent
        if trainer.is_global_zero and source.resolve() != self.folder.resolve():
            self.folder.mkdir(parents=True, exist_ok=True)
            for name in state["best_k_models"]:
                if (source / name).is_file():
                    _copy(source / name, self.folder / name)
        trainer.strategy.barrier()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on with the files that are still there; one that is not was superseded, and will be again."""
        models = {str(self.folder / name): score for name, score in state_dict["best_k_models"].items()}
        self.best_k_models = {path: score for path, score in models.items() if Path(path).is_file()}
        self.current_score = state_dict["current_score"]
        if name := state_dict["last_model_path"]:
            self.last_model_path = str(self.folder / name)
        if len(self.best_k_models) < len(models):
            log.info("a best checkpoint until here is gone, as it is when steps after its successor are repeated")
        best, worst = (min, max) if self.mode == "min" else (max, min)
        if self.best_k_models:
            self.best_model_path = best(self.best_k_models, key=self.best_k_models.__getitem__)
            self.best_model_score = self.best_k_models[self.best_model_path]
        if len(self.best_k_models) == self.save_top_k:
            self.kth_best_model_path = worst(self.best_k_models, key=self.best_k_models.__getitem__)
            self.kth_value = self.best_k_models[self.kth_best_model_path]

    def file_exists(self, filepath: Any, trainer: pl.Trainer) -> bool:
        """Never: a step's checkpoint replaces the same step's, which Lightning would keep under another name."""
        return False


def _copy(source: Path, target: Path) -> None:
    partial = target.with_name(f".{target.name}{PARTIAL}")
    shutil.copyfile(source, partial)
    partial.replace(target)


def _name(path: str) -> str:
    return Path(path).name if path else ""
