import pytest
import torch
import transformers
from safetensors import safe_open

from src.encoder.backbone import from_config
from src.encoder.lora_targets import find_targets
from src.errors import InputError
from tests.encoder.checkpoints import TEXTS
from tests.encoder.test_adapters import adapter, embed, hf, train, trainable


def test_equals_the_formula(bert):
    encoder = hf(bert)
    encoder.adapt(adapter("lora", rank=3, alpha=5))
    train(encoder)
    query = encoder.backbones["shared"].encoder.layer[1].attention.self.query
    x = torch.randn(7, 32)
    base, a, b = query.base_layer, query.lora_A["default"].weight, query.lora_B["default"].weight
    expected = x @ base.weight.T + base.bias + 5 / 3 * (x @ a.T) @ b.T
    torch.testing.assert_close(query(x), expected, rtol=1e-5, atol=1e-5)
    merged = encoder.adapter.merged(encoder.backbones["shared"]).encoder.layer[1].attention.self.query
    torch.testing.assert_close(merged(x), expected, rtol=1e-5, atol=1e-5)


def test_dropout_is_of_an_update_while_it_trains(bert):
    encoder = hf(bert)
    encoder.adapt(adapter("lora", dropout=0.5))
    train(encoder)
    query = encoder.backbones["shared"].encoder.layer[1].attention.self.query
    x = torch.randn(7, 32)
    assert not torch.equal(query(x), query(x))
    query.eval()
    assert torch.equal(query(x), query(x))


@pytest.mark.parametrize(
    ("asked", "modules"),
    [
        (None, 4),
        (["query"], 2),
        (["attention.output.dense", "1.output.dense"], 3),
        ("all-linear", 12),
        (["word_embeddings"], 1),
    ],
)
def test_targets(xlmr, asked, modules):
    encoder = hf(xlmr)
    encoder.adapt(adapter("lora", target_modules=asked))
    assert len(trainable(encoder)) == 2 * modules
    train(encoder)
    plain = encoder.adapter.merged(encoder.backbones["shared"])
    assert not any("lora" in name for name in plain.state_dict())


def test_all_linear_leaves_out_a_head_that_is_trained_whole(bert):
    backbone = hf(bert, "model.pooling=pooler").backbones["shared"]
    assert "pooler.dense" in find_targets(backbone, "all-linear", head=False)
    assert "pooler.dense" not in find_targets(backbone, "all-linear", head=True)


def test_a_model_without_matching_modules_is_told_what_it_has(bert):
    with pytest.raises(InputError) as error:
        hf(bert).adapt(adapter("lora", target_modules=["query", "q_proj"]))
    assert error.value.where == "adapter.target_modules"
    assert "q_proj" in error.value.what
    assert "query" not in error.value.what
    assert "encoder.layer.*.attention.self.query" in error.value.fix
    sizes = {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 48, "vocab_size": 50}
    unknown = from_config(transformers.DistilBertConfig(**sizes))
    with pytest.raises(InputError, match=r"transformer\.layer\.\*\.attention\.q_lin") as error:
        adapter("lora").attach(unknown)
    assert error.value.where == "adapter.target_modules"
    adapter("lora", target_modules=["q_lin", "v_lin"]).attach(unknown)


def test_a_module_that_is_no_matrix_is_refused(bert):
    with pytest.raises(InputError, match=r"adapter\.target_modules"):
        hf(bert).adapt(adapter("lora", target_modules=["LayerNorm"]))


@pytest.mark.parametrize(
    ("option", "value"),
    [("rank", 0), ("alpha", 0), ("dropout", 1.0), ("dropout", -0.1), ("target_modules", "query")],
)
def test_options_out_of_range_are_named(option, value):
    with pytest.raises(Exception, match=rf"adapter\.{option}"):
        adapter("lora", **{option: value})


def test_a_missing_package_is_named(bert, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "peft", None)
    with pytest.raises(InputError, match=r"\[peft\]"):
        hf(bert).adapt(adapter("lora"))


@pytest.mark.parametrize("pooling", ["mean", "pooler"])
def test_the_adapter_alone_is_what_peft_loads(bert, tmp_path, pooling):
    from peft import PeftModel

    encoder = hf(bert, f"model.pooling={pooling}", "model.normalize=false")
    encoder.adapt(adapter("lora", save_separately=True, head=pooling == "pooler"))
    train(encoder)
    encoder.save(tmp_path)
    with safe_open(tmp_path / "adapter" / "adapter_model.safetensors", "pt") as held:
        assert all(name.startswith("base_model.model.") for name in held.keys())  # noqa: SIM118  # no mapping
    base = transformers.AutoModel.from_pretrained(bert)
    model = PeftModel.from_pretrained(base, tmp_path / "adapter").eval()
    texts = encoder.tokenizer(TEXTS, padding=True, truncation=True, max_length=64, return_tensors="pt")
    with torch.no_grad():
        output = model(**texts)
        mask = texts["attention_mask"][..., None]
        found = output.pooler_output if pooling == "pooler" else (output.last_hidden_state * mask).sum(1) / mask.sum(1)
        torch.testing.assert_close(found, embed(encoder.eval()), rtol=0, atol=1e-5)


def test_the_adapter_alone_is_saved_only_if_asked(bert, tmp_path):
    encoder = hf(bert)
    encoder.adapt(adapter("lora"))
    encoder.save(tmp_path)
    assert not (tmp_path / "adapter").exists()
