"""Semantic and language contrastive losses on parallel texts (Hu et al. 2023, arXiv 2210.06633)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from src.encoder.settings import Side
from src.errors import InputError
from src.objectives.contrast import Contrast
from src.objectives.gather import gather_embeddings, gather_ids, gather_sizes
from src.objectives.over_ranks import global_mean
from src.objectives.step import Step
from src.objectives.term import Setup, Term
from src.objectives.terms.cosine import cosines, row_cosines
from src.objectives.terms.options import check_above_zero, is_number
from src.objectives.terms.parallel import Parallel, parallel_cosine, parallel_texts, sides_of


class SemanticLanguage(Term):
    """`semantic` * S + `language` * L over all ranks' pairs of a text x_i and its version y_i; s = cos / temperature.

    S, the semantic part, tells pairs apart: the mean over pairs i, in both directions, of
    -log(e^{s(x_i, y_i)} / (e^{s(x_i, y_i)} + sum over pairs j of e^{s(x_i, y_j)})), and of it with x and y swapped,
    j the pairs of another text: those of the same one, in whatever language, are no negatives.
    L, the language part, makes x_i and y_i equally similar to a third text z: the mean over pairs i and texts z of
    -log(e^{s(x_i, z)} / (e^{s(x_i, z)} + e^{s(y_i, z)})) - log(e^{s(y_i, z)} / (e^{s(x_i, z)} + e^{s(y_i, z)})),
    which is 2 log 2 where they are, and more elsewhere.

    That there are these two parts is the paper's; their details could not be checked, and are our reading: negatives of
    S in the other language of their pair only; as z, for want of texts without translations, the batch's candidates in
    any language but those known to answer the row's question; the weights.
    """

    def __init__(
        self,
        setup: Setup,
        semantic: float = 1.0,
        language: float = 1.0,
        temperature: float = 0.05,
        side: str = "queries",
    ) -> None:
        super().__init__()
        check_above_zero(temperature, "terms.semantic_language.temperature")
        _check_weights(semantic, language)
        self.semantic, self.language, self.temperature = semantic, language, temperature
        self.sides = sides_of(side, "terms.semantic_language.side")
        self.translations = frozenset(self.sides)

    def forward(self, step: Step) -> dict[str, Tensor]:
        """The loss, 0 where no rank has a version, its two parts, and what they want high and low.

        `parallel_cosine` is the mean cosine of parallel texts, `language_gap` the mean |cos(x, z) - cos(y, z)|.
        """
        pairs = {side: parallel_texts(step, side) for side in self.sides}
        directions = torch.cat([self._semantic(each, step.contrast, side) for side, each in pairs.items()])
        gaps = torch.cat([_gaps(each, step.contrast) for each in pairs.values()])
        semantic, language = global_mean(directions), global_mean(self._language(gaps))
        return {
            "loss": self.semantic * semantic + self.language * language,
            "semantic": semantic.detach(),
            "language": language.detach(),
            "parallel_cosine": parallel_cosine(list(pairs.values())),
            "language_gap": gaps.detach().abs().mean(),
        }

    def _semantic(self, own: Parallel, contrast: Contrast, side: Side) -> Tensor:
        """-log of the share of the true version, then of the true text, among all ranks' pairs: [2 k]."""
        # the first m candidates are the rows' own passages
        texts = contrast.all_queries if side == "query" else contrast.candidates
        ids = contrast.question_ids if side == "query" else contrast.passage_ids
        mine = contrast.own_query[own.rows]
        rows, versions = _all_pairs(mine, own.versions)
        duplicate = (ids[mine][:, None] == ids[rows]) & (mine[:, None] != rows)
        true = row_cosines(own.texts, own.versions) / self.temperature
        directions = (own.texts, versions), (own.versions, texts[rows])
        scores = [cosines(anchors, against) / self.temperature for anchors, against in directions]
        return torch.cat([each.masked_fill(duplicate, -torch.inf).logsumexp(1) - true for each in scores])

    def _language(self, gaps: Tensor) -> Tensor:
        differences = gaps / self.temperature
        return functional.softplus(differences) + functional.softplus(-differences)


def _all_pairs(rows: Tensor, versions: Tensor) -> tuple[Tensor, Tensor]:
    """All ranks' pairs, given this one's: the global rows that they belong to, and the versions."""
    sizes = gather_sizes(rows)
    if not sum(sizes):
        return rows, versions
    return gather_ids(rows, sizes), gather_embeddings(versions, sizes)


def _gaps(own: Parallel, contrast: Contrast) -> Tensor:
    """cos(x_i, z) - cos(y_i, z) of own pairs i and the texts z that count for them, flat."""
    third = ~contrast.same.scatter(1, contrast.positive[:, None], True)[own.rows]
    gap = cosines(own.texts, contrast.candidates) - cosines(own.versions, contrast.candidates)
    return gap[third]


def _check_weights(semantic: float, language: float) -> None:
    for name, weight in (("semantic", semantic), ("language", language)):
        if not is_number(weight) or weight < 0:
            raise InputError(f"must be a number from 0 on, got {weight!r}", where=f"terms.semantic_language.{name}")
    if semantic == language == 0:
        raise InputError(
            "both parts have weight 0",
            where="terms.semantic_language.semantic, terms.semantic_language.language",
            fix="give one of them a weight, or leave the term out",
        )
