"""What the strategies share whose every batch holds rows in one language and rows in two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from src.data.pair_index import PairIndex
from src.errors import InputError
from src.sampling.by_language import ByLanguage, Order
from src.sampling.deck import decks_by_language
from src.sampling.eligible import Eligible
from src.sampling.pool import Pool
from src.sampling.split import Split
from src.sampling.weighting import Setting


class Partly(ByLanguage):
    """A set share of monolingual rows in every batch, all in the batch's language; cross-lingual rows beside them.

    With `rule.language_per_batch` the cross-lingual rows are asked in the batch's language too, else each in its own.
    """

    option: ClassVar[str]  # what the share is called

    def __init__(
        self,
        share: float,
        index: PairIndex,
        batch_size: int,
        seed: int,
        language_weighting: Setting,
        dataset_weighting: Setting | None,
    ) -> None:
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share < 1:
            raise InputError(
                f"{self.option} must be between 0 and 1, and neither, got {share!r}",
                where=f"sampler.{self.option}",
                fix="without cross-lingual rows it is sampler=monolingual, without others sampler=crosslingual",
            )
        self._share = float(share)
        super().__init__(index, batch_size, seed, language_weighting, dataset_weighting)

    def describe(self) -> dict[str, Any]:
        """The share beside the record of all strategies; concepts and epochs by kind of row."""
        record = super().describe()
        holds = self.rule.holds.format(share=self._share)
        return {"strategy": record["strategy"], self.option: self._share, **record, "holds": holds}

    def _pool(self, index: PairIndex, kinds: Sequence[Eligible], order: Order) -> Pool:
        """Batches in two parts from the concepts of one dataset or of all."""
        same, other = kinds
        languages, others = order.weighting.shares(same.sizes), order.weighting.shares(other.sizes)
        if self.rule.language_per_batch:
            languages = _of_both(index, same, other, order)
        layout = Split(
            languages,
            None if self.rule.language_per_batch else others,
            self._share,
            order.batch_size,
            order.seed,
            order.name,
        )
        decks = [
            *decks_by_language(index, same, crosslingual=False, suffix=" monolingual"),
            *decks_by_language(index, other, crosslingual=True, suffix=" crosslingual"),
        ]
        passages = order.weighting.shares(other.answered)
        return Pool(index, decks, layout, passages, order.batch_size, order.seed, order.name)


def _of_both(index: PairIndex, same: Eligible, other: Eligible, order: Order) -> np.ndarray:
    """Shares of the languages that can ask both kinds of row, by the fewer of the two."""
    sizes = np.minimum(same.sizes, other.sizes)
    if not sizes.any():
        raise InputError(
            "no language has questions answered in it and questions answered in another language",
            where="dataset",
            fix="use parallel data, or choose sampler=rowwise",
        )
    return order.weighting.shares(sizes)
