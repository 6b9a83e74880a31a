"""Adapters train in place of the backbone, and are gone from what is saved."""

import copy
import json

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf
from torch import nn

from src.data.chunks import chunk
from src.data.tokens import tokenize
from src.encoder.adapters import read_adapter
from src.encoder.dual_encoder import DualEncoder
from src.encoder.encode import encode
from src.errors import InputError
from tests.encoder.checkpoints import CONF, TEXTS, build

KINDS = ["lora", "bottleneck"]
LENGTHS = ["model.max_query_length=64", "model.max_passage_length=64"]


def adapter(kind, **options):
    """As `adapter=kind` gives it."""
    return instantiate(OmegaConf.merge(OmegaConf.load(CONF / "adapter" / f"{kind}.yaml"), options))


def hf(folder, *overrides):
    return build("model=hf", f"model.name_or_path={folder}", "model.dropout=0", *LENGTHS, *overrides)


def embed(encoder, side="query"):
    tokens = tokenize(TEXTS, encoder.tokenizer, "", 64)
    return encoder.embed(chunk(tokens, encoder.tokenizer.pad_token_id), side)


def train(encoder, steps=3):
    """A few steps that leave no trained parameter as it was."""
    optimizer = torch.optim.AdamW([p for p in encoder.parameters() if p.requires_grad], lr=0.02)
    torch.manual_seed(0)
    wanted = torch.randn(len(TEXTS), encoder.dimension)
    for _ in range(steps):
        optimizer.zero_grad()
        sum((embed(encoder, side) - wanted).square().sum() for side in ("query", "passage")).backward()
        optimizer.step()
    return encoder


def trainable(encoder):
    return [name for name, parameter in encoder.named_parameters() if parameter.requires_grad]


@pytest.fixture(params=["bert", "xlmr", "tiny"])
def encoder(request):
    if request.param == "tiny":
        return build("model=tiny", "model.vocabulary=300", "model.hidden_size=16", "model.intermediate_size=24")
    return hf(request.getfixturevalue(request.param))


@pytest.mark.parametrize("kind", KINDS)
def test_starts_as_the_backbone_and_trains_nothing_else(encoder, kind):
    before, state = encode(encoder, TEXTS, "query"), copy.deepcopy(encoder.state_dict())
    encoder.adapt(adapter(kind))
    assert (encode(encoder, TEXTS, "query") == before).all()
    trained = trainable(encoder)
    layers = encoder.backbones["shared"].config.num_hidden_layers
    assert len(trained) == 4 * layers  # LoRA: A and B of queries and values; a bottleneck: two matrices, two biases
    assert all("lora_" in name or "adapter" in name for name in trained)
    train(encoder)
    assert abs(encode(encoder, TEXTS, "query") - before).max() > 0.01
    kept = {name.replace(".base_layer.", ".").replace(".base.", "."): w for name, w in encoder.state_dict().items()}
    assert all(torch.equal(kept[name], weights) for name, weights in state.items())


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_encoder_is_a_plain_one_and_the_adapter_trains_on(xlmr, tmp_path, kind, shared):
    encoder = hf(xlmr, f"model.shared={shared}")
    encoder.adapt(adapter(kind))
    train(encoder)
    expected = {side: encode(encoder, TEXTS, side) for side in ("query", "passage")}
    state = copy.deepcopy(encoder.state_dict())
    encoder.save(tmp_path)
    assert all(torch.equal(state[name], weights) for name, weights in encoder.state_dict().items())

    plain = DualEncoder.load(tmp_path)
    assert plain.adapter is None
    assert all(type(module).__module__.startswith(("torch", "transformers", "src")) for module in plain.modules())
    assert not [name for name in plain.state_dict() if "lora" in name or "adapter" in name or "base" in name]
    for side, embeddings in expected.items():
        assert abs(encode(plain, TEXTS, side) - embeddings).max() < 1e-5
    if shared:
        again = hf(tmp_path)
        assert abs(encode(again, TEXTS, "query") - expected["query"]).max() < 1e-5

    twin = hf(xlmr, f"model.shared={shared}")  # what the run would have been without saving
    twin.adapt(adapter(kind))
    twin.load_state_dict(state)
    trained = (train(each).parameters() for each in (encoder, twin))
    assert all(torch.equal(one, other) for one, other in zip(*trained, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_the_structure_takes_the_weights_of_a_training_checkpoint(bert, tmp_path, kind):
    encoder = hf(bert)
    encoder.adapt(adapter(kind, **({"size": 5} if kind == "bottleneck" else {"rank": 3})))
    train(encoder)
    for write in (encoder.save_structure, encoder.save):  # before training, and after
        write(tmp_path)
        structure = DualEncoder.load(tmp_path, weights=False)
        structure.load_state_dict(encoder.state_dict())
        assert structure.adapter == encoder.adapter == read_adapter(tmp_path)
        assert (encode(structure, TEXTS, "query") == encode(encoder, TEXTS, "query")).all()


def test_a_plain_encoder_saved_in_the_same_place_leaves_no_adapter_behind(bert, tmp_path):
    encoder = hf(bert)
    encoder.adapt(adapter("bottleneck"))
    encoder.save(tmp_path)
    hf(bert).save(tmp_path)
    assert read_adapter(tmp_path) is None
    assert DualEncoder.load(tmp_path, weights=False).adapter is None


@pytest.mark.parametrize("text", ["{", "[]", '{"kind": "prefix"}', '{"kind": "bottleneck"}', "{}"])
def test_a_damaged_record_of_an_adapter_is_named(tmp_path, text):
    (tmp_path / "adapter.json").write_text(text)
    with pytest.raises(InputError, match=r"adapter\.json"):
        read_adapter(tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_the_head_is_trained_if_asked(bert, tmp_path, kind):
    encoder = hf(bert, "model.pooling=pooler")
    encoder.adapt(adapter(kind, head=True))
    assert sum(".pooler." in name for name in trainable(encoder)) == 2
    train(encoder)
    encoder.save(tmp_path)
    assert abs(encode(DualEncoder.load(tmp_path), TEXTS, "query") - encode(encoder, TEXTS, "query")).max() < 1e-5
    with pytest.raises(InputError, match=r"adapter\.head"):
        hf(bert).adapt(adapter(kind, head=True))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cached", [False, True])
def test_gradients_reach_adapters_through_recomputed_layers(xlmr, kind, cached):
    gradients = []
    for recompute in (False, True):
        encoder = hf(xlmr, f"model.gradient_checkpointing={recompute}")
        encoder.gradient_cache = cached and recompute
        encoder.adapt(adapter(kind))
        torch.manual_seed(1)
        for parameter in encoder.parameters():
            if parameter.requires_grad:
                nn.init.normal_(parameter, std=0.1)
        embed(encoder).square().matmul(torch.arange(32.0)).sum().backward()
        gradients.append({name: p.grad for name, p in encoder.named_parameters() if p.requires_grad})
    assert all(gradient is not None and gradient.any() for gradient in gradients[1].values())
    torch.testing.assert_close(gradients[0], gradients[1], rtol=1e-4, atol=1e-6)


def test_adapters_are_recorded_in_plain_values(bert, tmp_path):
    encoder = hf(bert)
    encoder.adapt(adapter("lora", target_modules=["query", "intermediate.dense"]))
    encoder.save_structure(tmp_path)
    saved = json.loads((tmp_path / "adapter.json").read_text())
    assert saved["kind"] == "lora"
    assert saved["target_modules"] == ["query", "intermediate.dense"]
