import math

import pytest
import torch

from src.objectives.decoupled import Decoupled
from src.objectives.infonce import InfoNCE
from tests.objectives.pairs import ALONE, CASES, HARD, check_value_and_gradient, reference
from tests.objectives.reference import Rows


def row_loss(temperature):
    def loss(own, negatives):
        return -own / temperature + torch.log(sum(torch.exp(each / temperature) for each in negatives))

    return loss


@pytest.mark.parametrize(("rows", "denominator", "symmetric"), CASES)
@pytest.mark.parametrize("temperature", [0.05, 1.0])
def test_loss_and_gradient_equal_the_formula(rows, denominator, symmetric, temperature):
    objective = Decoupled(temperature, denominator=denominator, symmetric=symmetric)
    expected = reference(rows, row_loss(temperature), denominator, symmetric)
    check_value_and_gradient(objective(rows.contrast())["loss"], expected, rows)


def test_a_learned_temperature_has_the_formulas_gradient():
    objective = Decoupled(0.1, learn_temperature=True)
    log_scale = torch.tensor(-math.log(0.1), dtype=torch.float64, requires_grad=True)
    expected = reference(HARD, row_loss(torch.exp(-log_scale)))
    check_value_and_gradient(objective(HARD.contrast())["loss"], expected, HARD, (objective.log_scale, log_scale))


def test_infonce_is_its_softplus_for_one_query():
    # -log(p / (p + n)) = log(1 + n / p)
    contrast = Rows([1, 2, 3], [11, 12, 13], [21]).contrast(0, 1)
    expected = torch.nn.functional.softplus(Decoupled(0.5)(contrast)["loss"])
    torch.testing.assert_close(InfoNCE(0.5)(contrast)["loss"], expected)


def test_the_positive_is_pulled_with_full_strength_however_near_it_is():
    rows = Rows([1, 2], [11, 12])
    with torch.no_grad():
        rows.queries.copy_(torch.eye(8)[:2])
        rows.passages.copy_(torch.eye(8)[:2])
    (by_passage,) = torch.autograd.grad(Decoupled(0.05)(rows.contrast(0, 1))["loss"], rows.passages)
    assert by_passage[0, 0].item() == pytest.approx(-1 / 0.05)


def test_queries_without_negatives_add_nothing():
    loss = Decoupled()(ALONE.contrast())["loss"]
    assert loss.item() == 0
    gradients = torch.autograd.grad(loss, ALONE.embeddings, materialize_grads=True)
    assert all((gradient == 0).all() for gradient in gradients)
