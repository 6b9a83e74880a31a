"""InfoNCE: each query against its own positive and the batch's negatives."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from src.errors import InputError
from src.objectives.contrast import Contrast

DENOMINATORS = ("both", "in_batch", "explicit")
LEARNED_TEMPERATURE = (0.01, 1.0)  # CLIP (2103.00020) keeps the scale below 100, against divergence


class InfoNCE(nn.Module):
    """Mean over queries of -log(e^{s+/t} / (e^{s+/t} + sum over negatives of e^{s-/t})), s = dot product.

    `denominator` names the negatives: `explicit` (hard negatives of the whole batch, Eq. 1 of arXiv 2408.10536),
    `in_batch` (the other rows' positives) or `both`. A candidate known to answer the query is never its negative.
    `symmetric` averages with the loss of each passage against all queries, which explicit negatives do not enter.
    A learned temperature starts at `temperature` and stays within 0.01 and 1.
    """

    def __init__(
        self,
        temperature: float = 0.05,
        learn_temperature: bool = False,
        denominator: str = "both",
        symmetric: bool = False,
    ) -> None:
        super().__init__()
        _check(temperature, learn_temperature, denominator)
        self.denominator = denominator
        self.symmetric = symmetric
        self.learn_temperature = learn_temperature
        self._seen_negatives = False
        log_scale = torch.tensor([-math.log(temperature)])  # one element, not a scalar: FSDP shards no scalars
        if learn_temperature:
            self.log_scale = nn.Parameter(log_scale)
        else:
            # not persistent: the configuration's temperature holds, whatever a checkpoint was trained with
            self.register_buffer("log_scale", log_scale, persistent=False)

    @property
    def requires_negatives(self) -> bool:
        """Whether the data must have explicit negatives."""
        return self.denominator == "explicit"

    def forward(self, contrast: Contrast) -> dict[str, Tensor]:
        """The loss, with gradient, and what it was made of: temperature, negatives per query, accuracy."""
        self._check_negatives(contrast)
        scale = self._scale()
        allowed = self._allowed(contrast)
        logits = _logits(contrast.queries, contrast.candidates, scale, allowed)
        loss = functional.cross_entropy(logits, contrast.positive)
        if self.symmetric:
            loss = (loss + _backward_direction(contrast, scale)) / 2
        return {"loss": loss, "temperature": 1 / scale.detach(), **_telemetry(logits.detach(), contrast, allowed)}

    def _check_negatives(self, contrast: Contrast) -> None:
        # the first batch only: data where some concepts have none may well give a batch of them later
        if not self.requires_negatives or self._seen_negatives:
            return
        if len(contrast.candidates) == len(contrast.all_queries):
            raise InputError(
                "the objective needs explicit negatives, and the first batch has none",
                where="objective.denominator=explicit",
                fix="use a dataset with negatives and negatives=1, or objective.denominator=in_batch",
            )
        self._seen_negatives = True

    def _scale(self) -> Tensor:
        if self.learn_temperature:
            low, high = LEARNED_TEMPERATURE
            # the parameter itself is brought back: a clamp in the graph would stop its gradient for good
            with torch.no_grad():
                self.log_scale.clamp_(-math.log(high), -math.log(low))
        return self.log_scale.exp().squeeze()

    def _allowed(self, contrast: Contrast) -> Tensor:
        """Columns in each query's denominator, its own positive included: bool [b, n]."""
        allowed = ~contrast.same
        if self.denominator != "both":
            allowed &= contrast.explicit if self.denominator == "explicit" else ~contrast.explicit
        return allowed.scatter(1, contrast.positive[:, None], True)


def _check(temperature: float, learned: bool, denominator: str) -> None:
    low, high = LEARNED_TEMPERATURE
    if not temperature > 0 or math.isinf(temperature):
        raise InputError(f"the temperature must be above 0, got {temperature}", where="objective.temperature")
    if learned and not low <= temperature <= high:
        raise InputError(
            f"a learned temperature starts between {low} and {high}, got {temperature}", where="objective.temperature"
        )
    if denominator not in DENOMINATORS:
        raise InputError(
            f"unknown denominator {denominator!r}",
            where="objective.denominator",
            fix=f"one of {', '.join(DENOMINATORS)}",
        )


def _logits(queries: Tensor, candidates: Tensor, scale: Tensor, allowed: Tensor) -> Tensor:
    """Scaled scores in float32 also under autocast, -inf where a candidate does not count."""
    with torch.autocast(queries.device.type, enabled=False):
        scores = queries.float() @ candidates.float().T * scale
    return scores.masked_fill(~allowed, -torch.inf)


def _backward_direction(contrast: Contrast, scale: Tensor) -> Tensor:
    logits = _logits(contrast.passages, contrast.all_queries, scale, ~contrast.same_query)
    return functional.cross_entropy(logits, contrast.own_query)


def _telemetry(logits: Tensor, contrast: Contrast, allowed: Tensor) -> dict[str, Tensor]:
    own = contrast.positive[:, None]
    best_negative = logits.scatter(1, own, -torch.inf).amax(1)
    return {
        "negatives_per_query": (allowed.sum(1) - 1).float().mean(),
        "accuracy": (logits.gather(1, own)[:, 0] > best_negative).float().mean(),
    }
