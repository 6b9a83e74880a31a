"""A frozen teacher embeds the training texts once, before the first step; the cache keeps what it made."""

from __future__ import annotations

import gc
import logging
from pathlib import Path

import numpy as np
import pytorch_lightning as pl
from numpy.typing import NDArray

from src.data.fingerprint import digest
from src.data.targets import Targets
from src.data.texts import ParallelTexts
from src.data.training_data import TrainingData
from src.encoder.dual_encoder import DualEncoder
from src.encoder.identity import encoder_identity
from src.encoder.settings import Side
from src.errors import InputError
from src.evaluation.encoding import Encoding, Report, encode_some, fill
from src.objectives.term import Taught
from src.retrieval.embeddings import Embeddings
from src.retrieval.store import Manifest, Store

log = logging.getLogger(__name__)


class Teaching(pl.Callback):
    """Fills the targets as training starts, each process a share, and lets go of the teacher."""

    def __init__(self, taught: Taught, data: TrainingData, encoding: Encoding, cache_dir: Path) -> None:
        """An InputError where the teacher knows none of the texts; `encoding` is evaluation's."""
        self.taught, self.data, self.encoding, self.cache_dir = taught, data, encoding, cache_dir
        self.targets = {side: self._targets(side) for side in sorted(taught.sides)}

    def _targets(self, side: Side) -> Targets:
        ids = np.unique(self.data.train.question if side == "query" else self.data.train.passage)
        held = ids[_texts(self.data, side).held(self.taught.language)[ids]]
        language = self.data.train.languages[self.taught.language]
        if not len(held):
            raise InputError(f"no {side} of this data is in {language}", where="terms.distillation.language")
        log.info("the teacher knows %s of %s %s texts: those in %s", f"{len(held):,}", f"{len(ids):,}", side, language)
        return Targets(held)

    def setup(self, trainer: pl.Trainer, module: pl.LightningModule, stage: str) -> None:
        """Embed what the cache does not hold."""
        teacher = self.taught.encoder
        if stage != "fit" or teacher is None:
            return
        teacher.to(trainer.strategy.root_device)
        for side, targets in self.targets.items():
            targets.embeddings = self._embedded(teacher, side, targets.ids)
        self.taught.encoder = None
        del teacher
        gc.collect()

    def _embedded(self, teacher: DualEncoder, side: Side, ids: NDArray[np.integer]) -> Embeddings:
        def embed(start: int, stop: int, report: Report) -> NDArray[np.float32]:
            texts = _texts(self.data, side).get(ids[start:stop], np.full(stop - start, self.taught.language))
            return encode_some(teacher, texts, side, self.encoding, report)

        return fill(self._store(teacher, side, ids), embed, f"the teacher's {side} texts")

    def _store(self, teacher: DualEncoder, side: Side, ids: NDArray[np.integer]) -> Store:
        manifest = Manifest(
            encoder=encoder_identity(teacher),
            texts=digest(_texts(self.data, side).fingerprint, self.taught.language, ids.tobytes().hex()),
            side=side,
            precision=self.encoding.precision,
            dtype="float16" if self.encoding.dtype == "float16" else "float32",
            dimension=teacher.dimension,
            rows=len(ids),
            shard=self.encoding.shard,
        )
        return Store(self.cache_dir / "embeddings" / manifest.identity[:16], manifest)


def _texts(data: TrainingData, side: str) -> ParallelTexts:
    return data.questions if side == "query" else data.passages
