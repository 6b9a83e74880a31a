"""The LightningModule: a dual encoder, an objective and an optimizer."""

from __future__ import annotations

from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.plugins import MixedPrecision
from pytorch_lightning.utilities import GradClipAlgorithmType
from torch import Tensor

from src.data.batch import PairBatch, TextChunks, TextTargets, TextVersions
from src.encoder.dual_encoder import DualEncoder
from src.encoder.settings import Side
from src.objectives.contrast import Contrast, build_contrast
from src.objectives.gather import gather_embeddings, gather_ids, gather_sizes, rank, world_size
from src.objectives.over_ranks import mean_over_ranks
from src.objectives.step import Step, Targets, Versions
from src.objectives.total import TotalLoss
from src.training.evened import evened, reached
from src.training.optimizer import AdamW
from src.training.sharding import ShardedStrategy


class Retriever(pl.LightningModule):
    """Trains a dual encoder: each rank's queries against the passages of the whole global (micro-)batch."""

    def __init__(
        self,
        encoder: DualEncoder,
        losses: TotalLoss,
        optimizer: AdamW,
        *,
        hard_negatives: bool = False,
        log_every: int = 10,
    ) -> None:
        super().__init__()
        self.log_every = log_every
        self.hard_negatives = hard_negatives  # known to all ranks, while one batch may hold none
        self.encoder = encoder
        self.losses = losses
        self.optimizer_settings = optimizer
        self._embedded: list[Tensor] | None = None  # in this step, where the weights are shared out

    def configure_model(self) -> None:
        """Share the weights out over the ranks, where the run's strategy does."""
        if isinstance(self.trainer.strategy, ShardedStrategy):
            self.trainer.strategy.shard(self)
            self._embedded = []

    def training_step(self, batch: PairBatch, _: int) -> dict[str, Tensor]:
        """Loss of one rank's share of a batch, and what it was made of for who watches."""
        figures = self.losses(self._step(batch))
        if self._embedded is not None:
            figures["loss"] = reached(figures["loss"], self._embedded)
            self._embedded.clear()
        if (self.trainer.global_step + 1) % self.log_every == 0:
            more = {} if batch.switched is None else {"switched_words": torch.tensor(batch.switched)}
            told = mean_over_ranks({**figures, **more})
            self.log_dict({f"train/{name}": value for name, value in told.items()}, batch_size=len(batch))
        return figures

    def validation_step(self, batch: PairBatch, _: int) -> Tensor:
        """The objective on a whole held-out batch; one rank holds it alone, so ranks may have different numbers."""
        loss = self.losses.objective(self._alone(batch))["loss"]
        counted = len(batch) if batch.step % world_size() == rank() else 0  # a rank without a batch borrows one
        self.log("val/loss", loss, batch_size=counted, on_epoch=True, sync_dist=True)
        return loss

    def configure_optimizers(self) -> Any:
        """AdamW and its schedule over the run's steps."""
        fused = not self._scales_gradients  # a fused optimizer unscales by itself, too late for clipping
        optimizer, schedule = self.optimizer_settings.build(self, self.trainer.max_steps, fused=fused)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def configure_gradient_clipping(
        self, optimizer: Any, gradient_clip_val: float | None = None, gradient_clip_algorithm: str | None = None
    ) -> None:
        """Lightning's, which refuses a fused optimizer in any mixed precision, though only fp16 scales gradients."""
        plugin = self.trainer.precision_plugin
        if not isinstance(plugin, MixedPrecision) or self._scales_gradients:
            super().configure_gradient_clipping(optimizer, gradient_clip_val, gradient_clip_algorithm)
        elif gradient_clip_val:
            how = GradClipAlgorithmType(gradient_clip_algorithm or "norm")
            super(MixedPrecision, plugin).clip_gradients(optimizer, gradient_clip_val, how)

    @property
    def _scales_gradients(self) -> bool:
        return getattr(self.trainer.precision_plugin, "scaler", None) is not None

    def _step(self, batch: PairBatch) -> Step:
        query_languages, passage_languages = batch.languages.unbind(1)
        return Step(
            contrast=self._gathered(batch),
            query_languages=query_languages,
            passage_languages=passage_languages,
            datasets=batch.datasets,
            progress=self.trainer.global_step / self.trainer.max_steps,
            queries=self._versions(batch.query_versions, "query"),
            passages=self._versions(batch.passage_versions, "passage"),
            query_targets=_targets(batch.query_targets),
            passage_targets=_targets(batch.passage_targets),
            other_instruction=self._versions(batch.other_instruction, "query"),
        )

    def _versions(self, texts: TextVersions | None, side: Side) -> Versions | None:
        if texts is None:
            return None
        return Versions(texts.rows, texts.languages, self._encode(texts.texts, side))

    def _embed(self, batch: PairBatch) -> tuple[Tensor, Tensor, Tensor]:
        queries = self._encode(batch.queries, "query")
        passages = self._encode(batch.passages, "passage")
        return queries, passages, self._encode(batch.negatives, "passage") if self._has(batch) else passages[:0]

    def _has(self, batch: PairBatch) -> bool:
        """Whether there are negatives to encode, in this rank or, where ranks encode together, in any."""
        return batch.negatives is not None or (self.hard_negatives and self.training and self._embedded is not None)

    def _encode(self, chunks: TextChunks | None, side: Side) -> Tensor:
        if self._embedded is None or not self.training:  # validation is on whole weights, each rank by itself
            assert chunks is not None
            return self.encoder.embed(chunks, side)
        self._embedded.append(self.encoder.embed(evened(chunks, self.device), side))
        return self._embedded[-1]

    def _alone(self, batch: PairBatch) -> Contrast:
        queries, passages, negatives = self._embed(batch)
        return build_contrast(
            queries=queries,
            passages=passages,
            all_queries=queries,
            all_passages=passages,
            all_negatives=negatives,
            question_ids=batch.question_ids,
            passage_ids=batch.passage_ids,
            negative_ids=batch.negative_ids,
            offset=0,
        )

    def _gathered(self, batch: PairBatch) -> Contrast:
        """Every rank holds equally many rows, but maybe another number of explicit negatives."""
        queries, passages, negatives = self._embed(batch)
        rows = [len(batch)] * world_size()
        hard = gather_sizes(batch.negative_ids) if self.hard_negatives else [0]
        return build_contrast(
            queries=queries,
            passages=passages,
            all_queries=gather_embeddings(queries, rows),
            all_passages=gather_embeddings(passages, rows),
            all_negatives=gather_embeddings(negatives, hard) if sum(hard) else negatives,
            question_ids=gather_ids(batch.question_ids, rows),
            passage_ids=gather_ids(batch.passage_ids, rows),
            negative_ids=gather_ids(batch.negative_ids, hard) if sum(hard) else batch.negative_ids,
            offset=rank() * len(batch),
        )


def _targets(texts: TextTargets | None) -> Targets | None:
    return None if texts is None else Targets(texts.rows, texts.embeddings)
