"""What the README shows is true: its own strategy runs, its JSON lines are read, its choices and recipes exist."""

import re
import sys
import types

import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from omegaconf import open_dict

from src.data.readers.jsonl import read
from tests.command import ROOT, SMALL
from tests.toy import toy_data

README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(kind: str, opening: str) -> str:
    return next(text for text in re.findall(rf"```{kind}\n(.*?)```", README, re.DOTALL) if text.startswith(opening))


def test_the_strategy_plans(tmp_path):
    module = types.ModuleType("pivot")
    exec(block("python", "# src/sampling/pivot.py"), module.__dict__)
    index = toy_data(tmp_path).train
    strategy = module.Pivot(index=index, batch_size=8, seed=1)
    concepts, questions, passages = strategy.plan(3).T
    assert len(set(concepts)) == 8
    assert {index.languages[language] for language in questions} == {"en"}
    assert (passages != questions).all()
    np.testing.assert_array_equal(strategy.plan(3), strategy.plan(3))
    assert strategy.describe()["strategy"] == "pivot"


@pytest.mark.slow
def test_the_strategy_trains(tmp_path, monkeypatch):
    module = types.ModuleType("src.sampling.pivot")
    exec(block("python", "# src/sampling/pivot.py"), module.__dict__)
    monkeypatch.setitem(sys.modules, "src.sampling.pivot", module)

    from src.job import Job
    from src.train import train

    folders = (f"run_dir={tmp_path}", f"cache_dir={tmp_path}/cache")
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        config = compose("train", [*SMALL, "logger=csv", "name=pivot", *folders])
    with open_dict(config):
        config.sampler = {"_target_": "src.sampling.pivot.Pivot", "_partial_": True}
    metrics = Job(config, "train").run(train)
    assert metrics["cldr_facts[de,en]"]["settings"]["crosslingual"]["results"] == 2


def test_the_json_lines_are_read(tmp_path):
    (tmp_path / "my.jsonl").write_text(block("json", '{"id"'), encoding="utf-8")
    data = read(tmp_path / "cache", name="mine", folder=str(tmp_path / "my.jsonl"), validation_fraction=0)
    assert data.train.languages == ("de", "en")
    assert len(data.train) == 1


@pytest.mark.parametrize("group", ["model", "dataset", "benchmark", "experiment", "sampler", "trainer", "logger"])
def test_every_choice_that_it_names_exists(group):
    named = re.findall(rf"(?<![\w.]){group}=([\w,]+)", README)
    for choice in {each for value in named for each in value.split(",")}:
        assert (ROOT / "conf" / group / f"{choice}.yaml").is_file() or choice == "pivot", f"{group}={choice}"
