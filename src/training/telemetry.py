"""What the batches really held: language pairs, tokens and padding, counted over the whole run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytorch_lightning as pl
from numpy.typing import NDArray
from torch import Tensor

from src.data import row_digest
from src.data.batch import PairBatch, TextChunks
from src.objectives.gather import rank, sum_over_ranks, world_size


class Telemetry(pl.Callback):
    """Counts each batch as the training step sees it; the counts survive a resume and are summed over ranks."""

    def __init__(self, languages: int) -> None:
        self.pairs = np.zeros((languages, languages), np.int64)  # [query language, passage language] rows seen
        self.digest = np.zeros(2, np.uint64)  # of the rows seen, see data.row_digest
        self.tokens = np.zeros(2, np.int64)  # real, computed
        self.negatives: Tensor | float = 0.0  # effective negatives of all queries seen; stays on the device

    def on_train_batch_end(
        self, trainer: pl.Trainer, module: pl.LightningModule, outputs: Any, batch: PairBatch, batch_idx: int
    ) -> None:
        """Count one micro-batch; nothing here waits for the device."""
        np.add.at(self.pairs, tuple(batch.rows[:, 1:].T), 1)
        place = (batch.micro * world_size() + rank()) * len(batch)
        self.digest += row_digest.digest(batch.rows, batch.step, place)
        for chunks in _sides(batch):
            self.tokens += chunks.real_tokens, chunks.computed_tokens
        self.negatives = self.negatives + outputs["negatives_per_query"].detach().double() * len(batch)

    def totals(self) -> dict[str, Any]:
        """Counts over all ranks; a collective, to be called on every rank."""
        flat = sum_over_ranks(self._counts())
        pairs = flat[:-7].reshape(self.pairs.shape).astype(np.int64)
        return {
            "language_pairs": pairs.tolist(),
            "pairs_seen": int(pairs.sum()),
            "digest": row_digest.as_text(row_digest.from_counts(flat[-7:-3])),
            "real_tokens": int(flat[-3]),
            "computed_tokens": int(flat[-2]),
            "negatives_per_query": float(flat[-1] / max(1, pairs.sum())),
        }

    def state_dict(self) -> dict[str, Any]:
        """Each rank's counts as plain numbers; Lightning asks every rank and writes what rank zero says."""
        table = np.zeros((world_size(), len(self._counts())))
        table[rank()] = self._counts()
        return {"counts": sum_over_ranks(table.ravel()).reshape(table.shape).tolist()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on counting where the checkpoint stopped: each rank from its own, or one from the sum if ranks differ."""
        table = np.array(state_dict["counts"])
        if len(table) != world_size():
            table = np.vstack([table.sum(0), np.zeros((world_size() - 1, table.shape[1]))])
        own = table[rank()]
        self.pairs = own[:-7].reshape(self.pairs.shape).astype(np.int64)
        self.digest = row_digest.from_counts(own[-7:-3])
        self.tokens, self.negatives = own[-3:-1].astype(np.int64), float(own[-1])

    def _counts(self) -> NDArray[np.float64]:
        digest = row_digest.as_counts(self.digest)
        return np.concatenate([self.pairs.ravel(), digest, self.tokens, [float(self.negatives)]])


def _sides(batch: PairBatch) -> list[TextChunks]:
    return [batch.queries, batch.passages] + ([batch.negatives] if batch.negatives is not None else [])
