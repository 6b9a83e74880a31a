import pytest
import torch
import transformers
from torch.nn import functional

from src.encoder.backbone import from_config
from src.encoder.dual_encoder import DualEncoder
from src.errors import InputError
from tests.encoder.test_adapters import adapter, hf, train


def test_equals_the_formula(xlmr):
    encoder = hf(xlmr)
    encoder.adapt(adapter("bottleneck", size=5))
    train(encoder)
    layer = encoder.backbones["shared"].encoder.layer[0].eval()
    down, up = layer.intermediate.dense, layer.output.dense
    x = torch.randn(3, 4, 32)
    block = functional.gelu(x @ down.base.weight.T + down.base.bias) @ up.base.weight.T + up.base.bias
    own = functional.gelu(x @ down.adapter.weight.T + down.adapter.bias) @ up.adapter.weight.T + up.adapter.bias
    assert own.abs().max() > 0.01
    expected = layer.output.LayerNorm(block + own + x)
    torch.testing.assert_close(layer.output(layer.intermediate(x), x), expected, rtol=1e-5, atol=1e-5)


def test_a_saved_encoder_has_wider_blocks(bert, tmp_path):
    encoder = hf(bert)
    encoder.adapt(adapter("bottleneck", size=5))
    encoder.save(tmp_path)
    assert DualEncoder.load(tmp_path).backbones["shared"].config.intermediate_size == 48 + 5
    assert encoder.backbones["shared"].config.intermediate_size == 48


def test_other_blocks_are_refused():
    sizes = {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 48, "vocab_size": 50}
    with pytest.raises(InputError, match=r"transformer\.layer\.\*\.ffn\.lin1") as error:
        adapter("bottleneck").attach(from_config(transformers.DistilBertConfig(**sizes)))
    assert "adapter.target_modules" in error.value.fix


def test_a_size_of_nothing_is_refused():
    with pytest.raises(Exception, match=r"adapter\.size"):
        adapter("bottleneck", size=0)
