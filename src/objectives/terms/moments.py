"""Moment matching: what the distances between the distributions of the languages' embeddings share."""

from __future__ import annotations

import math
from abc import abstractmethod

import torch
from torch import Tensor

from src.encoder.settings import Side
from src.errors import InputError
from src.objectives.step import Step
from src.objectives.term import Setup, Term
from src.objectives.terms.options import check_bool
from src.objectives.terms.parallel import sides_of
from src.objectives.terms.sides import all_embeddings, all_labels, all_translations, by_language, own_languages

ENOUGH = 2  # texts of a language in a batch, below which it has no spread


class MomentMatching(Term):
    """Mean, over the pairs of languages in the global batch, of a distance between their texts' distributions.

    A language counts where the batch has two texts of it. Queries are compared with queries and passages with
    passages, never with one another: in a cross-lingual row they differ in language and in kind. With `translations`
    the texts' second versions count like the texts themselves. Where fewer than two languages count, the loss is 0.
    """

    name: str  # of the term in the configuration

    def __init__(self, setup: Setup, side: str = "both", translations: bool = False) -> None:
        super().__init__()
        check_bool(translations, f"terms.{self.name}.translations")
        if len(setup.languages) < 2:
            raise InputError(
                f"the training data has one language, {setup.languages[0]}, and this term compares two",
                where=f"terms.{self.name}",
                fix=f"data in more languages, or no {self.name} among the terms",
            )
        self.sides = sides_of(side, f"terms.{self.name}.side")
        if translations:
            self.translations = frozenset(self.sides)

    @abstractmethod
    def distance(self, groups: list[Tensor]) -> Tensor:
        """Mean distance over all pairs of at least two groups [n_l, d] of float32 embeddings."""

    def forward(self, step: Step) -> dict[str, Tensor]:
        """The mean distance over all pairs of languages; how many `languages` and `pairs` were compared."""
        texts = [self._texts(step, side) for side in self.sides]
        with torch.autocast(texts[0][0].device.type, enabled=False):
            groups = [by_language(embeddings.float(), languages, ENOUGH) for embeddings, languages in texts]
            pairs = [math.comb(len(each), 2) for each in groups]
            # the same graph in every step: a batch with nothing to compare has a gradient, of zero
            loss = torch.stack([embeddings.float().sum() * 0 for embeddings, _ in texts]).sum()
            for each, count in zip(groups, pairs, strict=True):
                if count:
                    loss = loss + self.distance(each) * (count / sum(pairs))
        seen = {"languages": max(len(each) for each in groups), "pairs": sum(pairs)}
        return {"loss": loss, **{name: torch.tensor(float(value)) for name, value in seen.items()}}

    def _texts(self, step: Step, side: Side) -> tuple[Tensor, Tensor]:
        embeddings, languages = all_embeddings(step, side), all_labels(own_languages(step, side))
        if not self.translations:
            return embeddings, languages
        more, their_languages = all_translations(step, side, f"terms.{self.name}.translations")
        return torch.cat([embeddings, more]), torch.cat([languages, their_languages])
