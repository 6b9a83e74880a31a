"""What training minimises: the objective and the terms beside it, each by its weight."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from src.encoder.settings import Side
from src.errors import InputError
from src.objectives.step import Step
from src.objectives.term import Taught, Term
from src.objectives.weight import ONE, Weight


class TotalLoss(nn.Module):
    """weight * objective + the sum over terms of weight * term."""

    def __init__(
        self, objective: nn.Module, weight: Weight = ONE, terms: Mapping[str, tuple[Term, Weight]] | None = None
    ) -> None:
        """`terms` by name, each with its weight; an InputError for a part that never counts."""
        super().__init__()
        terms = terms or {}
        self.objective = objective
        self.terms = nn.ModuleDict({name: term for name, (term, _) in terms.items()})
        self.weights = {"objective": weight, **{name: each for name, (_, each) in terms.items()}}
        for name, each in self.weights.items():
            if each.is_nothing and (name != "objective" or not terms):
                key = "objective_weight" if name == "objective" else f"terms.{name}.weight"
                raise InputError("a weight of 0 throughout", where=key, fix=f"leave {name} out, or give it a weight")

    @property
    def translations(self) -> frozenset[Side]:
        """Sides whose texts some term needs in a second language."""
        return frozenset(side for term in self.terms.values() for side in term.translations)  # type: ignore[union-attr]

    @property
    def taught(self) -> Taught | None:
        """What some term wants of a teacher; the first to."""
        return next((term.taught for term in self.terms.values() if term.taught is not None), None)  # type: ignore[return-value]

    @property
    def other_instruction(self) -> bool:
        """Whether some term needs queries under another instruction."""
        return any(term.other_instruction for term in self.terms.values())

    def forward(self, step: Step) -> dict[str, Tensor]:
        """The total `loss`, the objective's own figures, and with terms each part's figures under its name."""
        parts = {"objective": self.objective(step.contrast)}
        parts |= {name: term(step) for name, term in self.terms.items()}
        weights = {name: weight.at(step.progress) for name, weight in self.weights.items()}
        # weight 0 stays in the graph: under DDP every parameter needs a gradient in every step
        total = torch.stack([parts[name]["loss"] * weight for name, weight in weights.items()]).sum()
        own = {name: value for name, value in parts["objective"].items() if name != "loss"}
        return {"loss": total, **own, **self._by_part(parts, weights)}

    def _by_part(self, parts: dict[str, dict[str, Tensor]], weights: dict[str, float]) -> dict[str, Tensor]:
        if not self.terms:
            return {}
        named = {"objective": {"loss": parts["objective"]["loss"]}} | {name: parts[name] for name in self.terms}
        figures = {f"{name}/{key}": value.detach() for name, part in named.items() for key, value in part.items()}
        return figures | {f"{name}/weight": torch.tensor(weight) for name, weight in weights.items()}
