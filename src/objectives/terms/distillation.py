"""Distillation: a text and its version in another language drawn to a frozen teacher's embedding of the text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig
from torch import Tensor, nn

from src.encoder.build import build_encoder
from src.encoder.dual_encoder import DualEncoder
from src.encoder.restore import restore
from src.encoder.settings import Side
from src.errors import InputError
from src.objectives.over_ranks import global_mean
from src.objectives.step import Step
from src.objectives.term import Setup, Taught, Term
from src.objectives.terms.cosine import row_cosines
from src.objectives.terms.options import check_bool, check_choice
from src.objectives.terms.parallel import sides_of
from src.objectives.terms.sides import own_embeddings, own_versions

DISTANCES = ("mse", "cosine")


class Distillation(Term):
    """Mean over texts of all ranks of the student's distance to T, the teacher's embedding in the teacher's language.

    For a row's own text x, in whatever language, ||S(x) - T||^2, and with `translations` as much for its version in
    another language. Where one of the two is in the teacher's language this is Reimers and Gurevych's loss
    (arXiv 2004.09813). `mse` is summed over dimensions; `cosine` is 1 - cos (MIMO, arXiv 2605.31171). S goes through a
    learned linear map with `projection`, which a teacher of another width needs. The teacher embeds each text once,
    before training; a row whose text does not exist in its language is left out.
    """

    def __init__(
        self,
        setup: Setup,
        checkpoint: str | None = None,
        teacher: DictConfig | None = None,
        language: str = "en",
        distance: str = "mse",
        side: str = "both",
        translations: bool = True,
        projection: bool = False,
    ) -> None:
        super().__init__()
        check_choice(distance, DISTANCES, "terms.distillation.distance")
        check_choice(language, setup.languages, "terms.distillation.language")
        check_bool(translations, "terms.distillation.translations")
        check_bool(projection, "terms.distillation.projection")
        self.distance = distance
        self.sides = sides_of(side, "terms.distillation.side")
        self.translations = frozenset(self.sides) if translations else frozenset()
        encoder = _load(checkpoint, teacher)
        self.taught = Taught(encoder, setup.languages.index(language), frozenset(self.sides))
        if not projection and encoder.dimension != setup.dimension:
            raise InputError(
                f"the teacher's embeddings have {encoder.dimension} dimensions, the student's {setup.dimension}",
                where="terms.distillation.projection",
                fix="true learns a map from the student's to the teacher's",
            )
        self.projection = nn.Linear(setup.dimension, encoder.dimension) if projection else nn.Identity()

    def forward(self, step: Step) -> dict[str, Tensor]:
        """The loss, 0 where no rank has a text that the teacher knows, and the mean cosine to the teacher."""
        pairs = [pair for side in self.sides for pair in self._pairs(step, side)]
        student = self.projection(torch.cat([own for own, _ in pairs]))
        teacher = torch.cat([target for _, target in pairs])
        cosine = row_cosines(student, teacher)
        distances = 1 - cosine if self.distance == "cosine" else ((student.float() - teacher) ** 2).sum(1)
        return {"loss": global_mean(distances), "teacher_cosine": cosine.detach().mean()}

    def _pairs(self, step: Step, side: Side) -> list[tuple[Tensor, Tensor]]:
        """(student's, teacher's) embeddings of own texts, and of their versions."""
        own, versions = own_embeddings(step, side), own_versions(step, side)
        targets = step.query_targets if side == "query" else step.passage_targets
        if targets is None:
            raise RuntimeError(f"the {side} texts of this batch have no targets")
        pairs = [(own[targets.rows], targets.embeddings)]
        if versions is not None and self.translations:
            of_row = torch.full((len(own),), -1, device=own.device)
            of_row[targets.rows] = torch.arange(len(targets.rows), device=own.device)
            known = of_row[versions.rows]
            pairs.append((versions.embeddings[known >= 0], targets.embeddings[known[known >= 0]]))
        return pairs


def _load(checkpoint: Any, teacher: DictConfig | None) -> DualEncoder:
    if (checkpoint is None) == (teacher is None):
        raise InputError(
            "distillation takes one teacher",
            where="terms.distillation.checkpoint, terms.distillation.teacher",
            fix="terms.distillation.checkpoint=outputs/<run>, or model@terms.distillation.teacher=labse",
        )
    if teacher is not None:
        return build_encoder(teacher, lambda: iter(())).requires_grad_(False)
    try:
        return restore(Path(str(checkpoint))).requires_grad_(False)
    except InputError as error:
        raise InputError(error.what, where=f"terms.distillation.{error.where}", fix=error.fix) from error
