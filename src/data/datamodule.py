"""The LightningDataModule: a strategy's rows, turned into batches of tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset, Sampler

from src.data.batch import PairBatch
from src.data.collate import Collator
from src.data.pair_index import PairIndex
from src.data.workers import Loader
from src.errors import InputError


class Strategy(Protocol):
    """What a batch-sampling strategy offers: rows of the global batch at any step."""

    batch_size: int

    def plan(self, step: int) -> NDArray[np.int32]:
        """Rows [batch_size, 3] of one global batch: concept, query language, passage language."""
        ...

    def describe(self) -> dict[str, Any]:
        """What the run's record says of it; what a batch `holds` by its rule, in words, is also logged."""
        ...


@dataclass(frozen=True)
class Share:
    """Which part of each global batch one process takes, micro-batch by micro-batch."""

    batch_size: int
    accumulate: int
    world_size: int
    rank: int

    def __post_init__(self) -> None:
        if self.batch_size % (self.accumulate * self.world_size):
            raise InputError(
                f"a batch of {self.batch_size} cannot be split over {self.world_size} device(s) and "
                f"{self.accumulate} accumulation step(s)",
                where="batch_size, trainer.devices, trainer.accumulate_grad_batches",
                fix=f"make batch_size a multiple of {self.accumulate * self.world_size}",
            )

    def of(self, rows: NDArray[np.int32], micro: int) -> slice:
        """This process's slice of the global batch in one micro-batch; ranks joined give the micro-batch."""
        size = len(rows) // (self.accumulate * self.world_size)
        start = (micro * self.world_size + self.rank) * size
        return slice(start, start + size)


class PlannedBatches(Dataset[PairBatch]):
    """Micro-batches by their number in the whole run, so that any of them can be made at any time."""

    def __init__(self, strategy: Strategy, collate: Collator, share: Share, steps: int) -> None:
        self.strategy, self.collate, self.share, self.steps = strategy, collate, share, steps

    def __len__(self) -> int:
        return self.steps * self.share.accumulate

    def __getitem__(self, item: int) -> PairBatch:
        step, micro = divmod(item, self.share.accumulate)
        rows = self.strategy.plan(step)
        return self.collate(rows, self.share.of(rows, micro), step, micro)


class ValidationBatches(Dataset[PairBatch]):
    """Held-out pairs in fixed monolingual batches, the same whatever the strategy, so that losses compare."""

    def __init__(self, index: PairIndex, collate: Collator, batch_size: int, max_batches: int) -> None:
        self.collate = collate
        batches = list(_monolingual_batches(index, batch_size))
        keep = np.linspace(0, len(batches) - 1, min(max_batches, len(batches))).round().astype(int)
        self.batches = [batches[i] for i in keep]

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, item: int) -> PairBatch:
        rows = self.batches[item]
        return self.collate(rows, slice(0, len(rows)), item, 0)


def can_validate(index: PairIndex) -> bool:
    """Whether any language holds both texts of two concepts, which a validation loss takes."""
    return next(_monolingual_batches(index, 2), None) is not None


def _monolingual_batches(index: PairIndex, batch_size: int) -> Iterator[NDArray[np.int32]]:
    """Every (concept, language) that holds both texts, language by language, in batches of like size.

    Each batch takes concepts from all over: neighbours may be questions on one passage, no negatives of one another.
    A lone pair has no negatives: it joins another batch, of three where `batch_size` is 2, or makes none.
    """
    for language in range(len(index.languages)):
        both = (index.question_languages & index.passage_languages) >> np.uint8(language) & np.uint8(1)
        concepts = np.flatnonzero(both)
        batches = min(-(-len(concepts) // batch_size), len(concepts) // 2)
        for start in range(batches):
            part = concepts[start::batches]
            yield np.column_stack([part, np.full((len(part), 2), language)]).astype(np.int32)


class RemainingItems(Sampler[int]):
    """Numbers of the micro-batches still to come; a resumed run starts where the interrupted one stopped.

    Its length is the whole run's, since Lightning goes on counting from the batches that the checkpoint has seen.
    """

    def __init__(self, start: int, stop: int) -> None:
        self.start, self.stop = start, stop

    def __len__(self) -> int:
        return self.stop

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.start, self.stop))


class PairDataModule(pl.LightningDataModule):
    """Feeds each rank its slice of the strategy's batches, and rank by rank the held-out ones."""

    def __init__(
        self,
        strategy: Strategy,
        training: Callable[[], Collator],
        validation: Callable[[], Collator] | None,
        *,
        max_validation_batches: int,
        num_workers: int = 0,
    ) -> None:
        """What makes a collator tokenises what is not in the cache yet; one process of a machine calls it first."""
        super().__init__()
        self.strategy = strategy
        self.make_training, self.make_validation = training, validation
        self.max_validation_batches = max_validation_batches
        self.num_workers = num_workers
        self._loaders: list[Loader] = []

    @property
    def has_validation(self) -> bool:
        """Whether there are held-out pairs."""
        return self.make_validation is not None

    def prepare_data(self) -> None:
        """Fill the cache of tokens."""
        self.make_training()
        if self.make_validation is not None:
            self.make_validation()

    def setup(self, stage: str) -> None:
        """Open the cache of tokens."""
        if stage != "fit":
            return
        self.collate = self.make_training()
        self.validation = None
        if self.make_validation is not None:
            collate, batches = self.make_validation(), self.max_validation_batches
            self.validation = ValidationBatches(collate.index, collate, self.strategy.batch_size, batches)

    def train_dataloader(self) -> DataLoader:
        """Micro-batches from the trainer's present step to its last."""
        trainer = self._trainer
        share = Share(
            self.strategy.batch_size, trainer.accumulate_grad_batches, trainer.world_size, trainer.global_rank
        )
        batches = PlannedBatches(self.strategy, self.collate, share, trainer.max_steps)
        start = trainer.global_step * share.accumulate
        return self._loader(batches, RemainingItems(start, len(batches)))

    def val_dataloader(self) -> DataLoader | list:
        """Held-out batches, dealt over the ranks; a rank that gets none borrows the first."""
        if self.validation is None:
            return []
        mine = range(self._trainer.global_rank, len(self.validation), self._trainer.world_size)
        return self._loader(self.validation, mine or range(1))

    def teardown(self, stage: str) -> None:
        """End the workers."""
        while self._loaders:
            self._loaders.pop().end_workers()

    def on_exception(self, exception: BaseException) -> None:
        """End the workers: Lightning ends those of the loader in use, and the exit would wait for the others."""
        self.teardown("fit")

    def _loader(self, dataset: Dataset[PairBatch], order: Sampler[int] | range) -> DataLoader:
        loader = Loader(
            dataset,
            batch_size=None,
            sampler=order,
            num_workers=self.num_workers,
            persistent_workers=self.num_workers > 0,  # forked once, not at each validation
            pin_memory=torch.cuda.is_available(),
        )
        self._loaders.append(loader)
        return loader

    @property
    def _trainer(self) -> pl.Trainer:
        if self.trainer is None:
            raise RuntimeError("the data module is not attached to a trainer")
        return self.trainer
