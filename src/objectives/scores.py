"""One direction of a contrast as scaled scores: own partners, negatives, and what telemetry says of them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from src.objectives.contrast import Contrast

DENOMINATORS = ("both", "in_batch", "explicit")  # which candidates may be negatives


@dataclass
class Scores:
    """b texts against n others: each has one own partner, some negatives, and maybe columns that count as neither."""

    values: Tensor  # [b, n] float32: dot products, scaled
    scale: Tensor  # scalar: 1 / temperature
    own: Tensor  # [b] int64: column of the text's own partner
    negatives: Tensor  # [b, n] bool

    @property
    def is_own(self) -> Tensor:
        """Bool [b, n]: True in the own column."""
        return torch.zeros_like(self.negatives).scatter(1, self.own[:, None], True)

    @property
    def own_values(self) -> Tensor:
        """Each text's score with its own partner: [b]."""
        return self.values.gather(1, self.own[:, None])[:, 0]

    def masked(self) -> Tensor:
        """The scores, -inf in columns that are neither the own one nor a negative: [b, n]."""
        return self.values.masked_fill(~(self.negatives | self.is_own), -torch.inf)

    def log_sum(self, power: float = 1.0) -> Tensor:
        """log sum_negatives e^{power * score}: [b]; over all columns where there are none, which `mean` leaves out."""
        counted = self.negatives | ~self.negatives.any(1, keepdim=True)
        return (power * self.values).masked_fill(~counted, -torch.inf).logsumexp(1)

    def mean(self, losses: Tensor) -> Tensor:
        """Mean over all b texts of losses [b], 0 for a text that has no negatives."""
        return torch.where(self.negatives.any(1), losses, 0.0).mean()


def query_scores(contrast: Contrast, scale: Tensor, denominator: str = "both") -> Scores:
    """Each query against the candidates; none that is known to answer it is its negative."""
    negatives = ~contrast.same
    if denominator != "both":
        negatives &= contrast.explicit if denominator == "explicit" else ~contrast.explicit
    return _scores(contrast.queries, contrast.candidates, scale, contrast.positive, negatives)


def passage_scores(contrast: Contrast, scale: Tensor) -> Scores:
    """Each own passage against all queries, which explicit negatives do not enter."""
    return _scores(contrast.passages, contrast.all_queries, scale, contrast.own_query, ~contrast.same_query)


def telemetry(scores: Scores) -> dict[str, Tensor]:
    """Effective negatives per query, and the share of queries whose own positive is above all of them."""
    best_negative = scores.values.detach().masked_fill(~scores.negatives, -torch.inf).amax(1)
    return {
        "negatives_per_query": scores.negatives.sum(1).float().mean(),
        "accuracy": (scores.own_values.detach() > best_negative).float().mean(),
    }


def _scores(texts: Tensor, others: Tensor, scale: Tensor, own: Tensor, negatives: Tensor) -> Scores:
    with torch.autocast(texts.device.type, enabled=False):  # float32 whatever the encoder computes in
        values = texts.float() @ others.float().T * scale
    return Scores(values, scale, own, negatives.scatter(1, own[:, None], False))
