"""Additive-margin softmax: the own positive must beat the negatives by a margin (LaBSE, arXiv 2007.01852)."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from src.errors import InputError
from src.objectives.base import TemperatureObjective
from src.objectives.scores import Scores


class AdditiveMargin(TemperatureObjective):
    """Mean over queries of -log(e^{(c+ - m)/t} / (e^{(c+ - m)/t} + sum over negatives of e^{c-/t})), c = cosine.

    `symmetric` (LaBSE's) is the sum, not the average, with the same loss of each passage against all queries.
    `margin` is in cosines; the telemetry's accuracy knows no margin.
    """

    direction_weight = 1.0

    def __init__(
        self,
        temperature: float = 0.05,
        margin: float = 0.3,
        learn_temperature: bool = False,
        denominator: str = "both",
        symmetric: bool = True,
    ) -> None:
        super().__init__(temperature, learn_temperature, denominator, symmetric)
        if not 0 <= margin < 2:  # cosines are at most 2 apart
            raise InputError(f"the margin must be from 0 to below 2, got {margin}", where="objective.margin")
        self.margin = margin

    def direction_loss(self, scores: Scores) -> Tensor:
        """Cross-entropy of the own partner, lowered by the margin before scaling, among itself and the negatives."""
        return functional.cross_entropy(scores.masked() - scores.is_own * (self.margin * scores.scale), scores.own)
