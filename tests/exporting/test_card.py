"""Parts of a model card, for encoders and runs of every kind."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from src.comparing.interval import Bootstrap
from src.exporting.card import Card
from src.exporting.card_results import measured_section
from src.exporting.card_training import overlap_section, training_section
from src.exporting.card_use import code, notes
from src.exporting.folder import without_places
from src.exporting.markdown import escaped, table
from src.exporting.results import Result, results_of
from src.exporting.source import Source, read_source
from src.reporting.trained import Trained
from tests.encoder.checkpoints import build

CHECK = {"largest_difference": {"query": 1e-7}, "texts": 8, "languages": ["de"]}


def source_of(config=None, record=None) -> Source:
    return Source(Trained(Path("run"), config or {}, record or {}, None), None, "the run did not finish (failed)")


def card(encoder, source, **more) -> Card:
    known = {"name": "Ours", "address": "me/ours", "license": "mit", "data_license": None, "results": []}
    return Card(**{**known, "encoder": encoder, "source": source, "check": CHECK, **more})


@pytest.mark.parametrize(
    ("overrides", "shown", "told"),
    [
        (
            ("model.max_query_length=64", "model.max_passage_length=64"),
            "queries = model.encode_query",
            "passages to 64.",
        ),
        (("model.max_query_length=32",), "model.max_seq_length = 32\nqueries", "set `max_seq_length` before"),
        (("model.shared=false",), "queries = model.encode_query", "without a `task` is refused"),
        (("model.query_prompt='q: '",), "encode_document", "preceded by 'q: ', passages by ''"),
    ],
)
def test_the_code_and_what_a_caller_could_get_wrong(bert, overrides, shown, told):
    lengths = ("model.max_query_length=64", "model.max_passage_length=128")
    kept = [word for word in lengths if word.split("=")[0] not in {each.split("=")[0] for each in overrides}]
    encoder = build("model=hf", f"model.name_or_path={bert}", *kept, *overrides)
    assert shown in code("me/ours", encoder)
    assert 'SentenceTransformer("me/ours")' in code("me/ours", encoder)
    assert any(told in note for note in notes(encoder))


def test_sizes_are_cut_as_they_were_trained(bert):
    encoder = build("model=hf", f"model.name_or_path={bert}", "model.max_passage_length=96")
    encoder.settings = replace(encoder.settings, matryoshka_dimensions=(8, 16))
    assert "max_seq_length" not in code("x", encoder)  # both sides have one length
    told = next(note for note in notes(encoder) if "truncate_dim" in note)
    assert "to 16, 8 numbers" in told
    assert "normalize_embeddings=True" in told


@pytest.mark.parametrize(("name", "base"), [("intfloat/multilingual-e5-base", True), ("FOLDER", False), (None, False)])
def test_the_base_model_is_a_hub_id(bert, tmp_path, name, base):
    encoder = build("model=hf", f"model.name_or_path={bert}", "model.max_passage_length=96")
    held = {"name_or_path": str(tmp_path) if name == "FOLDER" else name}
    front = card(encoder, source_of({"model": held}, {"data": {"languages": ["no", "sw"]}})).metadata()
    assert front.get("base_model") == (name if base else None)
    assert front["language"] == ["no", "sw"]


def test_a_card_of_a_run_that_recorded_little_says_what_is_missing(bert):
    encoder = build("model=hf", f"model.name_or_path={bert}", "model.max_passage_length=96")
    text = card(encoder, source_of(), left_out="LIR, fitted on texts").text()
    for told in (
        "The run recorded no training data.",
        "the run did not finish (failed)",
        "Nothing was measured of this encoder.",
        "Not measured: the run recorded none.",
        "Training data: not stated",
        "the run removed LIR, fitted on texts from embeddings",
    ):
        assert told in text


def test_terms_and_instructions_are_part_of_the_training(bert):
    config = {
        "model": {"_target_": "x", "pooling": None, "dropout": None, "max_query_length": 64},
        "batch_size": 64,
        "seed": 3,
        "sampler": {"_target_": "x", "alpha": 0.5, "weighting": None},
        "objective": {"_target_": "x", "inner": {"_target_": "y", "temperature": 0.05}},
        "terms": {"coral": {"_target_": "x", "weight": 0.1}},
        "instructions": {"mmarco": "Find | it"},
    }
    settings = build("model=hf", f"model.name_or_path={bert}", "model.max_passage_length=64").settings
    choices = {"model": "hf", "sampler": "hybrid", "objective": "matryoshka"}
    text = training_section(source_of(config, {"choices": choices}), settings)
    assert "| model | hf (pooling mean, max_query_length 64) |" in text  # what was left to the checkpoint, too
    assert "| strategy | hybrid (alpha 0.5) |" in text
    assert "| objective | matryoshka (inner.temperature 0.05) |" in text
    assert "| loss terms | coral (weight 0.1) |" in text
    assert "| instructions | mmarco: Find \\| it |" in text


def test_overlap_is_shown_or_said_not_to_be_measured():
    held = {"all": {"texts": 1200, "exact": 12, "exact_share": 0.01}}
    found = {"measure": "exact normalised text", "benchmarks": {"mlqa_r": {"parts": {"questions": held}}}}
    assert "| mlqa_r | questions | 1,200 | 12 | 1.0% |" in overlap_section({"overlap": found})
    assert "Not measured: too many." in overlap_section({"overlap": {"measure": None, "why": "too many"}})


def test_intervals_hold_their_figures_and_none_is_invented(finished_run):
    encoder = read_source(finished_run[0], []).measured
    (result,) = results_of(encoder, Bootstrap(resamples=50))
    for setting, found in result.intervals.items():
        for metric, interval in found.items():
            figure = result.summary["settings"][setting].get(metric, result.summary["bias"].get(metric))
            assert interval.estimate == pytest.approx(figure)
            assert interval.low <= interval.estimate <= interval.high
    other = json.loads(json.dumps(result.summary))
    other["settings"]["monolingual"]["mAP"] += 0.1  # no mean over these queries
    (again,) = results_of(replace_metrics(encoder, other), Bootstrap(resamples=50))
    assert "mAP" not in again.intervals["monolingual"]
    assert "MRR" in again.intervals["monolingual"]


def replace_metrics(encoder, summary):
    return replace(encoder, metrics={summary["name"]: summary})


def test_results_at_smaller_sizes_stand_beside_the_whole():
    settings = {"monolingual": {"mAP": 0.5, "queries": 4, "results": 1}}
    whole = {"name": "x", "languages": ["de"], "queries": 4, "candidates": 9, "settings": settings, "bias": {}}
    cut = {**whole, "name": "x@8", "dimension": 8, "cut_from": {"name": "x", "dimension": 32}}
    text = measured_section([Result(whole, {}, (cut,))], None)
    assert "| 32 | 0.500 |\n| 8 | 0.500 |" in text
    assert "No intervals" in text


def test_markdown():
    assert escaped("a|b *c* [d]\n<e>") == "a\\|b \\*c\\* \\[d\\] \\<e>"
    assert table(["", "n", "why"], [["a", "1,200", "so"], ["b", "–", "1"]]).splitlines()[1] == "| --- | ---: | --- |"


def test_places_of_this_machine_are_left_out(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/someone")
    assert without_places(f"{tmp_path}/outputs/x /home/someone/data") == "outputs/x ~/data"
