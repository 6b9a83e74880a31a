"""Hardness-weighted, debiased negatives (HCL: Robinson et al. 2021, arXiv 2010.04592)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from src.errors import InputError
from src.objectives.base import TemperatureObjective
from src.objectives.scores import Scores


class HardnessWeighted(TemperatureObjective):
    """Mean over queries of -log(e^{s+} / (e^{s+} + G)), s = dot product / temperature t.

    G = max(N e^{-1/t}, (R - tau N e^{s+}) / (1 - tau)), with R = sum(w e^{s-}) / mean(w), w = e^{beta s-} over the
    query's N own effective negatives, and tau = `tau_plus`, the share of candidates that answer the query unknown to
    the data. The floor is the least that N negatives of unit length can sum to. Gradients go through the weights too,
    as in the authors' code. A query without negatives adds 0. `symmetric` averages with the same loss of each passage
    against all queries.
    """

    def __init__(
        self,
        temperature: float = 0.05,
        beta: float = 1.0,
        tau_plus: float = 0.1,
        learn_temperature: bool = False,
        denominator: str = "both",
        symmetric: bool = False,
    ) -> None:
        super().__init__(temperature, learn_temperature, denominator, symmetric)
        if not 0 <= beta < math.inf:
            raise InputError(f"beta must be a number from 0 on, got {beta}", where="objective.beta")
        if not 0 <= tau_plus < 1:
            raise InputError(f"tau_plus must be from 0 to below 1, got {tau_plus}", where="objective.tau_plus")
        self.beta, self.tau_plus = beta, tau_plus

    def direction_loss(self, scores: Scores) -> Tensor:
        """Computed relative to the larger of R and e^{s+}: at small temperatures neither fits into float32."""
        count = scores.negatives.sum(1).clamp(min=1).float()
        own, hard = scores.own_values, self._log_hard(scores, count)
        largest = torch.maximum(own, hard).detach()
        positive = (own - largest).exp()
        estimate = ((hard - largest).exp() - self.tau_plus * count * positive) / (1 - self.tau_plus)
        floor = count * (-scores.scale - largest).exp()
        return scores.mean((positive + torch.maximum(estimate, floor)).log() + largest - own)

    def _log_hard(self, scores: Scores, count: Tensor) -> Tensor:
        """log R: [b]."""
        return scores.log_sum(1 + self.beta) - (scores.log_sum(self.beta) - count.log())
