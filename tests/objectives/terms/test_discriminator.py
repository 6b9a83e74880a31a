import pytest
import torch
from torch.nn import functional

from src.objectives.terms.discriminator import Discriminator
from tests.objectives.terms.made_step import unit


def test_without_hidden_layers_it_is_linear():
    discriminator = Discriminator(6, 3, hidden=4, layers=0, seed=1, last_bias=False)
    (weight,) = discriminator.parameters()
    rows = unit(5)
    torch.testing.assert_close(discriminator(rows), rows @ weight.T)


def test_hidden_layers_are_rectified():
    discriminator = Discriminator(6, 3, hidden=4, layers=2, seed=1)
    shapes = [tuple(parameter.shape) for parameter in discriminator.parameters()]
    assert shapes == [(4, 6), (4,), (4, 4), (4,), (3, 4), (3,)]
    expected = rows = unit(5)
    parameters = list(discriminator.parameters())
    for weight, bias in zip(parameters[::2], parameters[1::2], strict=True):
        expected = functional.relu(expected) if expected is not rows else expected
        expected = expected @ weight.T + bias
    torch.testing.assert_close(discriminator(rows), expected)


def test_first_weights_follow_from_the_seed_and_leave_the_runs_random_state():
    torch.manual_seed(0)
    before = torch.random.get_rng_state()
    one, same, other = (Discriminator(6, 3, hidden=4, layers=1, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), same.parameters(), strict=True))
    assert not any(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
    assert all(parameter.abs().max() <= 6**-0.5 + 1e-6 for parameter in one.layers[0].parameters())


def test_logits_are_float32_under_autocast():
    discriminator = Discriminator(6, 3, hidden=4, layers=1, seed=1)
    expected = discriminator(unit(5))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.testing.assert_close(discriminator(unit(5)), expected, rtol=0, atol=0)


@pytest.mark.parametrize("last_bias", [False, True])
def test_every_parameter_has_a_gradient(last_bias):
    discriminator = Discriminator(6, 3, hidden=4, layers=1, seed=1, last_bias=last_bias)
    discriminator(unit(5)).square().sum().backward()
    assert all(parameter.grad is not None for parameter in discriminator.parameters())
