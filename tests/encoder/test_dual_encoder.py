import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from src.data.chunks import chunk
from src.data.tokens import tokenize
from src.encoder.dual_encoder import DualEncoder
from src.encoder.encode import encode
from src.errors import InputError
from tests.encoder.checkpoints import TEXTS, build


@pytest.fixture
def encoder(xlmr):
    return build("model=hf", f"model.name_or_path={xlmr}", "model.dropout=0")


def tokens_of(encoder, texts=TEXTS):
    return tokenize(texts, encoder.tokenizer, "", encoder.max_passage_length)


def test_chunks_embed_as_one_padded_batch_does(encoder):
    tokens = tokens_of(encoder)
    chunks = chunk(tokens, encoder.tokenizer.pad_token_id, overhead=1)
    assert len(chunks.input_ids) > 2
    whole = encoder.tokenizer(TEXTS, padding=True, return_tensors="pt")
    expected = encoder(whole["input_ids"], whole["attention_mask"], "passage")
    embedded = encoder.embed(chunks, "passage")
    torch.testing.assert_close(embedded, expected, rtol=0, atol=1e-5)
    assert embedded.shape == (len(TEXTS), encoder.dimension)
    torch.testing.assert_close(embedded.norm(dim=1), torch.ones(len(TEXTS)))

    weights = torch.randn_like(expected)
    parameters = list(encoder.parameters())
    for ours, theirs in zip(
        torch.autograd.grad((embedded * weights).sum(), parameters),
        torch.autograd.grad((expected * weights).sum(), parameters),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_words_are_looked_up_once_for_all_chunks(encoder):
    lookups = []
    encoder.backbones["shared"].get_input_embeddings().register_forward_hook(lambda *_: lookups.append(1))
    chunks = chunk(tokens_of(encoder), encoder.tokenizer.pad_token_id, overhead=1)
    encoder.embed(chunks, "query")
    assert len(chunks.input_ids) > len(lookups) == 1


def test_a_backbone_that_takes_ids_alone_is_given_ids(encoder, monkeypatch):
    chunks = chunk(tokens_of(encoder), encoder.tokenizer.pad_token_id, overhead=1)
    expected = encoder.embed(chunks, "query")
    backbone = encoder.backbones["shared"]
    whole = backbone.forward
    monkeypatch.setattr(
        backbone, "forward", lambda input_ids, attention_mask: whole(input_ids=input_ids, attention_mask=attention_mask)
    )
    torch.testing.assert_close(encoder.embed(chunks, "query"), expected)


def test_no_texts_give_no_rows(encoder):
    assert encoder.embed(chunk([], 0), "passage").shape == (0, encoder.dimension)


def test_embeddings_are_float32_under_autocast(encoder):
    chunks = chunk(tokens_of(encoder), encoder.tokenizer.pad_token_id)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        embedded = encoder.embed(chunks, "query")
    assert embedded.dtype == torch.float32
    torch.testing.assert_close(embedded.norm(dim=1), torch.ones(len(TEXTS)))


@pytest.mark.parametrize("pooling", ["cls", "mean", "pooler"])
@pytest.mark.parametrize("shared", [True, False])
def test_every_parameter_has_a_gradient(bert, pooling, shared):
    overrides = [f"model.pooling={pooling}", f"model.shared={shared}", "model.max_passage_length=64"]
    encoder = build("model=hf", f"model.name_or_path={bert}", "model.max_query_length=64", *overrides)
    chunks = chunk(tokens_of(encoder), encoder.tokenizer.pad_token_id)
    (encoder.embed(chunks, "query")[:, 0] @ encoder.embed(chunks, "passage")[:, 1]).backward()
    assert [name for name, parameter in encoder.named_parameters() if parameter.grad is None] == []


def test_separate_sides_start_alike_and_learn_apart(bert):
    lengths = ["model.max_query_length=64", "model.max_passage_length=64", "model.dropout=0"]
    shared = build("model=hf", f"model.name_or_path={bert}", *lengths)
    separate = build("model=hf", f"model.name_or_path={bert}", "model.shared=false", *lengths)
    assert sum(p.numel() for p in separate.parameters()) == 2 * sum(p.numel() for p in shared.parameters())

    chunks = chunk(tokens_of(separate), separate.tokenizer.pad_token_id)
    query, passage = separate.embed(chunks, "query"), separate.embed(chunks, "passage")
    torch.testing.assert_close(query, passage, rtol=0, atol=0)
    query[:, 0].sum().backward()
    moved = {name for name, parameter in separate.named_parameters() if parameter.grad is not None}
    assert moved
    assert all(name.startswith("backbones.query.") for name in moved)


def test_a_gradient_cache_takes_each_side_through_its_own_backbone():
    encoder = build("model=tiny", "model.shared=false", "model.dropout=0")
    encoder.gradient_cache = True
    chunks = chunk(tokens_of(encoder), encoder.tokenizer.pad_token_id)
    encoder.embed(chunks, "passage")[:, 0].sum().backward()
    moved = [name for name, parameter in encoder.named_parameters() if parameter.grad is not None]
    assert {name.split(".")[1] for name in moved} == {"passage"}


def test_lengths_are_1_only_if_asked_for():
    plain, unit = (encode(build("model=tiny", f"model.normalize={each}"), TEXTS, "query") for each in (False, True))
    lengths = np.linalg.norm(plain, axis=1, keepdims=True)
    assert abs(lengths - 1).min() > 0.1
    np.testing.assert_allclose(unit, plain / lengths, rtol=1e-5, atol=1e-6)


def test_an_encoder_starts_in_training_mode(bert, tmp_path):
    # trainers leave the mode as they find it, and from_pretrained leaves evaluation mode
    encoder = build(
        "model=hf", f"model.name_or_path={bert}", "model.max_query_length=64", "model.max_passage_length=64"
    )
    assert all(module.training for module in encoder.modules())


@pytest.mark.parametrize("overrides", [["model=tiny"], ["model=tiny", "model.shared=false", "model.pooling=pooler"]])
def test_a_saved_encoder_embeds_as_before(tmp_path, overrides):
    encoder = build(*overrides, "model.query_prompt='Frage: '", "model.max_query_length=20", "model.dropout=0.1")
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.add_(0.01 * torch.randn_like(parameter))
    encoder.save(tmp_path / "encoder")
    loaded = DualEncoder.load(tmp_path / "encoder")
    assert loaded.settings == encoder.settings
    for side in ("query", "passage"):
        assert (encode(loaded, TEXTS, side) == encode(encoder, TEXTS, side)).all()
    assert [type(p) for p in loaded.parameters()] == [type(p) for p in encoder.parameters()]
    assert not list(tmp_path.rglob("*.bin"))


def test_what_is_saved_does_not_depend_on_the_last_call(tmp_path):
    encoder = build("model=tiny")
    encoder.save_structure(tmp_path / "before")
    encode(encoder, TEXTS, "query")
    encoder.save_structure(tmp_path / "after")
    for path in (tmp_path / "before").iterdir():
        assert path.read_bytes() == (tmp_path / "after" / path.name).read_bytes()


def test_structure_alone_takes_the_state_of_the_encoder(tmp_path):
    encoder = build("model=tiny", "model.shared=false")
    encoder.save_structure(tmp_path)
    assert not list(tmp_path.rglob("*.safetensors"))
    structure = DualEncoder.load(tmp_path, weights=False)
    assert (encode(structure, TEXTS, "query") != encode(encoder, TEXTS, "query")).any()
    structure.load_state_dict(encoder.state_dict())
    assert (encode(structure, TEXTS, "query") == encode(encoder, TEXTS, "query")).all()


def test_a_shared_encoders_folder_serves_as_a_checkpoint(tmp_path):
    encoder = build("model=tiny")
    encoder.save(tmp_path)
    again = build("model=hf", f"model.name_or_path={tmp_path}")
    assert (encode(again, TEXTS, "query") == encode(encoder, TEXTS, "query")).all()


def edit_weights(folder, change):
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


WEIGHT = "embeddings.position_embeddings.weight"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda weights: weights.pop(WEIGHT), f"1 weights are missing: {WEIGHT}"),
        (lambda weights: weights.update({WEIGHT: torch.zeros(9, 64)}), r"shape: .*\(9, 64\) for \(512, 64\)"),
        (lambda weights: weights.update({"extra": torch.zeros(1)}), "1 weights have no place: extra"),
    ],
)
def test_weights_that_do_not_fit_are_refused_by_name(tmp_path, change, message):
    build("model=tiny").save(tmp_path)
    edit_weights(tmp_path, change)
    with pytest.raises(InputError, match=message):
        DualEncoder.load(tmp_path)


def test_a_checkpoint_without_safetensors_is_refused(tmp_path):
    encoder = build("model=tiny")
    encoder.save(tmp_path)
    torch.save(load_file(tmp_path / "model.safetensors"), tmp_path / "pytorch_model.bin")
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(InputError, match="cannot load the model's weights"):
        DualEncoder.load(tmp_path)


def test_a_checkpoint_cannot_bring_code(tmp_path):
    build("model=tiny").save(tmp_path)
    (tmp_path / "evil.py").write_text("raise SystemExit('ran')")
    config = json.loads((tmp_path / "config.json").read_text())
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.Config", "AutoModel": "evil.Model"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError, match="cannot load the model's"):
        DualEncoder.load(tmp_path)
