"""Less variance of negatives' similarities, which small batches drive apart (arXiv 2506.09781)."""

from __future__ import annotations

import torch
from torch import Tensor

from src.errors import InputError
from src.objectives.over_ranks import global_mean
from src.objectives.step import Step
from src.objectives.term import Setup, Term
from src.objectives.terms.cosine import cosines
from src.objectives.terms.options import check_bool


class NegativeVariance(Term):
    """Mean over negatives of (cos(q_i, d_j) + 1/n)^2 over all ranks, n = the training pairs that exist.

    The mean similarity of negatives at the optimum of the full batch is about -1/n: whatever is away from it counts.
    Negatives are the batch's other positives, as in the source, and with `explicit_negatives` (our addition) the hard
    ones too, which are meant to be similar; never a passage known to answer the query. `pairs` replaces n.
    """

    def __init__(self, setup: Setup, pairs: int | None = None, explicit_negatives: bool = False) -> None:
        super().__init__()
        check_bool(explicit_negatives, "terms.variance.explicit_negatives")
        if pairs is not None and (not isinstance(pairs, int) or isinstance(pairs, bool) or pairs < 1):
            raise InputError(
                f"the number of training pairs must be a whole number from 1 on, got {pairs!r}",
                where="terms.variance.pairs",
                fix="null for those of the data",
            )
        self.target = -1 / (setup.pairs if pairs is None else pairs)
        self.explicit_negatives = explicit_negatives

    def forward(self, step: Step) -> dict[str, Tensor]:
        """The loss; mean and standard deviation of this rank's negatives' cosines, nan where it has none."""
        contrast = step.contrast
        negative = ~contrast.same.scatter(1, contrast.positive[:, None], True)
        if not self.explicit_negatives:
            negative &= ~contrast.explicit
        similarities = cosines(contrast.queries, contrast.candidates)[negative]
        seen = similarities.detach()
        return {
            "loss": global_mean((similarities - self.target) ** 2),
            "negative_cosine": seen.mean(),
            "negative_deviation": torch.sqrt(((seen - seen.mean()) ** 2).mean()),
        }
