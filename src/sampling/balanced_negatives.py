"""Balanced negatives: of all passages in a batch, a set share is in the language of every question of that batch.

Two batches of 4 with same_language 0.5, as concept:question language-passage language:

    step 0    11:ar-ja  6:ar-ar  0:ar-en  5:ar-ar
    step 1    2:ar-en  11:ar-ar  9:ar-ja  4:ar-ar
"""

from src.data.pair_index import PairIndex
from src.sampling.by_language import Rule
from src.sampling.partly import Partly
from src.sampling.weighting import Setting


class BalancedNegatives(Partly):
    """All questions of a batch in one language, and a share `same_language` of its passages; the others in others.

    So n = same_language * batch_size passages (rounded up or down, so that over the batches of a language the share is
    exact) are in the language of any question. Exact for each question: of the batch_size - 1 passages of other rows,
    n - 1 are in its language if its own answer is, else n. Positives are in the question's language as often as
    negatives are, so the language of a passage tells nothing of its relevance: in `mixed` it gives the positive away,
    in `crosslingual` it speaks against it. The questions' language is drawn for the batch by weight, the languages of
    the other passages row by row as in `crosslingual`. Explicit negatives come in the language of their row's passage
    and keep the share as far as the data hold them. Source: none known.
    """

    rule = Rule(
        "balanced_negatives",
        "one question language, {share:.0%} of the passages in it, the others in any other",
        crosslingual=(False, True),
        language_per_batch=True,
    )
    option = "same_language"

    def __init__(
        self,
        index: PairIndex,
        batch_size: int,
        seed: int,
        same_language: float = 0.5,
        language_weighting: Setting = "uniform",
        dataset_weighting: Setting | None = None,
    ) -> None:
        super().__init__(same_language, index, batch_size, seed, language_weighting, dataset_weighting)
