"""What the objectives that divide scores by a temperature share: options, their checks, directions, telemetry."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from src.errors import InputError
from src.objectives.contrast import Contrast
from src.objectives.scores import DENOMINATORS, Scores, passage_scores, query_scores, telemetry

LEARNED_TEMPERATURE = (0.01, 1.0)  # CLIP (2103.00020) keeps the scale below 100, against divergence


class TemperatureObjective(nn.Module, ABC):
    """Each query's own positive against its negatives, s = dot product / temperature, in one direction or both.

    `denominator` names the negatives: `explicit` (hard negatives of the whole batch, Eq. 1 of arXiv 2408.10536),
    `in_batch` (the other rows' positives) or `both`. A candidate known to answer the query is never its negative.
    `symmetric` adds the loss of each passage against all queries, which explicit negatives do not enter.
    A learned temperature starts at `temperature` and stays within 0.01 and 1.
    """

    direction_weight = 0.5  # of each direction where there are two: their average

    def __init__(
        self,
        temperature: float = 0.05,
        learn_temperature: bool = False,
        denominator: str = "both",
        symmetric: bool = False,
    ) -> None:
        super().__init__()
        check_temperature(temperature)
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

    @abstractmethod
    def direction_loss(self, scores: Scores) -> Tensor:
        """The mean loss of one direction's texts, with gradient."""

    @property
    def requires_negatives(self) -> bool:
        """Whether the data must have explicit negatives."""
        return self.denominator == "explicit"

    def forward(self, contrast: Contrast) -> dict[str, Tensor]:
        """The loss, with gradient, and what it was made of: temperature, negatives per query, accuracy."""
        self._check_negatives(contrast)
        scale = self._scale()
        scores = query_scores(contrast, scale, self.denominator)
        loss = self.direction_loss(scores)
        if self.symmetric:
            loss = (loss + self.direction_loss(passage_scores(contrast, scale))) * self.direction_weight
        return {"loss": loss, "temperature": 1 / scale.detach(), **telemetry(scores)}

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


def check_temperature(temperature: float) -> None:
    """InputError unless the temperature is above 0 and finite."""
    if not temperature > 0 or math.isinf(temperature):
        raise InputError(f"the temperature must be above 0, got {temperature}", where="objective.temperature")


def _check(temperature: float, learned: bool, denominator: str) -> None:
    low, high = LEARNED_TEMPERATURE
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
