"""InfoNCE: each query against its own positive and the batch's negatives."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from src.objectives.base import TemperatureObjective
from src.objectives.scores import Scores


class InfoNCE(TemperatureObjective):
    """Mean over queries of -log(e^{s+} / (e^{s+} + sum over negatives of e^{s-})), s = dot product / temperature.

    `symmetric` averages with the same loss of each passage against all queries.
    """

    def direction_loss(self, scores: Scores) -> Tensor:
        """Cross-entropy of the own partner among itself and the negatives."""
        return functional.cross_entropy(scores.masked(), scores.own)
