"""A check that can fail, on texts of every language."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from src.exporting.check import CheckError, check_folder, difference, judged
from src.exporting.layout import write_layout
from src.exporting.samples import ODD, sample_texts
from tests.encoder.checkpoints import build


@pytest.fixture
def exported(bert, tmp_path):
    encoder = build("model=hf", f"model.name_or_path={bert}", "model.query_prompt=Tea", "model.max_passage_length=48")
    write_layout(encoder, tmp_path / "out")
    return encoder, tmp_path / "out"


def change(path, **values):
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_each_fault_is_found(exported):
    encoder, folder = exported
    check_folder(encoder, folder, ["de"])
    for file, fault, part in (
        ("config_sentence_transformers.json", {"prompts": {"query": "", "document": ""}}, "query"),
        ("1_Pooling/config.json", {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, ""),
        ("sentence_bert_config.json", {"max_seq_length": 12}, "encode"),
        ("config.json", {"layer_norm_eps": 1e-2}, ""),
    ):
        before = (folder / file).read_text()
        change(folder / file, **fault)
        with pytest.raises(CheckError, match=f"embeds otherwise: {part}"):
            check_folder(encoder, folder, ["de"])
        (folder / file).write_text(before)
    weights = load_file(folder / "model.safetensors")
    name = next(name for name in weights if name.endswith("output.dense.weight"))
    save_file(
        {**weights, name: weights[name] + 1e-4 * np.eye(*weights[name].shape, dtype=np.float32)},
        folder / "model.safetensors",
    )
    with pytest.raises(CheckError):
        check_folder(encoder, folder, ["de"])


def test_the_tolerance_is_a_share_of_the_length_and_nan_fails():
    vectors = np.array([[3.0, 4.0], [0.0, 0.5]], np.float32)
    assert difference(vectors, vectors + np.array([[0, 0.5], [0, 0]], np.float32)) == pytest.approx(0.1)
    assert difference(vectors, vectors + np.array([[0, 0], [0.05, 0]], np.float32)) == pytest.approx(0.1)
    assert judged({"query": 1e-6}, 3, ["de"])["largest_difference"] == {"query": 1e-6}
    for worst in (1.1e-6, float("nan")):
        with pytest.raises(CheckError, match="query differ"):
            judged({"query": worst}, 3, ["de"])


def test_a_language_without_texts_is_told(exported, caplog):
    check_folder(*exported, ["de", "xxx"])
    assert "no texts in xxx" in caplog.text


def test_samples_are_in_their_language_and_some_are_longer_than_any_encoder_reads():
    texts = sample_texts(["de", "ru", "zh", "th", "sw", "zh-cn", "pt_BR", "xxx"])
    assert texts["de"][1] == "Donnerstag, 29. Februar 2024"
    assert texts["sw"][0] == "Kiswahili"
    assert all("Ѐ" <= letter <= "ӿ" for letter in texts["ru"][0])
    assert all(max(map(len, texts[code])) > 1_000 for code in ("de", "ru", "zh", "th", "zh-cn", "pt_BR"))
    assert texts["xxx"] == list(ODD)
