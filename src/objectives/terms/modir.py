"""Momentum adversarial training: a classifier trained on past batches, which the encoder confuses (MoDIR)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.func import functional_call
from torch.nn import functional

from src.objectives.over_ranks import global_mean
from src.objectives.step import Step
from src.objectives.term import Setup, Term
from src.objectives.terms.discriminator import Discriminator
from src.objectives.terms.domains import domains_of, own_domains, own_texts, recognition
from src.objectives.terms.options import check_above_zero, check_choice, check_whole
from src.objectives.terms.parallel import sides_of
from src.objectives.terms.queue import Queue
from src.objectives.terms.sides import all_embeddings, all_labels

KINDS = ("confusion", "minimax")
CLAMP = 5.0  # of the logits, as in the source


class MoDIR(Term):
    """Classifier's loss + lambda * encoder's loss, after Xin et al. 2022 (2110.07581).

    The classifier's: cross-entropy of `per_step` embeddings drawn from a queue of the last `queue` ones of all ranks,
    this batch's included, without gradient to the encoder. The encoder's, on this batch with the classifier held
    fixed: `confusion` -1/L sum_l log p_l, least where all L domains are equally likely; or `minimax`, log p of the
    true domain. lambda is `strength`, halved every `halve_every` steps.

    The source takes 20 optimizer steps of the classifier over the whole queue of 1,000 batches, 50 at a time, for
    each of the encoder. Here both take one, by the run's optimizer, so the default `lr` is 20 times the source's.
    """

    def __init__(
        self,
        setup: Setup,
        domain: str = "language",
        sees: str = "both",
        kind: str = "confusion",
        strength: float = 0.5,
        halve_every: int | None = 10_000,
        hidden: int = 200,
        layers: int = 0,
        queue: int = 20_000,
        per_step: int = 2_000,
        lr: float | None = 6e-4,
    ) -> None:
        super().__init__()
        self.sides = sides_of(sees, "terms.modir.sees")
        check_choice(kind, KINDS, "terms.modir.kind")
        for option, value in {"strength": strength, **({} if lr is None else {"lr": lr})}.items():
            check_above_zero(value, f"terms.modir.{option}")
        for option, value in {"hidden": hidden, "queue": queue, "per_step": per_step}.items():
            check_whole(value, 1, f"terms.modir.{option}")
        check_whole(layers, 0, "terms.modir.layers")
        if halve_every is not None:
            check_whole(halve_every, 1, "terms.modir.halve_every")
        number = len(domains_of(setup, domain, "modir"))
        self.domain, self.kind, self.per_step, self.lr = domain, kind, per_step, lr
        self.strength, self.halve_every = strength, halve_every
        self.seed, self.max_steps = setup.seed, setup.max_steps
        self.queue = Queue(queue, setup.dimension)
        self.classifier = Discriminator(
            setup.dimension, number, hidden=hidden, layers=layers, seed=setup.seed, last_bias=False
        )

    def forward(self, step: Step) -> dict[str, Tensor]:
        """Both losses, together as `loss`; `lambda`, and the classifier's `accuracy` on this batch beside `chance`."""
        number = round(step.progress * self.max_steps)
        self._remember(step)
        past, past_domains = self.queue.draw(self.per_step, seed=self.seed, step=number)
        classifier_loss = functional.cross_entropy(_clamped(self.classifier(past)), past_domains)
        embeddings, domains = own_texts(step, self.sides, self.domain)
        logits = _clamped(functional_call(self.classifier, _fixed(self.classifier), (embeddings,)))
        encoder_loss = global_mean(encoder_losses(logits, domains, self.kind))
        strength = self._strength_at(number)
        return {
            "loss": classifier_loss + strength * encoder_loss,
            "classifier_loss": classifier_loss.detach(),
            "encoder_loss": encoder_loss.detach(),
            "lambda": torch.tensor(strength),
            **recognition(logits, domains),
        }

    def _remember(self, step: Step) -> None:
        """Put all ranks' texts into the queue: side by side, so that it is the same on any number of ranks."""
        for side in self.sides:
            labels = all_labels(own_domains(step, side, self.domain))
            self.queue.add(all_embeddings(step, side), labels)

    def _strength_at(self, step: int) -> float:
        return self.strength if self.halve_every is None else self.strength * 0.5 ** (step // self.halve_every)


def encoder_losses(logits: Tensor, domains: Tensor, kind: str) -> Tensor:
    """What the encoder descends on each text, [n], of logits [n, L]."""
    if kind == "minimax":
        return -functional.cross_entropy(logits, domains, reduction="none")
    return -functional.log_softmax(logits, dim=1).mean(1)


def _clamped(logits: Tensor) -> Tensor:
    return logits.clamp(-CLAMP, CLAMP)


def _fixed(module: torch.nn.Module) -> dict[str, Tensor]:
    return {name: parameter.detach() for name, parameter in module.named_parameters()}
