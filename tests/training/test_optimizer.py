import pytest
import torch
from torch import nn

from src.errors import InputError
from src.training.optimizer import AdamW, multiplier, parameter_groups
from tests.encoder import checkpoints

LR, DECAY = 1e-3, 0.5


def test_biases_and_norms_do_not_decay():
    module = nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3), nn.Embedding(5, 3))
    decayed, kept = parameter_groups(module, 1.0, 0.01)
    assert {p.ndim for p in decayed["params"]} == {2}
    assert {p.ndim for p in kept["params"]} == {1}
    assert (decayed["weight_decay"], kept["weight_decay"]) == (0.01, 0.0)
    assert len(decayed["params"]) + len(kept["params"]) == len(list(module.parameters()))


def test_frozen_parameters_are_left_out():
    module = nn.Linear(4, 3)
    module.weight.requires_grad_(False)
    (kept,) = parameter_groups(module, 1.0, 0.01)
    assert kept["params"] == [module.bias]


@pytest.mark.parametrize(
    ("schedule", "quarter", "middle"), [("linear", 0.75, 0.5), ("cosine", 0.853553, 0.5), ("constant", 1.0, 1.0)]
)
def test_warms_up_then_decays_to_zero(schedule, quarter, middle):
    factor = multiplier(schedule, warmup=10, total_steps=110)
    assert factor(0) == pytest.approx(0.1)
    assert factor(9) == pytest.approx(1.0)
    assert factor(35) == pytest.approx(quarter)
    assert factor(60) == pytest.approx(middle)
    for end in (110, 130):
        assert factor(end) == pytest.approx(1.0 if schedule == "constant" else 0.0)
    assert multiplier(schedule, warmup=10, total_steps=10)(10) == 1.0


@pytest.mark.parametrize(("warmup", "steps"), [(0.1, 10), (0.29, 29), (25, 25), (1, 1), (0, 0)])
def test_warm_up_is_a_share_or_a_number_of_steps(warmup, steps):
    module = nn.Linear(2, 2)
    optimizer, schedule = AdamW(lr=1.0, warmup=warmup).build(module, total_steps=100, fused=False)
    rates = []
    for _ in range(40):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert rates.index(max(rates)) == max(steps - 1, 0)


@pytest.mark.parametrize(("warmup", "told"), [(100, False), (101, True)])
def test_a_warm_up_longer_than_the_run_is_told(caplog, warmup, told):
    AdamW(lr=1.0, warmup=warmup).build(nn.Linear(2, 2), total_steps=100, fused=False)
    assert ("longer than the run" in caplog.text) == told


@pytest.mark.parametrize(
    "wrong",
    [
        {"lr": 0.0},
        {"lr": 1e-3, "schedule": "poly"},
        {"lr": float("nan")},
        {"lr": 1e-3, "weight_decay": -0.01},
        {"lr": 1e-3, "eps": -1e-8},
        {"lr": 1e-3, "betas": ["a", "b"]},
        {"lr": 1e-3, "warmup": -1},
        {"lr": 1e-3, "warmup": 1.5},
        {"lr": 1e-3, "warmup": float("nan")},
        {"lr": 1e-3, "layer_decay": 0.0},
        {"lr": 1e-3, "layer_decay": 1.1},
    ],
)
def test_wrong_settings_are_named(wrong):
    with pytest.raises(InputError, match="optimizer"):
        AdamW(**wrong)


def test_betas_and_eps_are_those_given():
    optimizer, _ = AdamW(lr=1.0, betas=(0.8, 0.9), eps=1e-4).build(nn.Linear(2, 2), total_steps=1, fused=False)
    assert (optimizer.defaults["betas"], optimizer.defaults["eps"]) == ((0.8, 0.9), 1e-4)


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


@pytest.mark.parametrize(
    ("asked", "possible", "expected"),
    [(None, True, True), (None, False, False), (False, True, False), (True, True, True)],
)
def test_fused_where_it_is_asked_for_or_wherever_it_can_be(asked, possible, expected):
    optimizer, _ = AdamW(lr=1e-2, fused=asked).build(nn.Linear(4, 3), total_steps=10, fused=possible)
    assert optimizer.defaults["fused"] is expected


def test_fused_where_it_cannot_be_is_refused():
    with pytest.raises(InputError, match=r"16-mixed") as refused:
        AdamW(lr=1e-2, fused=True).build(nn.Linear(4, 3), total_steps=10, fused=False)
    assert refused.value.where == "optimizer.fused"


class Own(nn.Module):
    """A part with a learning rate of its own, and one that has none."""

    def __init__(self) -> None:
        super().__init__()
        self.lr = 0.02
        self.inner = nn.Linear(3, 2)


class Whole(nn.Module):
    """An encoder and what is trained beside it."""

    def __init__(self, *overrides: str) -> None:
        super().__init__()
        self.encoder = checkpoints.build(*overrides)
        self.term, self.other = Own(), nn.Linear(3, 2)


def rates(module, layer_decay=DECAY):
    """The learning rate of each parameter by its name."""
    names = {parameter: name for name, parameter in module.named_parameters()}
    groups = parameter_groups(module, LR, 0.01, layer_decay)
    return {names[parameter]: group["lr"] for group in groups for parameter in group["params"]}


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return checkpoints.write_bert(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module")
def xlmr(tmp_path_factory):
    return checkpoints.write_xlmr(tmp_path_factory.mktemp("xlmr"))


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("name", ["bert", "xlmr", "tiny"])
def test_lower_layers_learn_slower(request, name, shared):
    source = [] if name == "tiny" else [f"model.name_or_path={request.getfixturevalue(name)}"]
    lengths = ["model.max_query_length=64", "model.max_passage_length=64"]
    small = ["model.vocabulary=300", "model.layers=2"] if name == "tiny" else []
    pooling = ["model.pooling=pooler"] if name == "bert" else []
    chosen = f"model={'tiny' if name == 'tiny' else 'hf'}"
    module = Whole(chosen, *source, *lengths, *small, *pooling, f"model.shared={shared}")
    found = rates(module)
    assert len(found) == len(list(module.parameters()))
    for each, rate in found.items():
        depth = 2 if ".embeddings." in each else 1 if ".layer.0." in each else 0
        assert rate == pytest.approx(0.02 if each.startswith("term.") else LR * DECAY**depth), each
    assert sum("pooler" in each for each in found) == (0 if name != "bert" else 2 if shared else 4)
    assert set(rates(module, layer_decay=1.0).values()) == {LR, 0.02}


def test_each_rate_follows_the_schedule(bert):
    module = Whole("model=hf", f"model.name_or_path={bert}", "model.max_query_length=64", "model.max_passage_length=64")
    settings = AdamW(lr=LR, layer_decay=DECAY, warmup=2)
    optimizer, schedule = settings.build(module, total_steps=10, fused=False)
    factor = multiplier("linear", 2, 10)
    for step in range(10):
        found = [group["lr"] for group in optimizer.param_groups]
        full = [LR, LR, 0.02, 0.02, LR / 2, LR / 2, LR / 4, LR / 4]
        assert found == pytest.approx([rate * factor(step) for rate in full])
        optimizer.step()
        schedule.step()
    assert sum(len(group["params"]) for group in optimizer.param_groups) == len(list(module.parameters()))


def test_layers_that_cannot_be_found_are_refused_before_training(bert):
    lengths = ["model.max_query_length=64", "model.max_passage_length=64"]
    encoder = checkpoints.build("model=hf", f"model.name_or_path={bert}", *lengths)
    encoder.backbones["shared"].config.num_hidden_layers = 7
    AdamW(lr=LR).check(encoder)
    with pytest.raises(InputError, match=r"optimizer\.layer_decay"):
        AdamW(lr=LR, layer_decay=0.9).check(encoder)
