"""python -m src.export as typed."""

import json
import shutil

import pytest

from tests.command import type_in

pytest.importorskip("sentence_transformers", reason="an export is checked with it (pip install -e '.[export]')")


@pytest.mark.slow
def test_an_export_as_typed_with_an_evaluation_on_its_card(finished_run, cache_dir, tmp_path):
    run = finished_run[0]
    scored = type_in(
        "src.evaluate",
        *(f"checkpoint={run}", "benchmark.languages=[de,en]", "benchmark.split=validation", "logger=csv"),
        *(f"cache_dir={cache_dir}", f"hydra.run.dir={tmp_path / 'scored'}"),
    )
    assert scored.status == 0, scored.text
    words = [f"checkpoint={run}", "license=mit", f"hydra.run.dir={tmp_path / 'out'}"]
    answer = type_in("src.export", *words, f"evaluations=[{tmp_path / 'scored'}]")
    assert answer.status == 0, answer.text
    assert "queries are cut to 96 tokens and passages to 256" in answer.err
    assert "sentence-transformers · query" in answer.out
    assert "hf upload NAME/MODEL" in answer.out
    assert max(map(len, answer.out.splitlines()[:10])) <= 80
    card = (tmp_path / "out" / "README.md").read_text()
    both = [json.loads((folder / "metrics.json").read_text()) for folder in (run, tmp_path / "scored")]
    for name, summary in [*both[0].items(), *both[1].items()]:
        assert f"### {name}".replace("[", "\\[").replace("]", "\\]") in card
        assert f"| {summary['settings']['monolingual']['mAP']:.3f} [" in card
    again = type_in("src.export", *words)
    assert again.status == 2
    assert "the folder is not empty" in again.err
    other = tmp_path / "other"
    shutil.copytree(run, other)
    answer = type_in("src.export", f"checkpoint={other}", "license=mit", f"evaluations=[{tmp_path / 'scored'}]")
    assert answer.status == 2
    assert "not all of the encoder that is exported" in answer.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "a model card without a licence"),
        (("license=mit", "push_to=me/model"), "nothing without a token"),
        (("license=mit", "checkpoint=nowhere"), "where: checkpoint=nowhere"),
    ],
)
def test_mistakes_are_told_before_long_work(finished_run, tmp_path, words, told):
    given = [f"checkpoint={finished_run[0]}", f"hydra.run.dir={tmp_path / 'out'}"]
    kept = [word for word in given if not any(word.split("=")[0] == each.split("=")[0] for each in words)]
    answer = type_in("src.export", *kept, *words, environment={"HF_HOME": str(tmp_path), "HF_TOKEN": ""})
    assert answer.status == 2, answer.text
    assert told in answer.err
    assert "Traceback" not in answer.text
    assert not list((tmp_path / "out").iterdir())
