"""Decoupled contrastive loss: the positive is left out of the denominator (DCL, arXiv 2110.06848)."""

from __future__ import annotations

from torch import Tensor

from src.objectives.base import TemperatureObjective
from src.objectives.scores import Scores


class Decoupled(TemperatureObjective):
    """Mean over queries of -s+ + log(sum over negatives of e^{s-}), s = dot product / temperature.

    It may fall below 0. A query without negatives adds 0. `symmetric` averages with the same loss of each passage
    against all queries.
    """

    def direction_loss(self, scores: Scores) -> Tensor:
        """The log-sum of the negatives' scores less the own partner's."""
        return scores.mean(scores.log_sum() - scores.own_values)
