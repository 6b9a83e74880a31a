import math
from pathlib import Path

import pytest
import torch
from torch.nn.parallel import DistributedDataParallel

from src.errors import InputError
from src.objectives.contrast import build_contrast
from src.objectives.gather import gather_embeddings
from src.objectives.sigmoid import Sigmoid
from tests.objectives.pairs import DISTINCT, HARD, check_value_and_gradient, query_cosines
from tests.objectives.reference import Rows
from tests.two_ranks import on_two_ranks


def reference_loss(rows, log_scale, bias):
    losses = []
    for own, negatives in query_cosines(rows):
        signed = [(1, own)] + [(-1, each) for each in negatives]
        losses.append(sum(-torch.log(torch.sigmoid(z * (torch.exp(log_scale) * each + bias))) for z, each in signed))
    return sum(losses) / len(losses)


@pytest.mark.parametrize("rows", [DISTINCT, HARD])
@pytest.mark.parametrize(("temperature", "bias"), [(0.1, -10.0), (1.0, 0.5)])
def test_loss_and_gradient_equal_the_formula(rows, temperature, bias):
    objective = Sigmoid(temperature, bias)
    leaves = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (-math.log(temperature), bias)]
    expected = reference_loss(rows, *leaves)
    pairs = zip((objective.log_scale, objective.bias), leaves, strict=True)
    check_value_and_gradient(objective(rows.contrast())["loss"], expected, rows, *pairs)


def test_it_starts_where_siglip_does_with_one_element_parameters():
    objective = Sigmoid()
    terms = objective(DISTINCT.contrast())
    assert 1 / terms["temperature"].item() == pytest.approx(10)
    assert terms["bias"].item() == -10
    assert {name: tuple(each.shape) for name, each in objective.named_parameters()} == {"log_scale": (1,), "bias": (1,)}


def test_the_own_positive_alone_gives_the_loss_where_all_others_are_known_answers():
    rows = Rows([1, 1], [11, 11])
    terms = Sigmoid(1.0, 0.0)(rows.contrast())
    own = (rows.queries * rows.passages).sum(1)
    torch.testing.assert_close(terms["loss"], -torch.nn.functional.logsigmoid(own).mean())
    assert terms["negatives_per_query"].item() == 0


def test_far_logits_stay_finite():
    loss = Sigmoid(0.001, -10.0)(HARD.contrast())["loss"]
    assert loss.isfinite()
    assert all(gradient.isfinite().all() for gradient in torch.autograd.grad(loss, HARD.embeddings))


@pytest.mark.parametrize(("option", "value"), [("temperature", 0), ("temperature", math.inf), ("bias", math.nan)])
def test_options_out_of_range_are_refused(option, value):
    with pytest.raises(InputError, match=rf"objective\.{option}"):
        Sigmoid(**{option: value})


class Model(torch.nn.Module):
    """A linear encoder and the loss of one rank's rows `start : stop` of a batch."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.encoder = torch.nn.Linear(8, 8)
        self.objective = Sigmoid(0.5, -1.0)

    def forward(self, rows: Rows, start: int, stop: int, sizes: list[int]) -> torch.Tensor:
        own = slice(start, stop)
        queries, passages = (self.encoder(each[own]) for each in (rows.queries, rows.passages))
        hard = [len(rows.negatives)] if len(sizes) == 1 else [4, 6]
        first = sum(hard[: start // 2])
        negatives = self.encoder(rows.negatives[first : first + hard[start // 2]])
        contrast = build_contrast(
            queries=queries,
            passages=passages,
            all_queries=gather_embeddings(queries, sizes),
            all_passages=gather_embeddings(passages, sizes),
            all_negatives=gather_embeddings(negatives, hard),
            question_ids=torch.tensor(rows.question_ids),
            passage_ids=torch.tensor(rows.passage_ids),
            negative_ids=torch.tensor(rows.negative_ids),
            offset=start,
        )
        return self.objective(contrast)["loss"]


BATCH = Rows([1, 2, 3, 2], [11, 12, 13, 15], [21, 22, 13, 24, 25, 26, 15, 27, 11, 28])


def on_rank(rank: int, _: Path):
    model = DistributedDataParallel(Model())
    model(BATCH, 2 * rank, 2 * rank + 2, [2, 2]).backward()
    return [parameter.grad for parameter in model.parameters()]


@pytest.mark.slow
def test_two_ranks_have_the_gradient_of_one(tmp_path):
    model = Model()
    model(BATCH, 0, 4, [4]).backward()
    for found in on_two_ranks(on_rank, tmp_path):
        for mine, parameter in zip(found, model.parameters(), strict=True):
            torch.testing.assert_close(mine, parameter.grad, rtol=1e-5, atol=1e-6)
