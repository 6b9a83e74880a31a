"""Grouped batches: cross-lingual ones of a single language pair each, and monolingual ones beside them.

Two batches of 4, as concept:question language-passage language:

    step 0    1:en-ja  10:en-ja  7:en-ja  4:en-ja
    step 1    10:ja-ar  0:ja-ar  8:ja-ar  5:ja-ar
"""

from src.data.pair_index import PairIndex
from src.sampling.hybrid import Hybrid
from src.sampling.language_pairs import LanguagePairs
from src.sampling.monolingual import Monolingual
from src.sampling.weighting import Setting


class Grouped(Hybrid):
    """`hybrid` with one ordered language pair per cross-lingual batch; by default every batch is cross-lingual.

    So all negatives of a question are in the language of its answer. Concepts of a pair do not repeat within its epoch,
    nor ever in a batch. Data in L languages have L (L - 1) pairs, each of which needs enough concepts for a batch and
    takes about half a bit of memory a concept, unless it has them all.
    Source: none; the control for what the mixing of languages adds to cross-lingual batches.
    """

    name = "grouped"
    kinds = (Monolingual, LanguagePairs)

    def __init__(
        self,
        index: PairIndex,
        batch_size: int,
        seed: int,
        alpha: float = 0.0,
        language_weighting: Setting = "uniform",
        dataset_weighting: Setting | None = None,
    ) -> None:
        super().__init__(index, batch_size, seed, alpha, language_weighting, dataset_weighting)
