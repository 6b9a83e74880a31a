"""`debias=` as a person types it, in training and in evaluation."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from src.encoder.debias import ABOUT, ARRAYS
from tests.command import SMALL, Answer, type_in

BENCHMARK = "cldr_facts[de,en]"


@pytest.fixture(scope="module")
def debiased_run(cache_dir, tmp_path_factory) -> Path:
    """The finished run, but centred."""
    folder = tmp_path_factory.mktemp("debiased") / "run"
    answer = train(folder, cache_dir, "debias=center")
    assert answer.status == 0, answer.text
    return folder


def train(folder: Path, cache_dir: Path, *more: str) -> Answer:
    return type_in("src.train", *SMALL, "logger=csv", f"hydra.run.dir={folder}", f"cache_dir={cache_dir}", *more)


def evaluate(folder: Path, *more: str) -> Answer:
    return type_in("src.evaluate", "benchmark.languages=[de,en]", "logger=csv", f"hydra.run.dir={folder}", *more)


def read(path: Path) -> dict:
    return json.loads(path.read_text())


def write_texts(folder: Path, **texts: list[str]) -> Path:
    folder.mkdir()
    for code, lines in texts.items():
        (folder / f"{code}.txt").write_text("\n".join(lines))
    return folder


DE, EN = (["Die Hauptstadt ist hier.", "Wo liegt das?", "Ein Tag"], ["It is here.", "Where is it?", "A day"])


def test_training_fits_it_to_its_texts_records_it_and_saves_it_with_the_encoder(debiased_run, finished_run):
    recorded = read(debiased_run / "record.json")["debias"]
    assert (recorded["method"], recorded["source"]) == ("Center", "training texts of cldr_facts")
    assert set(recorded["texts"]) == {"de", "en"}
    mean = load_file(debiased_run / "encoder" / ARRAYS)["mean"]
    assert mean.shape == (2, 16)
    assert np.linalg.norm(mean[0] - mean[1]) > 0.01
    for name in ("model.safetensors", "tokenizer.json"):  # the weights and all else are as without
        mine, plain = (folder / "encoder" / name for folder in (debiased_run, finished_run[0]))
        assert mine.read_bytes() == plain.read_bytes()
    assert read(debiased_run / "metrics.json") != read(finished_run[0] / "metrics.json")
    assert not (finished_run[0] / "encoder" / ABOUT).exists()
    assert "debias" not in read(finished_run[0] / "record.json")


@pytest.mark.parametrize("part", ["", "checkpoints/best-step=4.ckpt"])
def test_the_run_and_its_chosen_checkpoint_score_as_the_run_did(debiased_run, tmp_path, part):
    answer = evaluate(tmp_path, f"checkpoint='{debiased_run / part}'")
    assert answer.status == 0, answer.text
    assert read(tmp_path / "metrics.json") == read(debiased_run / "metrics.json")
    assert read(tmp_path / "record.json")["debias"] == read(debiased_run / "record.json")["debias"]
    assert "with the encoder comes debiasing, fitted on training texts of cldr_facts: Center" in answer.text


def test_an_evaluation_fits_one_to_a_folder_of_texts(finished_run, tmp_path):
    texts = write_texts(tmp_path / "texts", de=DE, en=EN)
    given = (f"checkpoint={finished_run[0]}", f"debias.texts={texts}")
    for name, more in {"one": ["debias=lir"], "two": ["debias=lir", "debias.rank=2"]}.items():
        answer = evaluate(tmp_path / name, *given, *more)
        assert answer.status == 0, answer.text
    one, two = (read(tmp_path / name / "record.json")["debias"] for name in ("one", "two"))
    assert (one["rank"], two["rank"], one["texts"]) == (1, 2, {"de": 3, "en": 3})
    assert one["fingerprint"] != two["fingerprint"]
    compared = type_in("src.compare", str(tmp_path / "one"), str(tmp_path / "two"), "figures=false")
    assert compared.status == 0, compared.text
    assert "rank=2" in compared.out


def test_the_debiasing_that_came_with_an_encoder_is_replaced(debiased_run, finished_run, tmp_path):
    """What an evaluation fits is the same, whether the encoder came with one or not."""
    texts = write_texts(tmp_path / "texts", de=DE, en=EN)
    found = []
    for run in (debiased_run, finished_run[0]):
        folder = tmp_path / run.parent.name
        answer = evaluate(folder, f"checkpoint={run}", "debias=center", f"debias.texts={texts}")
        assert answer.status == 0, answer.text
        assert ("is replaced" in answer.text) is (run == debiased_run)
        found.append(read(folder / "metrics.json")[BENCHMARK]["settings"])
    assert found[0] == found[1]


def test_a_checkpoint_of_other_weights_goes_without_and_it_is_said(debiased_run, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(debiased_run, run)
    about = read(run / "encoder" / ABOUT)
    (run / "encoder" / ABOUT).write_text(json.dumps({**about, "weights": "other"}))
    answer = evaluate(tmp_path / "scored", f"checkpoint={run / 'checkpoints' / 'last.ckpt'}")
    assert answer.status == 0, answer.text
    assert "this checkpoint goes without" in answer.text
    assert "debias" not in read(tmp_path / "scored" / "record.json")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["debias=center"], "which texts is it fitted to?\n  where: debias.texts"),
        (["debias=center", "debias.texts=nowhere"], "no such folder\n  where: debias.texts=nowhere"),
        (["debias=lir", "debias.texts=TEXTS", "debias.rank=0"], "where: debias.rank"),
        (["debias=lir", "debias.texts=TEXTS", "debias.rank=3"], "3 texts in de to fit debiasing to, and it needs 4"),
        (["debias=lir", "debias.texts=TEXTS", "debias.rank=one"], "debias.rank must be a whole number"),
        (["debias=center", "debias.texts=TEXTS", "debias.side=left"], "unknown side 'left'"),
        (["debias=center", "debias.texts=TEXTS", "benchmark.languages=[de,en,th]"], "and not for th"),
        (["debias=center", "debias.texts=TEXTS", "+debias.rank=2"], "debias has no option 'rank'"),
    ],
)
def test_bad_input_to_an_evaluation(finished_run, tmp_path, more, told):
    texts = write_texts(tmp_path / "texts", de=DE, en=EN)
    answer = evaluate(
        tmp_path / "scored", f"checkpoint={finished_run[0]}", *[word.replace("TEXTS", str(texts)) for word in more]
    )
    assert answer.status == 2, answer.text
    assert told in answer.err
    assert "Traceback" not in answer.text


def test_a_benchmark_in_other_languages_is_told_before_training(cache_dir, tmp_path):
    answer = train(tmp_path, cache_dir, "debias=center", "benchmark.languages=[de,en,th]")
    assert answer.status == 2
    assert "debiasing is fitted for de, en, and not for th" in answer.err
    assert not (tmp_path / "checkpoints").exists()


def test_an_encoder_with_it_is_not_scored_in_other_languages(debiased_run, tmp_path):
    answer = type_in("src.evaluate", f"checkpoint={debiased_run}", "logger=csv", f"hydra.run.dir={tmp_path}")
    assert answer.status == 2
    assert "debiasing is fitted for de, en, and not for ar, el" in answer.err
