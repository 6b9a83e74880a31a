"""Exports of a small trained run: what the folder holds, and what stops one."""

import json
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import yaml
from sentence_transformers import SentenceTransformer
from sentence_transformers.evaluation import InformationRetrievalEvaluator

import src.exporting.export as exporting
from src.encoder.debias_fit import Center, fit
from src.encoder.encode import encode
from src.encoder.restore import restore
from src.errors import InputError
from src.evaluation.benchmarks import beir
from src.evaluation.evaluate import evaluate
from src.exporting.check import CheckError
from src.exporting.export import export, instruction_prompts
from src.exporting.onnx import PACKAGES
from src.exporting.samples import sample_texts
from src.exporting.settings import Options

DEFAULTS = {
    "checkpoint": None,
    "license": "cc-by-4.0",
    "data_license": None,
    "name": None,
    "evaluations": [],
    "debiasing": True,
    "onnx": False,
    "push_to": None,
    "private": True,
}
WITHOUT_ONNX = [name for name in PACKAGES if find_spec(name) is None]


def options(checkpoint, **values) -> Options:
    return Options.of({**DEFAULTS, "checkpoint": str(checkpoint), **values})


@pytest.fixture(scope="module")
def run(finished_run) -> Path:
    return finished_run[0]


@pytest.fixture(scope="module")
def exported(run, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("exports") / "out"
    export(options(run, data_license="Unicode-3.0"), folder)
    return folder


@pytest.fixture
def debiased(run, tmp_path) -> Path:
    """The run, with what sets two languages apart removed afterwards."""
    shutil.copytree(run, tmp_path / "debiased")
    encoder = restore(tmp_path / "debiased")
    texts = {code: {"query": own, "passage": own} for code, own in sample_texts(("de", "en")).items()}
    found = fit(
        Center(None, 10, "both", True, 1),
        texts,
        lambda own, side: encode(encoder, own, side),
        normalize=True,
        weights="",
        source="samples",
    )
    found.save(tmp_path / "debiased" / "encoder")
    return tmp_path / "debiased"


def card_of(folder: Path) -> tuple[dict, str]:
    _, front, text = (folder / "README.md").read_text().split("---\n", 2)
    return yaml.safe_load(front), text


def test_the_folder_holds_everything_and_nothing_else(exported, run):
    files = {str(path.relative_to(exported)) for path in exported.rglob("*") if path.is_file()}
    assert files == {
        *("README.md", "export.json", "run/record.json", "run/config.yaml", "run/metrics.json"),
        *("encoder.json", "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"),
        *("modules.json", "config_sentence_transformers.json", "sentence_bert_config.json"),
        *("1_Pooling/config.json", "2_Normalize/config.json"),
    }
    assert not list(exported.parent.glob(".*"))
    found = json.loads((exported / "export.json").read_text())
    assert set(found["check"]["languages"]) == {"de", "en"}
    assert max(found["check"]["largest_difference"].values()) <= 1e-6
    assert found["options"]["data_license"] == "Unicode-3.0"
    assert found["environment"]["sentence-transformers"]
    weights = (run / "encoder" / "model.safetensors").read_bytes()
    assert (exported / "model.safetensors").read_bytes() == weights


def test_sentence_transformers_and_evaluate_agree_on_a_benchmark(exported, tmp_path):
    texts = sample_texts(("de", "en"))["de"]
    words = sorted({word for text in texts for word in text.split(", ") if len(word) > 3})[:60]
    lines = {
        "corpus.jsonl": [{"_id": f"d{i}", "title": "", "text": word} for i, word in enumerate(words)],
        "queries.jsonl": [{"_id": f"q{i}", "text": f"Wo liegt {word[:-2]}?"} for i, word in enumerate(words)],
    }
    for name, objects in lines.items():
        (tmp_path / name).write_text("".join(json.dumps(each) + "\n" for each in objects))
    (tmp_path / "qrels").mkdir()
    judged = [f"q{i}\td{(i + shift) % len(words)}\t1" for i in range(len(words)) for shift in (0, 7)]
    (tmp_path / "qrels" / "test.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *judged]) + "\n")

    benchmark = beir.load(tmp_path, tmp_path / "cache", metrics=["nDCG@10", "mAP@10"])
    ours = evaluate(restore(exported), benchmark).summary["settings"]["monolingual"]
    evaluator = InformationRetrievalEvaluator(
        {each["_id"]: each["text"] for each in lines["queries.jsonl"]},
        {each["_id"]: each["text"] for each in lines["corpus.jsonl"]},
        {f"q{i}": {f"d{i}", f"d{(i + 7) % len(words)}"} for i in range(len(words))},
        map_at_k=[10],
        write_csv=False,
    )
    theirs = evaluator(SentenceTransformer(str(exported), device="cpu"))
    assert 0.05 < ours["nDCG@10"] < 0.95
    assert theirs["cosine_ndcg@10"] == pytest.approx(ours["nDCG@10"], abs=1e-6)
    assert theirs["cosine_map@10"] == pytest.approx(ours["mAP@10"], abs=1e-6)


def test_the_card_has_the_runs_figures(exported, run):
    front, text = card_of(exported)
    assert (front["license"], front["library_name"]) == ("cc-by-4.0", "sentence-transformers")
    assert front["language"] == ["de", "en"]
    assert "base_model" not in front
    summary = json.loads((run / "metrics.json").read_text())["cldr_facts[de,en]"]
    index = {each["name"]: each["value"] for each in front["model-index"][0]["results"][0]["metrics"]}
    assert index["mAP, cross-lingual"] == pytest.approx(summary["settings"]["crosslingual"]["mAP"], abs=1e-5)
    row = next(line for line in text.splitlines() if line.startswith("| mAP |"))
    for setting, cell in zip(("monolingual", "crosslingual", "multilingual"), row.split("|")[2:5], strict=True):
        value, low, high = (float(part) for part in cell.replace("[", "").replace("]", "").replace(",", "").split())
        assert value == pytest.approx(summary["settings"][setting]["mAP"], abs=6e-4)
        assert low < value < high
    for told in (
        "rank distance",
        "generated from templates",
        "Is it zero-shot?",
        "hybrid (alpha 0.5",
        "infonce",
        "Unicode-3.0",
        "One run:",
    ):
        assert told in text
    assert "model.max_seq_length = 96" in text


def test_the_code_on_the_card_runs(exported, monkeypatch, capsys):
    code = card_of(exported)[1].split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(exported.parent)
    exec(code, {})
    assert "tensor" in capsys.readouterr().out


def test_what_the_run_did_not_measure_of_this_encoder_is_not_on_its_card(run, tmp_path):
    export(options(run / "checkpoints" / "last.ckpt"), tmp_path / "last")
    front, text = card_of(tmp_path / "last")
    assert "model-index" not in front
    assert "this is last.ckpt" in text
    assert "Nothing was measured" in text


def test_figures_without_queries_have_no_interval(run, tmp_path):
    shutil.copytree(run, tmp_path / "run")
    (tmp_path / "run" / "per_query.parquet").unlink()
    export(options(tmp_path / "run"), tmp_path / "out")
    text = card_of(tmp_path / "out")[1]
    assert "No intervals: the results by query were not kept." in text
    assert "[0." not in text.split("## Results")[1]


def test_debiasing_is_in_the_folder_or_said_to_be_missing(debiased, tmp_path, caplog):
    export(options(debiased), tmp_path / "with")
    text = card_of(tmp_path / "with")[1]
    assert 'task="de"' in text
    assert "a call without one is refused" in text
    export(options(debiased, debiasing=False), tmp_path / "without")
    assert "without the run's debiasing (Center" in caplog.text
    front, text = card_of(tmp_path / "without")
    assert "**Without its debiasing**" in text
    assert "model-index" not in front  # the run's figures are not this encoder's
    one, other = (
        SentenceTransformer(str(tmp_path / name), device="cpu").encode(["Wien"], task="de")
        for name in ("with", "without")
    )
    assert np.abs(one - other).max() > 0.01
    with pytest.raises(InputError, match="knows no languages") if not WITHOUT_ONNX else pytest.raises(InputError):
        export(options(debiased, onnx=True), tmp_path / "onnx")


@pytest.mark.skipif(not WITHOUT_ONNX, reason="ONNX is installed")
def test_onnx_without_its_packages(run, tmp_path):
    with pytest.raises(InputError, match="ONNX needs the packages") as caught:
        export(options(run, onnx=True), tmp_path / "out")
    assert caught.value.fix == "pip install -e '.[onnx]'"
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.skipif(bool(WITHOUT_ONNX), reason="ONNX is not installed (pip install -e '.[onnx]')")
def test_onnx_embeds_alike(run, tmp_path):
    found = export(options(run, onnx=True), tmp_path / "out")
    assert set(found["onnx"]["largest_difference"]) == {"query", "passage"}
    assert (tmp_path / "out" / "onnx" / "model.onnx").is_file()


def test_nothing_is_left_of_an_export_that_fails_its_check(run, tmp_path, monkeypatch):
    written = exporting.write_layout

    def wrong(encoder, folder, prompts):
        written(encoder, folder, prompts)
        config = json.loads((folder / "1_Pooling" / "config.json").read_text())
        config |= {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
        (folder / "1_Pooling" / "config.json").write_text(json.dumps(config))

    monkeypatch.setattr(exporting, "write_layout", wrong)
    with pytest.raises(CheckError, match="embeds otherwise"):
        export(options(run), tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_without_sentence_transformers(run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(InputError, match="loaded by sentence-transformers") as caught:
        export(options(run), tmp_path / "out")
    assert caught.value.fix == "pip install -e '.[export]'"


def test_a_folder_of_something_else_is_left_as_it_is(run, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="not empty"):
        export(options(run), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_encoder_without_a_run_has_no_card(run, tmp_path):
    shutil.copytree(run / "encoder", tmp_path / "lonely" / "encoder")
    with pytest.raises(InputError, match=r"no run's record\.json"):
        export(options(tmp_path / "lonely"), tmp_path / "out")


def test_paths_of_the_user_stay_at_home(run, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(run.parent))
    export(options(run), tmp_path / "out")
    for name in ("run/record.json", "run/config.yaml", "export.json", "README.md"):
        assert str(run.parent) not in (tmp_path / "out" / name).read_text()
    assert "~/run" in (tmp_path / "out" / "run" / "record.json").read_text()


def test_queries_of_instructed_datasets_have_prompts_of_their_own():
    config = {"instructions": {"mmarco": "Find it"}, "instruction_template": "Instruct: {instruction}\nQuery: {text}"}
    assert instruction_prompts(config, "q: ") == {"mmarco": "q: Instruct: Find it\nQuery: "}
    assert instruction_prompts({"instructions": {}}, "q: ") == {}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("license", value) for value in (None, "", "CC BY 4.0", 4)),
        ("checkpoint", None),
        ("data_license", " "),
        ("onnx", "yes"),
        ("evaluations", "outputs/x"),
    ],
)
def test_options_that_cannot_be(key, value):
    with pytest.raises(InputError) as caught:
        Options.of({**DEFAULTS, "checkpoint": "outputs/x", key: value})
    assert caught.value.where == key
