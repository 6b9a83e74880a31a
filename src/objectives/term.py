"""What a loss term is: a part of the total loss beside the objective, with a weight of its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from torch import Tensor, nn

from src.encoder.dual_encoder import DualEncoder
from src.encoder.settings import Side
from src.objectives.step import Step


@dataclass(frozen=True)
class Setup:
    """What a term may want to know of the run before its first step."""

    dimension: int  # of the embeddings
    languages: tuple[str, ...]  # of the training data
    datasets: tuple[str, ...]
    pairs: int  # training pairs that exist: concepts
    max_steps: int
    seed: int


@dataclass
class Taught:
    """What a term wants of a frozen teacher: its embeddings of some sides' texts in one language."""

    encoder: DualEncoder | None  # None once it has embedded them
    language: int
    sides: frozenset[Side]


class Term(nn.Module, ABC):
    """A loss added to the objective's. Its own parameters are trained with the encoder's, at `lr` if it says so.

    Each rank computes it from its own rows and the gathered ones. Gradients are averaged over ranks, so a mean over
    rows that ranks hold in different numbers is `over_ranks.global_mean`. Under DDP every parameter of a term needs a
    gradient in every step.
    """

    translations: frozenset[Side] = frozenset()  # sides whose texts it needs in a second language
    other_instruction: bool = False  # whether it needs queries under another dataset's instruction
    taught: Taught | None = None  # the teacher whose embeddings it needs
    lr: float | None = None  # the learning rate of its own parameters; None: the optimizer's

    @abstractmethod
    def forward(self, step: Step) -> dict[str, Tensor]:
        """Its unweighted `loss`, a scalar with gradient, and whatever else is worth logging, without."""
