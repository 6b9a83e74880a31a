import math

import pytest
import torch

from src.errors import InputError
from src.objectives.hardness_weighted import HardnessWeighted
from src.objectives.infonce import InfoNCE
from tests.objectives.pairs import ALONE, CASES, HARD, check_value_and_gradient, mean, query_cosines, reference
from tests.objectives.reference import Rows


def row_loss(temperature, beta, tau_plus):
    """As the authors' code reads, for one query with its own number of negatives."""

    def loss(own, negatives):
        positive = torch.exp(own / temperature)
        scores = [torch.exp(each / temperature) for each in negatives]
        importance = [each**beta for each in scores]
        weighted = sum(w * each for w, each in zip(importance, scores, strict=True)) / mean(importance)
        count = len(negatives)
        estimate = (-tau_plus * count * positive + weighted) / (1 - tau_plus)
        floor = count * torch.exp(torch.as_tensor(-1 / temperature, dtype=torch.float64))
        return -torch.log(positive / (positive + (floor if estimate < floor else estimate)))

    return loss


@pytest.mark.parametrize(("rows", "denominator", "symmetric"), CASES)
@pytest.mark.parametrize(
    ("temperature", "beta", "tau_plus"), [(0.5, 1.0, 0.1), (0.05, 1.0, 0.1), (0.2, 0.3, 0.3), (1.0, 2.0, 0.0)]
)
def test_loss_and_gradient_equal_the_formula(rows, denominator, symmetric, temperature, beta, tau_plus):
    objective = HardnessWeighted(temperature, beta, tau_plus, denominator=denominator, symmetric=symmetric)
    expected = reference(rows, row_loss(temperature, beta, tau_plus), denominator, symmetric)
    check_value_and_gradient(objective(rows.contrast())["loss"], expected, rows)


@pytest.mark.parametrize("denominator", ["both", "explicit"])
@pytest.mark.parametrize("symmetric", [False, True])
def test_without_hardness_and_debiasing_it_is_infonce(denominator, symmetric):
    options = {"denominator": denominator, "symmetric": symmetric}
    loss = HardnessWeighted(0.05, 0, 0, **options)(HARD.contrast())["loss"]
    expected = InfoNCE(0.05, **options)(HARD.contrast())["loss"]
    check_value_and_gradient(loss, expected.double(), HARD)


def test_the_formulas_test_meets_both_sides_of_the_floor():
    temperature, tau_plus = 0.2, 0.3
    sides = set()
    for own, negatives in query_cosines(HARD):
        scores = torch.exp(torch.stack(negatives) / temperature)
        weighted = (scores**0.3 * scores).sum() / (scores**0.3).mean()
        estimate = (weighted - tau_plus * len(negatives) * torch.exp(own / temperature)) / (1 - tau_plus)
        sides.add(bool(estimate < len(negatives) * math.exp(-1 / temperature)))
    assert sides == {True, False}


def easy_rows():
    """Every positive at cosine 1, every negative orthogonal."""
    rows = Rows([1, 2, 3], [11, 12, 13])
    with torch.no_grad():
        rows.queries.copy_(torch.eye(8)[:3])
        rows.passages.copy_(torch.eye(8)[:3])
    return rows


def test_the_floor_is_the_least_that_unit_negatives_sum_to():
    # negatives count as answers in so large a part that the estimate would be negative
    loss = HardnessWeighted(0.5, tau_plus=0.9)(easy_rows().contrast())["loss"]
    assert loss.item() == pytest.approx(math.log(1 + 2 * math.exp(-2) / math.exp(2)), abs=1e-6)


def test_harder_negatives_weigh_more_with_a_larger_beta():
    rows = Rows([1], [11], [21, 22])
    with torch.no_grad():
        rows.queries.copy_(torch.eye(8)[:1])
        rows.passages.copy_(torch.eye(8)[:1])
        rows.negatives.copy_(torch.tensor([[0.8, 0.6], [0.0, 1.0]]) @ torch.eye(8)[:2])
    losses = [HardnessWeighted(0.5, beta, 0)(rows.contrast())["loss"].item() for beta in (0, 1, 4, 50)]
    assert losses == sorted(losses)
    # in the limit all negatives are as hard as the hardest
    assert losses[-1] == pytest.approx(math.log(1 + 2 * math.exp((0.8 - 1) / 0.5)), abs=1e-5)


def test_masked_candidates_are_not_among_the_negatives_counted():
    rows = Rows([1, 2], [11, 12], [21])
    more = Rows([1, 2], [11, 12], [21, 11])
    more.queries, more.passages = rows.queries, rows.passages
    more.negatives = torch.cat([rows.negatives, -rows.passages[:1]])
    few, many = (each.contrast(0, 1) for each in (rows, more))  # the first query knows passage 11 as its answer
    for beta in (0.0, 1.0):
        objective = HardnessWeighted(0.5, beta)
        torch.testing.assert_close(objective(many)["loss"], objective(few)["loss"])


def test_small_temperatures_and_large_betas_do_not_overflow():
    rows = Rows([1, 2, 3], [11, 12, 13])
    terms = HardnessWeighted(0.01, beta=5.0)(rows.contrast())
    expected = reference(rows, row_loss(0.01, 5.0, 0.1))
    assert expected.isfinite()
    check_value_and_gradient(terms["loss"], expected, rows)


def test_a_learned_temperature_has_the_formulas_gradient():
    objective = HardnessWeighted(0.2, 0.3, 0.3, learn_temperature=True)
    log_scale = torch.tensor(-math.log(0.2), dtype=torch.float64, requires_grad=True)
    expected = reference(HARD, row_loss(torch.exp(-log_scale), 0.3, 0.3))
    check_value_and_gradient(objective(HARD.contrast())["loss"], expected, HARD, (objective.log_scale, log_scale))


def test_queries_without_negatives_add_nothing():
    loss = HardnessWeighted()(ALONE.contrast())["loss"]
    assert loss.item() == 0
    gradients = torch.autograd.grad(loss, ALONE.embeddings, materialize_grads=True)
    assert all((gradient == 0).all() for gradient in gradients)


@pytest.mark.parametrize(
    ("option", "value"), [("beta", -1), ("beta", math.inf), ("beta", math.nan), ("tau_plus", -0.1), ("tau_plus", 1)]
)
def test_options_out_of_range_are_refused(option, value):
    with pytest.raises(InputError, match=rf"objective\.{option}"):
        HardnessWeighted(**{option: value})
