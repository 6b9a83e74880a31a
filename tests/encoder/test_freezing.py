import pytest
import torch
from omegaconf import OmegaConf

from src.encoder.build import choose_trained
from src.encoder.freezing import Freeze
from src.errors import InputError
from tests.encoder.test_adapters import adapter, embed, hf, train, trainable

NOTHING = {"_target_": "src.encoder.freezing.Freeze", "embeddings": False, "layers": 0}


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("name", ["bert", "xlmr"])
def test_freezes_what_is_named_and_nothing_else(request, name, shared):
    encoder = hf(request.getfixturevalue(name), f"model.shared={shared}")
    before = {name: weights.clone() for name, weights in encoder.state_dict().items()}
    Freeze(embeddings=True, layers=1).apply(encoder)
    train(encoder)
    for name, weights in encoder.named_parameters():
        frozen = ".embeddings." in name or ".layer.0." in name
        assert weights.requires_grad != frozen
        assert torch.equal(weights, before[name]) == frozen, name
    assert len([name for name in trainable(encoder) if ".layer.1." in name]) == (16 if shared else 32)


def test_layers_alone_leave_the_embeddings(bert):
    encoder = hf(bert)
    Freeze(layers=2).apply(encoder)
    assert all(".embeddings." in name for name in trainable(encoder))


def test_gradients_pass_frozen_layers_that_are_recomputed(xlmr):
    gradients = []
    for recompute in (False, True):
        encoder = hf(xlmr, f"model.gradient_checkpointing={recompute}")
        Freeze(embeddings=True, layers=1).apply(encoder)
        embed(encoder).matmul(torch.arange(32.0)).sum().backward()
        gradients.append([p.grad for p in encoder.parameters() if p.requires_grad])
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize(("layers", "told"), [(3, "the model has 2"), (-1, "cannot be frozen")])
def test_a_number_of_layers_out_of_range_is_refused(bert, layers, told):
    with pytest.raises(InputError, match=told) as error:
        Freeze(layers=layers).apply(hf(bert))
    assert error.value.where == "freeze.layers"


def test_something_must_be_left(bert):
    with pytest.raises(InputError, match="nothing is left to train"):
        Freeze(embeddings=True, layers=2).apply(hf(bert))
    Freeze(embeddings=True, layers=2).apply(hf(bert, "model.pooling=pooler"))


def test_layers_must_be_found(bert):
    encoder = hf(bert)
    encoder.backbones["shared"].config.num_hidden_layers = 7
    with pytest.raises(InputError, match=r"freeze\.layers"):
        Freeze(layers=1).apply(encoder)


def test_an_adapter_leaves_nothing_else_to_freeze(bert):
    choice = {"_target_": "tests.encoder.test_adapters.adapter", "kind": "lora"}
    encoder = hf(bert)
    for part in ({"layers": 1}, {"embeddings": True}):
        with pytest.raises(InputError, match="freeze, adapter"):
            choose_trained(encoder, OmegaConf.create({"freeze": NOTHING | part, "adapter": choice}))
    choose_trained(encoder, OmegaConf.create({"freeze": NOTHING}))
    assert encoder.adapter is None
    assert len(trainable(encoder)) == len(list(encoder.parameters()))
    choose_trained(encoder, OmegaConf.create({"freeze": NOTHING, "adapter": choice}))
    assert encoder.adapter == adapter("lora")
