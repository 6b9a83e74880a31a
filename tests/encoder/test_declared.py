"""What a folder in sentence-transformers' layout, or of this project, says of itself."""

import json
import logging
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from src.encoder.encode import encode
from src.errors import InputError
from tests.encoder.checkpoints import TEXTS, build

LENGTHS = ("model.max_query_length=48", "model.max_passage_length=48")
HEAD = {"in_features": 32, "out_features": 32, "bias": True, "activation_function": "torch.nn.modules.activation.Tanh"}


def published(
    bert, folder, *, pooling=None, kinds=("Transformer", "Pooling", "Normalize"), transformer=None, settings=None
):
    """The checkpoint with the files that sentence-transformers writes beside it."""
    shutil.copytree(bert, folder)
    modules = [
        {
            "idx": place,
            "name": str(place),
            "path": f"{place}_{kind}" if place else "",
            "type": f"sentence_transformers.models.{kind}",
        }
        for place, kind in enumerate(kinds)
    ]
    for module in modules[1:]:
        (folder / module["path"]).mkdir()
    write(folder / "1_Pooling" / "config.json", {"embedding_dimension": 32, **(pooling or {"pooling_mode": "mean"})})
    write(folder / "modules.json", modules)
    write(folder / "sentence_bert_config.json", transformer or {"max_seq_length": 48})
    write(folder / "config_sentence_transformers.json", settings or {})
    return folder


def write(path, values):
    path.write_text(json.dumps(values))


def write_head(bert, folder, *, changed=0.0):
    weights = load_file(bert / "model.safetensors")
    head = {f"linear.{name}": weights[f"pooler.dense.{name}"] + changed for name in ("weight", "bias")}
    save_file(head, folder / "2_Dense" / "model.safetensors")
    write(folder / "2_Dense" / "config.json", HEAD)
    return folder


def of(folder, *overrides):
    return build("model=hf", f"model.name_or_path={folder}", *LENGTHS, *overrides)


def theirs(folder, side):
    """sentence-transformers' own embeddings, scored by its own similarity."""
    library = pytest.importorskip("sentence_transformers", reason="pip install -e '.[export]'")
    model = library.SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    return (model.encode_query if side == "query" else model.encode_document)(TEXTS, show_progress_bar=False)


@pytest.mark.parametrize(
    "files",
    [
        {"pooling": {"pooling_mode": "cls"}},
        {"pooling": {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}},
        {"pooling": {"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}},
        {"kinds": ("Transformer", "Pooling"), "settings": {"similarity_fn_name": "dot"}},
        {"settings": {"prompts": {"query": "Tea: ", "document": "The noon: "}}},
    ],
)
def test_it_embeds_as_sentence_transformers_does(bert, tmp_path, files):
    folder = published(bert, tmp_path / "model", **files)
    for side in ("query", "passage"):
        np.testing.assert_allclose(encode(of(folder), TEXTS, side), theirs(folder, side), atol=1e-5)


def test_a_dense_that_is_the_own_head_is_that_head(bert, tmp_path):
    kinds = ("Transformer", "Pooling", "Dense", "Normalize")
    folder = published(bert, tmp_path / "model", pooling={"pooling_mode": "cls"}, kinds=kinds)
    encoder = of(write_head(bert, folder))
    assert encoder.settings.pooling == "pooler"
    np.testing.assert_allclose(encode(encoder, TEXTS, "query"), theirs(folder, "query"), atol=1e-5)
    with pytest.raises(InputError, match="makes embeddings by Dense"):
        of(write_head(bert, folder, changed=0.1))


def test_without_normalize_scores_are_cosines_unless_it_says_dot(bert, tmp_path):
    for similarity, normalize in ((None, True), ("cosine", True), ("dot", False)):
        folder = tmp_path / str(similarity)
        published(bert, folder, kinds=("Transformer", "Pooling"), settings={"similarity_fn_name": similarity})
        assert of(folder).normalize is normalize


@pytest.mark.parametrize("name", ["document", "passage", "corpus"])
def test_a_passages_prompt_by_any_of_its_names(bert, tmp_path, name):
    settings = {"prompts": {"query": "", name: "noon: ", "other": "Tea"}}
    encoder = of(published(bert, tmp_path / "model", settings=settings))
    assert (encoder.query_prompt, encoder.passage_prompt) == ("", "noon: ")


@pytest.mark.parametrize(
    ("files", "lacking"),
    [
        ({"pooling": {"pooling_mode": "max"}}, "pooling max"),
        ({"pooling": {"pooling_mode": ["cls", "mean"]}}, "pooling cls and mean"),
        ({"pooling": {"pooling_mode_lasttoken": True}}, "pooling lasttoken"),
        ({"pooling": {"pooling_mode": "mean", "include_prompt": False}}, "pooling without the prompt"),
        ({"kinds": ("Transformer", "Pooling", "WordWeights")}, "WordWeights"),
        ({"transformer": {"max_seq_length": 48, "do_lower_case": True}}, "lower-casing"),
    ],
)
def test_what_cannot_be_had_is_refused_and_left_out_on_request(bert, tmp_path, caplog, files, lacking):
    folder = published(bert, tmp_path / "model", **files)
    with pytest.raises(InputError, match=f"makes embeddings by {lacking}, .*\n.*name_or_path\n.*model.pooling=mean"):
        of(folder)
    with caplog.at_level(logging.WARNING):
        assert of(folder, "model.pooling=mean").settings.pooling == "mean"
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1
    assert f"by {lacking}, which is not had here: the rest of it is used" in told[0]


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("model.pooling=cls", "model.pooling='cls', and the checkpoint's modules.json says 'mean'"),
        ("model.normalize=false", "model.normalize=False, and the checkpoint's modules.json says True"),
        ("model.query_prompt=''", "model.query_prompt='', and the checkpoint's modules.json says 'Tea: '"),
        ("model.max_passage_length=49", "model.max_passage_length=49, and the checkpoint's modules.json says 48"),
        ("model.max_passage_length=47", None),
        ("model.pooling=mean", None),
    ],
)
def test_a_choice_holds_and_is_told_where_it_contradicts(bert, tmp_path, caplog, override, told):
    folder = published(bert, tmp_path / "model", settings={"prompts": {"query": "Tea: "}})
    with caplog.at_level(logging.WARNING):
        encoder = of(folder, override)
    key, _, value = override.removeprefix("model.").partition("=")
    assert str(getattr(encoder.settings, key)).lower() == value.strip("'")
    assert [record.getMessage() for record in caplog.records] == ([told] if told else [])


def test_a_runs_encoder_says_it_itself(bert, tmp_path):
    own = ("model.pooling=cls", "model.normalize=false", "model.query_prompt='Tea: '", "model.passage_prompt='noon: '")
    first = of(bert, *own)
    first.save(tmp_path / "encoder")
    again = of(tmp_path / "encoder")
    np.testing.assert_array_equal(encode(first, TEXTS, "query"), encode(again, TEXTS, "query"))
    assert again.settings == first.settings
    (tmp_path / "encoder" / "debias.json").write_text("{}")
    with pytest.raises(InputError, match="debiasing"):
        of(tmp_path / "encoder")


def test_a_checkpoint_that_says_nothing_gets_the_usual(bert, caplog):
    with caplog.at_level(logging.INFO):
        settings = of(bert).settings
    assert (settings.pooling, settings.normalize, settings.query_prompt) == ("mean", True, "")
    assert "files: pooling='mean' (it does not say), normalize=True (it does not say)" in caplog.text


@pytest.mark.parametrize("preset", ["labse", "xlmr", "mbert", "multilingual_e5_base"])
def test_a_named_model_is_what_its_file_says_whatever_the_folder_says(bert, tmp_path, preset):
    pooling = {"pooling_mode": "cls"}
    files = {
        "kinds": ("Transformer", "Pooling"),
        "settings": {"similarity_fn_name": "dot", "prompts": {"query": "Tea"}},
    }
    folder = published(bert, tmp_path / "model", pooling=pooling, **files)
    found = build(f"model={preset}", f"model.name_or_path={folder}", *LENGTHS).settings
    plain = build(f"model={preset}", f"model.name_or_path={bert}", *LENGTHS).settings
    assert found == plain
    assert found.pooling == ("pooler" if preset == "labse" else "mean")


@pytest.mark.parametrize("content", ["{", '[{"idx": 0}]', '"text"'])
def test_broken_files_are_named(bert, tmp_path, content):
    folder = published(bert, tmp_path / "model")
    (folder / "modules.json").write_text(content)
    with pytest.raises(InputError, match=r"modules\.json"):
        of(folder)


def test_a_pickled_head_is_read_too(bert, tmp_path):
    kinds = ("Transformer", "Pooling", "Dense", "Normalize")
    folder = write_head(bert, published(bert, tmp_path / "model", pooling={"pooling_mode": "cls"}, kinds=kinds))
    (head := folder / "2_Dense" / "model.safetensors").rename(folder / "kept")
    torch.save(load_file(folder / "kept"), head.with_name("pytorch_model.bin"))
    assert of(folder).settings.pooling == "pooler"
