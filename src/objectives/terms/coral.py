"""CORAL: the languages' embeddings with the same covariance, after Sun & Saenko 2016 (1607.01719)."""

from __future__ import annotations

import torch
from torch import Tensor

from src.objectives.term import Setup
from src.objectives.terms.moments import MomentMatching
from src.objectives.terms.options import check_bool


class CORAL(MomentMatching):
    """||C_a - C_b||_F^2 / (4 d^2), averaged over language pairs; C_l the covariance [d, d] with divisor n_l - 1.

    `means` adds ||mu_a - mu_b||^2 / d. `rescale` computes both for embeddings times sqrt(d): unit-length ones then
    have coordinates of order 1, as the source's activations do, where the plain value would be of order 1 / d^2.
    """

    name = "coral"

    def __init__(
        self,
        setup: Setup,
        side: str = "both",
        translations: bool = False,
        means: bool = False,
        rescale: bool = True,
    ) -> None:
        super().__init__(setup, side, translations)
        check_bool(means, "terms.coral.means")
        check_bool(rescale, "terms.coral.rescale")
        self.means, self.rescale = means, rescale

    def distance(self, groups: list[Tensor]) -> Tensor:
        """Mean over all pairs of the covariances' distance, and of the means' if asked for."""
        d = groups[0].shape[1]
        if self.rescale:
            groups = [group * d**0.5 for group in groups]
        loss = _mean_distance([_covariance(group) for group in groups]) / (4 * d**2)
        if self.means:
            loss = loss + _mean_distance([group.mean(0) for group in groups]) / d
        return loss


def _covariance(rows: Tensor) -> Tensor:
    centred = rows - rows.mean(0)
    return centred.T @ centred / (len(rows) - 1)


def _mean_distance(tensors: list[Tensor]) -> Tensor:
    """Mean of ||t_a - t_b||^2 over pairs a < b."""
    stacked = torch.stack(tensors)
    # over L tensors, sum_{a<b} ||t_a - t_b||^2 = L sum_a ||t_a - mean||^2: no pair needs its own matrix
    return (stacked - stacked.mean(0)).square().sum() * (2 / (len(tensors) - 1))
