"""A text and its version in another language, pulled together."""

from __future__ import annotations

import torch
from torch import Tensor

from src.objectives.over_ranks import global_mean
from src.objectives.step import Step
from src.objectives.term import Setup, Term
from src.objectives.terms.cosine import row_cosines
from src.objectives.terms.options import check_choice
from src.objectives.terms.parallel import Parallel, parallel_cosine, parallel_texts, sides_of

DISTANCES = ("mse", "cosine")


class Alignment(Term):
    """Mean over parallel texts of all ranks of their distance to their version; both are moved.

    `mse`: ||x - y||^2, summed over dimensions (torch's mean over them would be d times less), of the embeddings as
    they are scored: for normalised ones 2 (1 - cos). `cosine`: 1 - cos(x, y). `side` both: the mean over queries and
    passages alike.
    """

    def __init__(self, setup: Setup, distance: str = "mse", side: str = "queries") -> None:
        super().__init__()
        check_choice(distance, DISTANCES, "terms.alignment.distance")
        self.distance = distance
        self.sides = sides_of(side, "terms.alignment.side")
        self.translations = frozenset(self.sides)

    def forward(self, step: Step) -> dict[str, Tensor]:
        """The loss, 0 where no rank has a version, and the mean cosine of parallel texts."""
        pairs = [parallel_texts(step, side) for side in self.sides]
        distances = torch.cat([self._distances(each) for each in pairs])
        return {"loss": global_mean(distances), "parallel_cosine": parallel_cosine(pairs)}

    def _distances(self, pairs: Parallel) -> Tensor:
        if self.distance == "cosine":
            return 1 - row_cosines(pairs.texts, pairs.versions)
        return ((pairs.texts.float() - pairs.versions.float()) ** 2).sum(1)
