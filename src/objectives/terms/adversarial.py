"""Domain-adversarial training by gradient reversal, after Ganin et al. 2016 (1505.07818)."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from src.objectives.over_ranks import global_mean
from src.objectives.step import Step
from src.objectives.term import Setup, Term
from src.objectives.terms.discriminator import Discriminator
from src.objectives.terms.domains import domains_of, own_texts, recognition
from src.objectives.terms.options import check_above_zero, check_whole
from src.objectives.terms.parallel import sides_of


class Adversarial(Term):
    """Cross-entropy of a discriminator that names each embedding's domain, over all ranks' texts.

    The discriminator descends its loss. The encoder gets the loss's gradient times -lambda: it learns embeddings
    from which the domain cannot be told. lambda follows `lambda_at`.

    An accuracy below `chance` is no success: the discriminator lags behind an encoder that runs ahead of it, and
    another classifier may well tell the domain. A `weight` or `max` below 1 slows the encoder.
    """

    def __init__(
        self,
        setup: Setup,
        domain: str = "language",
        sees: str = "both",
        hidden: int = 256,
        layers: int = 1,
        gamma: float = 10.0,
        max: float = 1.0,
        lr: float | None = 1e-3,
    ) -> None:
        super().__init__()
        self.sides = sides_of(sees, "terms.adversarial.sees")
        check_whole(hidden, 1, "terms.adversarial.hidden")
        check_whole(layers, 0, "terms.adversarial.layers")
        for option, value in {"gamma": gamma, "max": max, **({} if lr is None else {"lr": lr})}.items():
            check_above_zero(value, f"terms.adversarial.{option}")
        number = len(domains_of(setup, domain, "adversarial"))
        self.domain, self.gamma, self.max, self.lr = domain, gamma, max, lr
        self.discriminator = Discriminator(setup.dimension, number, hidden=hidden, layers=layers, seed=setup.seed)

    def forward(self, step: Step) -> dict[str, Tensor]:
        """The discriminator's loss, `lambda`, and its `accuracy` beside `chance`."""
        embeddings, domains = own_texts(step, self.sides, self.domain)
        strength = self.max * lambda_at(step.progress, self.gamma)
        logits = self.discriminator(reverse_gradient(embeddings, strength))
        loss = global_mean(functional.cross_entropy(logits, domains, reduction="none"))
        return {"loss": loss, "lambda": torch.tensor(strength), **recognition(logits, domains)}


def lambda_at(progress: float, gamma: float) -> float:
    """2 / (1 + e^(-gamma p)) - 1 at share p of the run: 0 at first, so that noise of a new discriminator is ignored."""
    return 2 / (1 + math.exp(-gamma * progress)) - 1


def reverse_gradient(embeddings: Tensor, strength: float) -> Tensor:
    """The same embeddings, whose gradient is multiplied by -strength on the way back."""
    return _Reversal.apply(embeddings, strength)


class _Reversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, embeddings: Tensor, strength: float) -> Tensor:
        ctx.strength = strength
        return embeddings.view_as(embeddings)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient * -ctx.strength, None
