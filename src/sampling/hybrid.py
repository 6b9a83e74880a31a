"""Hybrid batches: each batch is wholly monolingual or wholly cross-lingual, by the toss of a coin.

Three batches of 4, as concept:question language-passage language:

    step 0    8:ar-ar  1:ar-ar  7:ar-ar  3:ar-ar
    step 1    6:ja-ja  2:ja-ja  4:ja-ja  8:ja-ja
    step 2    11:ar-en  9:en-ja  5:en-ja  2:en-ar
"""

from __future__ import annotations

from typing import Any, ClassVar

from src.data.pair_index import PairIndex
from src.errors import InputError
from src.sampling.by_language import ByLanguage
from src.sampling.crosslingual import Crosslingual
from src.sampling.interleaved import Interleaved, either
from src.sampling.monolingual import Monolingual
from src.sampling.weighting import Setting


class Hybrid(Interleaved):
    """A batch is the next of `monolingual` with probability alpha, else the next of `crosslingual`.

    With alpha 1 or 0 it is that strategy, row for row. The coin is tossed first and a dataset, if datasets are
    weighted, drawn then, among those that can form such a batch: so data in one language leave alpha as it is.
    Source: Elmahdy et al. (arXiv 2408.10536); alpha 0.5, where 0.4 to 0.6 made little difference.
    """

    name: ClassVar[str] = "hybrid"
    kinds: ClassVar[tuple[type[ByLanguage], type[ByLanguage]]] = (Monolingual, Crosslingual)

    def __init__(
        self,
        index: PairIndex,
        batch_size: int,
        seed: int,
        alpha: float = 0.5,
        language_weighting: Setting = "uniform",
        dataset_weighting: Setting | None = None,
    ) -> None:
        if isinstance(alpha, bool) or not isinstance(alpha, int | float) or not 0 <= alpha <= 1:
            fix = "1 makes every batch monolingual, 0 every batch cross-lingual"
            raise InputError(f"alpha must be between 0 and 1, got {alpha!r}", where="sampler.alpha", fix=fix)
        self.alpha = float(alpha)
        shares = zip(self.kinds, (self.alpha, 1 - self.alpha), strict=True)
        tossed = {kind: share for kind, share in shares if share}
        parts = [kind(index, batch_size, seed, language_weighting, dataset_weighting) for kind in tossed]
        super().__init__(parts, list(tossed.values()), seed, self.name)

    def describe(self) -> dict[str, Any]:
        """The coin, expected shares over all batches, and the record of each kind of batch, by its own steps."""
        parts = {record["strategy"]: record for record in (part.describe() for part in self.parts)}
        holds = either(parts.values(), self.shares.tolist())
        return {"strategy": self.name, "holds": holds, "alpha": self.alpha, **super().describe(), **parts}
