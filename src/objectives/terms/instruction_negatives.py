"""Instruction negatives: a passage belongs to its query under its own instruction, and under no other."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from src.errors import InputError
from src.objectives.gather import gather_ids, world_size
from src.objectives.over_ranks import global_mean
from src.objectives.scores import passage_scores
from src.objectives.step import Step
from src.objectives.term import Setup, Term


class InstructionNegatives(Term):
    """InF-Embed's loss (arXiv 2505.21439) of each passage p against queries q under instructions I, mean over passages:

    -log(e^{p.(I+,q+)/t} / (e^{p.(I+,q+)/t} + e^{p.(I-,q+)/t} + sum over q- of e^{p.(I+,q-)/t})), . the dot product.

    I- is another dataset's instruction, where the source has a language model poison it; q- are the batch's queries of
    the same dataset that are not known to ask for p, and `in_batch: false` leaves them out. A row whose dataset has no
    instruction does not count.
    """

    other_instruction = True
    scale: Tensor  # 1 / temperature

    def __init__(self, setup: Setup, temperature: float = 0.05, in_batch: bool = True) -> None:
        super().__init__()
        if not temperature > 0 or math.isinf(temperature):
            where = "terms.instruction_negatives.temperature"
            raise InputError(f"the temperature must be above 0, got {temperature}", where=where)
        self.register_buffer("scale", torch.tensor(1 / temperature), persistent=False)
        self.in_batch = in_batch

    def forward(self, step: Step) -> dict[str, Tensor]:
        """The loss, 0 where no rank has an instructed row, and how often the own instruction scores above the other."""
        others = step.other_instruction
        if others is None:
            raise InputError("queries have no instructions", where="terms.instruction_negatives, instructions")
        scores = passage_scores(step.contrast, self.scale)
        scores.negatives &= self._same_dataset(step) & self.in_batch
        own = scores.own[others.rows]
        # float32 also under autocast, as the scores are
        passages, queries = step.contrast.passages[others.rows].float(), others.embeddings.float()
        wrong = (passages * queries).sum(1) * self.scale
        logits = torch.cat([scores.masked()[others.rows], wrong[:, None]], 1)
        followed = scores.own_values[others.rows] > wrong
        return {
            "loss": global_mean(functional.cross_entropy(logits, own, reduction="none")),
            "followed": followed.float().sum() / max(1, len(own)),
        }

    def _same_dataset(self, step: Step) -> Tensor:
        """Whether the query of each row of all ranks is of the passage's dataset: bool [b, m]."""
        rows = [len(step.datasets)] * world_size()
        return step.datasets[:, None] == gather_ids(step.datasets, rows)
