import pytest
import torch

from src.data.chunks import chunk
from src.data.tokens import tokenize
from src.encoder.dual_encoder import DualEncoder
from src.encoder.encode import encode
from src.errors import InputError
from tests.encoder import checkpoints

SHORT = ("model.max_query_length=64", "model.max_passage_length=64")


def build(bert, *overrides) -> DualEncoder:
    return checkpoints.build("model=hf", f"model.name_or_path={bert}", "model.dropout=0", *SHORT, *overrides)


def gradients(encoder) -> dict[str, torch.Tensor]:
    tokens = tokenize(checkpoints.TEXTS, encoder.tokenizer, "", 32)
    embeddings = encoder.embed(chunk(tokens, encoder.tokenizer.pad_token_id, overhead=4), "query")
    (embeddings[:, 0] * torch.arange(len(tokens))).sum().backward()
    return {name: each.grad for name, each in encoder.named_parameters() if each.grad is not None}


@pytest.mark.slow
def test_compiled_computes_the_same_and_is_saved_under_the_same_names(bert, tmp_path):
    plain, compiled = build(bert), build(bert, "model.compile=true")
    assert list(compiled.state_dict()) == list(plain.state_dict())
    torch.testing.assert_close(gradients(compiled), gradients(plain), atol=1e-5, rtol=1e-4)
    expected = encode(plain, checkpoints.TEXTS, "passage")
    torch.testing.assert_close(encode(compiled, checkpoints.TEXTS, "passage"), expected, atol=1e-5, rtol=0)
    compiled.save(tmp_path)
    torch.testing.assert_close(encode(DualEncoder.load(tmp_path), checkpoints.TEXTS, "passage"), expected)


@pytest.mark.parametrize("shared", [True, False])
def test_every_backbone_is_compiled_and_a_merged_copy_is_not(bert, shared, tmp_path):
    compiled = build(bert, "model.compile=true", f"model.shared={shared}")
    assert all(backbone._compiled_call_impl for backbone in compiled.backbones.values())
    compiled.save(tmp_path)
    assert not any(backbone._compiled_call_impl for backbone in DualEncoder.load(tmp_path).backbones.values())


@pytest.mark.parametrize("named", [True, False])
def test_without_a_compiler_it_is_refused_at_once(bert, monkeypatch, tmp_path, named):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    if named:
        monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(InputError, match="no-such-compiler" if named else "clang") as refused:
        build(bert, "model.compile=true")
    assert refused.value.where == "model.compile"
