"""The LightningModule: a dual encoder, an objective and an optimizer."""

from __future__ import annotations

from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor

from src.data.batch import PairBatch
from src.encoder.dual_encoder import DualEncoder
from src.objectives.contrast import Contrast, build_contrast
from src.objectives.infonce import InfoNCE
from src.training.gather import gather_embeddings, gather_ids, gather_sizes, rank
from src.training.optimizer import AdamW


class Retriever(pl.LightningModule):
    """Trains a dual encoder: local queries against the passages of the whole global (micro-)batch."""

    def __init__(self, encoder: DualEncoder, objective: InfoNCE, optimizer: AdamW) -> None:
        super().__init__()
        self.encoder = encoder
        self.objective = objective
        self.optimizer_settings = optimizer

    def training_step(self, batch: PairBatch, _: int) -> Tensor:
        """Loss of one rank's share of a batch, with every rank's passages as candidates."""
        terms = self.objective(self.contrast(batch, across_ranks=True))
        if self._logs_now():
            self.log_dict({f"train/{name}": value for name, value in terms.items()}, batch_size=len(batch))
        return terms["loss"]

    def validation_step(self, batch: PairBatch, _: int) -> dict[str, Tensor]:
        """Loss terms of a whole validation batch, which one rank holds alone."""
        return self.objective(self.contrast(batch, across_ranks=False))

    def contrast(self, batch: PairBatch, *, across_ranks: bool) -> Contrast:
        """Embed a batch and, across ranks, gather what its queries are compared with."""
        queries = self.encoder.embed(batch.queries, "query")
        passages = self.encoder.embed(batch.passages, "passage")
        negatives = passages[:0] if batch.negatives is None else self.encoder.embed(batch.negatives, "passage")
        if not across_ranks:
            return build_contrast(
                queries,
                passages,
                negatives,
                batch.question_ids,
                batch.passage_ids,
                batch.negative_ids,
                all_queries=queries,
                all_passages=passages,
                all_negatives=negatives,
                all_question_ids=batch.question_ids,
                all_passage_ids=batch.passage_ids,
                all_negative_ids=batch.negative_ids,
                offset=0,
            )
        raise AssertionError

    def configure_optimizers(self) -> Any:
        """AdamW and its schedule over the run's steps."""
        total = int(self.trainer.estimated_stepping_batches)
        optimizer, schedule = self.optimizer_settings.build(self, total, fused=self._fused())
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def _fused(self) -> bool:
        # fp16's gradient scaler and the fused optimizer both unscale, and Lightning refuses to clip then
        return self.trainer.precision != "16-mixed"

    def _logs_now(self) -> bool:
        return (self.trainer.global_step + 1) % self.trainer.log_every_n_steps == 0
