"""What sentence-transformers makes of an exported folder, for every kind of encoder."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from src.encoder.bottleneck import Bottleneck
from src.encoder.debias_fit import LIR, Center, fit
from src.encoder.encode import encode
from src.encoder.restore import restore
from src.errors import InputError
from src.exporting.check import check_folder, load_folder
from src.exporting.layout import check_layout, model_settings, write_layout
from src.exporting.samples import sample_texts
from tests.encoder.checkpoints import TEXTS, build

LENGTHS = ("model.max_query_length=16", "model.max_passage_length=48")
PROMPTS = ("model.query_prompt='Tea: '", "model.passage_prompt='noon: '")
LANGUAGES = ("en", "ru")


def of(folder, *overrides):
    return build("model=hf", f"model.name_or_path={folder}", *LENGTHS, *overrides)


def written(encoder, folder):
    check_layout(encoder)
    write_layout(encoder, folder)
    return folder


def debiased(encoder, method):
    texts = {code: {"query": own, "passage": own} for code, own in sample_texts(("de", "ru")).items()}
    encoder.debias = fit(
        method, texts, lambda own, side: encode(encoder, own, side), normalize=encoder.normalize, weights="", source="x"
    )
    return encoder


@pytest.mark.parametrize("architecture", ["bert", "xlmr"])
@pytest.mark.parametrize(
    "overrides",
    [
        ("model.pooling=mean", *PROMPTS),
        ("model.pooling=cls", "model.normalize=false"),
        ("model.pooling=mean", "model.shared=false", *PROMPTS),
        ("model.pooling=mean", "model.max_query_length=60"),
    ],
)
def test_the_same_embeddings(architecture, overrides, request, tmp_path):
    encoder = of(request.getfixturevalue(architecture), *overrides)
    with torch.no_grad():  # two sides that have parted
        for number, backbone in enumerate(encoder.backbones.values()):
            for parameter in backbone.parameters():
                parameter.add_(number * 0.01)
    found = check_folder(encoder, written(encoder, tmp_path / "out"), LANGUAGES)
    assert set(found["largest_difference"]) == {"query", "passage", *(["encode"] if encoder.shared else [])}
    assert found["languages"] == list(LANGUAGES)


@pytest.mark.parametrize("shared", [True, False])
def test_the_head_of_labse_is_a_dense_module_after_the_first_token(bert, tmp_path, shared):
    encoder = of(bert, "model.pooling=pooler", f"model.shared={str(shared).lower()}")
    folder = written(encoder, tmp_path / "out")
    check_folder(encoder, folder, LANGUAGES)
    if shared:
        kinds = [type(module).__name__ for module in load_folder(folder)]
        assert kinds == ["Transformer", "Pooling", "Dense", "Normalize"]  # as in LaBSE's published folder
        names = [each["path"] for each in json.loads((folder / "modules.json").read_text())]
        assert names == ["", "1_Pooling", "2_Dense", "3_Normalize"]


@pytest.mark.parametrize("pooling", ["mean", "pooler"])
def test_no_head_is_drawn_at_random_where_none_is_saved(bert, tmp_path, pooling):
    model = load_folder(written(of(bert, f"model.pooling={pooling}"), tmp_path / "out"))
    assert (model[0].auto_model.pooler is None) == (pooling == "mean")


def test_another_head_is_refused_before_anything_is_written(bert, tmp_path):
    encoder = of(bert, "model.pooling=pooler")
    encoder.backbones["shared"].pooler.activation = nn.ReLU()
    with pytest.raises(InputError, match="no module for the head BertPooler"):
        check_layout(encoder)


def test_a_merged_adapter(bert, tmp_path):
    encoder = of(bert, "model.pooling=mean")
    encoder.adapt(Bottleneck(head=False, size=4))
    with torch.no_grad():
        for parameter in encoder.parameters():
            if parameter.requires_grad:
                parameter.add_(0.1)
    check_folder(encoder, written(encoder, tmp_path / "out"), LANGUAGES)


@pytest.mark.parametrize("normalize", ["true", "false"])
@pytest.mark.parametrize(
    "method", [LIR(None, 10, "both", True, 1, rank=2), Center(None, 10, "both", True, 1)], ids=["lir", "center"]
)
def test_debiasing_goes_by_the_language_that_a_call_names(bert, tmp_path, method, normalize):
    encoder = debiased(of(bert, "model.pooling=mean", f"model.normalize={normalize}", *PROMPTS), method)
    folder = written(encoder, tmp_path / "out")
    found = check_folder(encoder, folder, ("de", "ru"))
    assert set(found["largest_difference"]) == {"query", "passage"}
    model = load_folder(folder)
    german, russian = (model.encode(TEXTS, prompt_name="query", task=code) for code in ("de", "ru"))
    assert np.abs(german - russian).max() > 0.01
    for call in (model.encode, model.encode_query):  # no language is guessed
        with pytest.raises(ValueError, match="task='de' and task='ru'"):
            call(TEXTS)


def test_two_backbones_with_debiasing_are_refused(bert):
    encoder = debiased(of(bert, "model.pooling=mean", "model.shared=false"), Center(None, 10, "both", True, 1))
    with pytest.raises(InputError, match="debiasing=false"):
        check_layout(encoder)


def test_two_backbones_answer_no_call_without_a_side(bert, tmp_path):
    model = load_folder(written(of(bert, "model.shared=false"), tmp_path / "out"))
    with pytest.raises(ValueError, match="task='query' and task='document'"):
        model.encode(TEXTS)


def test_matryoshka_sizes_are_checked_cut(bert, tmp_path):
    encoder = of(bert, "model.pooling=mean")
    encoder.settings = replace(encoder.settings, matryoshka_dimensions=(16, 8, 32))
    found = check_folder(encoder, written(encoder, tmp_path / "out"), LANGUAGES)
    assert {"16 dimensions", "8 dimensions", "encode", "query", "passage"} == found["largest_difference"].keys()


def test_the_folder_is_a_checkpoint_of_this_project_too(bert, tmp_path):
    encoder = debiased(of(bert, "model.pooling=pooler", *PROMPTS), Center(None, 10, "both", True, 1))
    again = restore(written(encoder, tmp_path / "out"))
    assert again.settings == encoder.settings
    assert np.array_equal(encode(again, TEXTS, "query"), encode(encoder, TEXTS, "query"))
    assert again.debias.fingerprint == encoder.debias.fingerprint


def test_prompts_and_similarity(bert):
    settings = of(bert, "model.pooling=mean", *PROMPTS).settings
    found = model_settings(settings, {"mmarco": "Instruct: x\nQuery: "})
    assert found["prompts"] == {"mmarco": "Instruct: x\nQuery: ", "query": "Tea: ", "document": "noon: "}
    assert (found["default_prompt_name"], found["similarity_fn_name"]) == ("document", "cosine")
    plain = model_settings(of(bert, "model.normalize=false").settings, {})
    assert (plain["default_prompt_name"], plain["similarity_fn_name"]) == (None, "dot")
