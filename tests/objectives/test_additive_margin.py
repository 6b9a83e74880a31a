import math

import pytest
import torch

from src.errors import InputError
from src.objectives.additive_margin import AdditiveMargin
from src.objectives.infonce import InfoNCE
from tests.objectives.pairs import CASES, HARD, check_value_and_gradient, reference


def row_loss(temperature, margin):
    def loss(own, negatives):
        positive = torch.exp((own - margin) / temperature)
        return -torch.log(positive / (positive + sum(torch.exp(each / temperature) for each in negatives)))

    return loss


@pytest.mark.parametrize(("rows", "denominator", "symmetric"), CASES)
@pytest.mark.parametrize(("temperature", "margin"), [(0.05, 0.3), (1.0, 0.1)])
def test_loss_and_gradient_equal_the_formula(rows, denominator, symmetric, temperature, margin):
    objective = AdditiveMargin(temperature, margin, denominator=denominator, symmetric=symmetric)
    expected = reference(rows, row_loss(temperature, margin), denominator, symmetric, direction_weight=1)
    check_value_and_gradient(objective(rows.contrast())["loss"], expected, rows)


def test_labse_sums_both_directions_with_a_margin_of_0_3():
    expected = reference(HARD, row_loss(0.05, 0.3), symmetric=True, direction_weight=1)
    torch.testing.assert_close(AdditiveMargin()(HARD.contrast())["loss"].double(), expected, rtol=1e-5, atol=1e-6)


def test_without_a_margin_it_is_twice_the_symmetric_infonce():
    loss = AdditiveMargin(margin=0)(HARD.contrast())["loss"]
    torch.testing.assert_close(loss, 2 * InfoNCE(symmetric=True)(HARD.contrast())["loss"])


def test_a_margin_asks_for_more_and_leaves_the_telemetry_alone():
    found = [AdditiveMargin(margin=margin)(HARD.contrast()) for margin in (0.0, 0.2, 0.4)]
    losses = [terms["loss"].item() for terms in found]
    assert losses == sorted(losses)
    assert losses[0] < losses[2]
    assert len({terms["accuracy"].item() for terms in found}) == 1


def test_a_learned_temperature_scales_the_margin_too():
    objective = AdditiveMargin(0.1, learn_temperature=True)
    log_scale = torch.tensor(-math.log(0.1), dtype=torch.float64, requires_grad=True)
    expected = reference(HARD, row_loss(torch.exp(-log_scale), 0.3), symmetric=True, direction_weight=1)
    check_value_and_gradient(objective(HARD.contrast())["loss"], expected, HARD, (objective.log_scale, log_scale))


@pytest.mark.parametrize("margin", [-0.1, 2, math.nan, math.inf])
def test_a_margin_out_of_range_is_refused(margin):
    with pytest.raises(InputError, match=r"objective\.margin"):
        AdditiveMargin(margin=margin)
