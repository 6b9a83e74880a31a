"""Row-wise batches: in each, a set share of monolingual rows in one language, and cross-lingual rows beside them.

Two batches of 4 with alpha 0.5, as concept:question language-passage language:

    step 0    5:ar-en  9:ja-ja  4:ja-ar  7:ja-ja
    step 1    11:en-ja  5:ar-ar  1:en-ja  0:ar-ar
"""

from src.data.pair_index import PairIndex
from src.sampling.by_language import Rule
from src.sampling.partly import Partly
from src.sampling.weighting import Setting


class Rowwise(Partly):
    """Where `hybrid` tosses a coin for a batch, every batch here holds a share `alpha` of monolingual rows.

    Those share one language, drawn for the batch by weight, as in `monolingual`; the others are drawn row by row as in
    `crosslingual`. A batch has alpha * batch_size monolingual rows, rounded up or down so that over the batches of a
    language the share is exact; they are spread over the batch evenly. No concept is twice in a batch, nor in both of
    its parts. Source: none known; a control for the coin that Elmahdy et al. (arXiv 2408.10536) toss for each batch.
    """

    rule = Rule(
        "rowwise",
        "{share:.0%} of the rows in one language, the others each in two",
        crosslingual=(False, True),
        language_per_batch=False,
    )
    option = "alpha"

    def __init__(
        self,
        index: PairIndex,
        batch_size: int,
        seed: int,
        alpha: float = 0.5,
        language_weighting: Setting = "uniform",
        dataset_weighting: Setting | None = None,
    ) -> None:
        super().__init__(alpha, index, batch_size, seed, language_weighting, dataset_weighting)
