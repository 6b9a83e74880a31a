import pytest
import torch
from torch import nn

from src.errors import InputError
from src.training.optimizer import AdamW, multiplier, parameter_groups


def test_biases_and_norms_do_not_decay():
    module = nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3), nn.Embedding(5, 3))
    decayed, kept = parameter_groups(module, 0.01)
    assert {p.ndim for p in decayed["params"]} == {2}
    assert {p.ndim for p in kept["params"]} == {1}
    assert (decayed["weight_decay"], kept["weight_decay"]) == (0.01, 0.0)
    assert len(decayed["params"]) + len(kept["params"]) == len(list(module.parameters()))


def test_frozen_parameters_are_left_out():
    module = nn.Linear(4, 3)
    module.weight.requires_grad_(False)
    decayed, kept = parameter_groups(module, 0.01)
    assert not decayed["params"]
    assert len(kept["params"]) == 1


@pytest.mark.parametrize(("schedule", "middle"), [("linear", 0.5), ("cosine", 0.5), ("constant", 1.0)])
def test_warms_up_then_decays_to_zero(schedule, middle):
    factor = multiplier(schedule, warmup=10, total_steps=110)
    assert factor(0) == pytest.approx(0.1)
    assert factor(9) == pytest.approx(1.0)
    assert factor(60) == pytest.approx(middle)
    assert factor(110) == pytest.approx(1.0 if schedule == "constant" else 0.0)


@pytest.mark.parametrize(("warmup", "steps"), [(0.1, 10), (25, 25), (0, 0)])
def test_warm_up_is_a_share_or_a_number_of_steps(warmup, steps):
    module = nn.Linear(2, 2)
    optimizer, schedule = AdamW(lr=1.0, warmup=warmup).build(module, total_steps=100, fused=False)
    rates = []
    for _ in range(40):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert rates.index(max(rates)) == max(steps - 1, 0)


@pytest.mark.parametrize("wrong", [{"lr": 0.0}, {"lr": 1e-3, "schedule": "poly"}, {"lr": 1e-3, "warmup": -1}])
def test_wrong_settings_are_named(wrong):
    with pytest.raises(InputError, match="optimizer"):
        AdamW(**wrong)


def test_fused_and_plain_give_the_same_weights():
    results = []
    for fused in (False, True):
        torch.manual_seed(0)
        module = nn.Linear(4, 3)
        optimizer, _ = AdamW(lr=1e-2).build(module, total_steps=10, fused=fused)
        module(torch.ones(2, 4)).sum().backward()
        optimizer.step()
        results.append(module.weight.detach())
    torch.testing.assert_close(*results)
