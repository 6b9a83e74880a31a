"""The code of docs/how-to.md, run as it stands there: files of one's own, alone and all in one training."""

import json
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate

from src.evaluation import measures
from src.evaluation.measures import RankedRelevant
from src.job import Job
from src.objectives.contrast import build_contrast
from src.train import train
from tests.command import ROOT, SMALL
from tests.documented import blocks, file
from tests.objectives.terms.made_step import SETUP, made_step, unit

PAGE, README = ROOT / "docs" / "how-to.md", ROOT / "README.md"
CODE = {
    "src.data.readers.table": PAGE,
    "src.evaluation.benchmarks.faq": PAGE,
    "src.objectives.hinge": PAGE,
    "src.objectives.terms.spread": PAGE,
    "src.sampling.pivot": README,
}
CHOICES = ("dataset/table", "benchmark/faq", "objective/hinge", "terms/spread")


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    """The modules of the pages, importable under the names of their files."""
    made = types.SimpleNamespace()
    for name, page in CODE.items():
        module = types.ModuleType(name)
        exec(file(page, f"{name.replace('.', '/')}.py"), module.__dict__)
        monkeypatch.setitem(sys.modules, name, module)
        setattr(made, name.rpartition(".")[2], module)
    return made


def configured(name: str) -> dict:
    return yaml.safe_load(file(PAGE, f"conf/{name}.yaml"))


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """Thirty concepts in English and German; line 3 is not in German."""
    folder = tmp_path / "tables"
    folder.mkdir()
    for code in ("en", "de"):
        lines = [f"{code} question about {i}\t{code} answer {i}" for i in range(30)]
        (folder / f"{code}.tsv").write_text("\n".join([*lines[:3], "" if code == "de" else lines[3], *lines[4:]]))
    return folder


@pytest.fixture
def faq(tmp_path: Path) -> Path:
    lines = [
        {"id": str(i), "language": code, "question": f"{code} question about {i}", "answer": f"{code} answer {i}"}
        for i in range(6)
        for code in ("de", "en")
    ]
    path = tmp_path / "faq.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_the_reader(own, tables, tmp_path):
    options = {**configured("dataset/table"), "folder": str(tables)}
    data = instantiate(options)(tmp_path / "cache")
    assert data.name == "table"
    assert data.train.languages == ("de", "en")
    assert (len(data.train), len(data.validation)) == (27, 3)
    place = int(np.flatnonzero(data.train.question == 3)[0])
    assert data.train.question_languages[place] == 0b10
    assert data.questions.get(np.array([3, 4]), np.array([1, 0])) == ["en question about 3", "de question about 4"]
    assert instantiate(options)(tmp_path / "cache").fingerprint == data.fingerprint
    (tables / "en.tsv").write_text((tables / "en.tsv").read_text().replace("question about 5", "question on 5"))
    assert instantiate(options)(tmp_path / "cache").fingerprint != data.fingerprint


def test_the_loader(own, faq):
    benchmark = instantiate({**configured("benchmark/faq"), "file": str(faq)})()
    assert benchmark.languages == ("de", "en")
    assert benchmark.measured == ("monolingual", "crosslingual", "multilingual")
    assert len(benchmark.judgements) == 24
    assert len(set(benchmark.concept)) == 6


def test_the_loader_has_the_metrics_that_are_asked_for(own, faq):
    options = configured("benchmark/faq")
    assert instantiate({**options, "file": str(faq)})().metrics == ("mAP", "R@1")
    asked = instantiate({**options, "file": str(faq), "metrics": ["R@10", "mAP"]})()
    assert (asked.metrics, asked.headline) == (("R@10", "mAP"), "R@10")


def test_the_objective(own):
    objective = own.hinge.Hinge(margin=0.2, temperature=1.0)
    queries = torch.eye(3).requires_grad_()
    passages = torch.tensor([[1.0, 0, 0], [0.9, 0.1, 0], [0, 0, 1]])
    ids = torch.arange(3)
    contrast = build_contrast(
        queries=queries,
        passages=passages,
        all_queries=queries,
        all_passages=passages,
        all_negatives=passages[:0],
        question_ids=ids,
        passage_ids=ids,
        negative_ids=ids[:0],
        offset=0,
    )
    loss = objective(contrast)["loss"]
    # row by row: 0.2 + 0.9 - 1, 0.2 + 0 - 0.1, nothing
    assert loss.item() == pytest.approx((0.1 + 0.1 + 0.0) / 3)
    loss.backward()
    assert queries.grad is not None


def test_the_term(own):
    queries = unit(4)
    step = made_step(queries, unit(4, seed=1), [0, 1, 2, 0], [0, 1, 2, 0])
    loss = own.spread.Spread(SETUP)(step)["loss"]
    cosines = (queries @ queries.T).detach().numpy() ** 2
    assert loss.item() == pytest.approx(cosines[~np.eye(4, dtype=bool)].mean())


def test_the_metric(monkeypatch):
    monkeypatch.setattr(measures, "FORMULAS", dict(measures.FORMULAS))
    code = next(text for text in blocks(PAGE, "python") if "FORMULAS[" in text)
    exec(code, {"np": np, "FORMULAS": measures.FORMULAS})
    ranked = RankedRelevant(np.array([0, 2, 5]), np.array([1, 3, 1, 3, 9]), np.ones(5, int))
    np.testing.assert_allclose(measures.parse("Rprec")(ranked), [1 / 2, 2 / 3])


@pytest.mark.slow
def test_all_of_them_in_one_training(own, tables, faq, tmp_path):
    (tables / "de.tsv").write_text((tables / "en.tsv").read_text().replace("en ", "de "))  # pivot wants all languages
    conf = tmp_path / "conf"
    for name in CHOICES:
        (conf / name).parent.mkdir(parents=True, exist_ok=True)
        (conf / f"{name}.yaml").write_text(file(PAGE, f"conf/{name}.yaml"))
    (conf / "sampler").mkdir()
    (conf / "sampler" / "pivot.yaml").write_text("_target_: src.sampling.pivot.Pivot\n_partial_: true\n")
    words = [f"hydra.searchpath=[file://{conf}]", "dataset=table", f"dataset.folder={tables}", "benchmark=faq"]
    words += [
        f"benchmark.file={faq}",
        "sampler=pivot",
        "objective=hinge",
        "terms=[spread]",
        "logger=csv",
        "name=own",
        "trainer.log_every_n_steps=1",
    ]
    small = [word for word in SMALL if not word.startswith(("dataset.", "benchmark."))]
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        config = compose("train", [*words, *small, f"run_dir={tmp_path / 'run'}", f"cache_dir={tmp_path / 'cache'}"])
    metrics = Job(config, "train").run(train)
    assert set(metrics["faq"]["settings"]) == {"monolingual", "crosslingual", "multilingual"}
    logged = (tmp_path / "run" / "csv" / "metrics.csv").read_text()
    assert "train/spread/loss" in logged
