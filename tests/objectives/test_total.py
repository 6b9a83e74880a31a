import pytest
import torch
from torch import nn

from src.errors import InputError
from src.objectives.step import Step
from src.objectives.term import Term
from src.objectives.total import TotalLoss
from src.objectives.weight import ONE, Weight


class Constant(nn.Module):
    """An objective that is its parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.tensor(3.0))

    def forward(self, contrast):
        return {"loss": self.value * 1.0, "accuracy": torch.tensor(0.5)}


class Square(Term):
    """A term that is its parameter squared."""

    def __init__(self) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.tensor(2.0))

    def forward(self, step):
        return {"loss": self.value**2, "distance": torch.tensor(7.0)}


class Translated(Square):
    translations = frozenset({"query"})


def at(progress: float) -> Step:
    return Step(None, None, None, None, progress)


def test_without_terms_the_objective_is_all_and_keeps_its_names():
    figures = TotalLoss(Constant())(at(0.0))
    assert {name: float(value.detach()) for name, value in figures.items()} == {"loss": 3.0, "accuracy": 0.5}


def test_the_total_is_weighted_and_every_part_is_shown_with_its_weight():
    total = TotalLoss(Constant(), Weight.read(0.5, "w"), {"square": (Square(), Weight.read({0: 0, 0.5: 2}, "w"))})
    figures = {name: float(value.detach()) for name, value in total(at(0.6)).items()}
    assert figures == {
        "loss": 0.5 * 3 + 2 * 4,
        "accuracy": 0.5,
        "objective/loss": 3.0,
        "objective/weight": 0.5,
        "square/loss": 4.0,
        "square/distance": 7.0,
        "square/weight": 2.0,
    }


def test_the_loss_alone_holds_the_graph():
    figures = TotalLoss(Constant(), ONE, {"square": (Square(), ONE)})(at(0.0))
    assert [name for name, value in figures.items() if value.requires_grad] == ["loss"]


def test_a_part_of_weight_zero_adds_nothing_and_still_gives_gradients():
    total = TotalLoss(Constant(), ONE, {"square": (Square(), Weight.read({0: 0, 0.5: 2}, "w"))})
    loss = total(at(0.0))["loss"]
    loss.backward()
    assert loss.item() == 3.0
    assert [float(parameter.grad) for parameter in total.parameters()] == [1.0, 0.0]


def test_a_part_that_never_counts_is_refused():
    nothing = Weight.read(0, "w")
    with pytest.raises(InputError, match=r"terms\.square\.weight"):
        TotalLoss(Constant(), ONE, {"square": (Square(), nothing)})
    with pytest.raises(InputError, match="objective_weight"):
        TotalLoss(Constant(), nothing)
    assert TotalLoss(Constant(), nothing, {"square": (Square(), ONE)})(at(0.0))["loss"].item() == 4.0


def test_says_which_sides_need_translations():
    terms = {"a": (Square(), ONE), "b": (Translated(), ONE)}
    assert TotalLoss(Constant(), ONE, terms).translations == {"query"}
    assert TotalLoss(Constant()).translations == frozenset()
