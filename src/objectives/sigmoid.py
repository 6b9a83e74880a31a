"""Sigmoid loss: every pair of query and candidate is a yes-or-no question of its own (SigLIP, arXiv 2303.15343)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from src.errors import InputError
from src.objectives.base import check_temperature
from src.objectives.contrast import Contrast
from src.objectives.scores import query_scores, telemetry


class Sigmoid(nn.Module):
    """-mean over queries i of the sum over candidates j of log sigmoid(z_ij (x_i . y_j / t + b)).

    z is 1 for the own positive and -1 for the others: the other rows' positives and all explicit negatives of the
    global batch alike. A candidate known to answer the query is neither and left out. Temperature t (as log 1/t) and
    bias b are learned, without bounds, from `temperature` and `bias`. Each rank takes its own queries against all
    ranks' candidates, so every pair counts once and there is no other direction to add.
    """

    requires_negatives = False

    def __init__(self, temperature: float = 0.1, bias: float = -10.0) -> None:
        super().__init__()
        check_temperature(temperature)
        if not math.isfinite(bias):
            raise InputError(f"the bias must be a finite number, got {bias}", where="objective.bias")
        # one element each, not scalars: FSDP shards no scalars
        self.log_scale = nn.Parameter(torch.tensor([-math.log(temperature)]))
        self.bias = nn.Parameter(torch.tensor([float(bias)]))

    def forward(self, contrast: Contrast) -> dict[str, Tensor]:
        """The loss, with gradient, and temperature, bias, negatives per query, accuracy."""
        scores = query_scores(contrast, self.log_scale.exp().squeeze())
        signs = 2.0 * scores.is_own - 1
        losses = -functional.logsigmoid(signs * (scores.values + self.bias))
        counted = scores.is_own | scores.negatives
        return {
            "loss": losses.masked_fill(~counted, 0).sum(1).mean(),
            "temperature": 1 / scores.scale.detach(),
            "bias": self.bias.detach().squeeze().clone(),
            **telemetry(scores),
        }
