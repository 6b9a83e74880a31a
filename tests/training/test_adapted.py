"""Training an adapter in the trainer, stopped and resumed, and as a person runs it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from src.encoder.dual_encoder import DualEncoder
from src.encoder.encode import encode
from src.encoder.restore import restore
from src.training.last_checkpoint import Interrupted
from tests import toy
from tests.command import SMALL, type_in
from tests.encoder.checkpoints import TEXTS
from tests.encoder.test_adapters import adapter
from tests.training import test_resume

MAP = ("settings", "multilingual", "mAP")


@pytest.mark.parametrize("kind", ["lora", "bottleneck"])
def test_a_stopped_run_goes_on_exactly(tmp_path, monkeypatch, kind):
    def adapted(*given, **options):
        data, module, datamodule = toy.toy_run(*given, **options)
        module.encoder.adapt(adapter(kind))
        return data, module, datamodule

    monkeypatch.setattr(test_resume, "toy_run", adapted)
    expected, losses, _ = test_resume.run(tmp_path / "whole")
    with pytest.raises(Interrupted) as stop:
        test_resume.run(tmp_path / "part", stop_after=5)
    resumed, rest, _ = test_resume.run(tmp_path / "part", resume=stop.value.checkpoint)
    state, start = resumed.state_dict(), adapted(tmp_path / "new", dropout=0.1)[1].state_dict()
    assert all(torch.equal(weights, state[name]) for name, weights in expected.state_dict().items())
    assert rest.train == {key: loss for key, loss in losses.train.items() if key[0] >= 5}
    changed = {name for name in state if not torch.equal(state[name], start[name])}
    assert changed == {name for name, parameter in resumed.named_parameters() if parameter.requires_grad}


def run(module: str, folder: Path, cache_dir: Path, *more: str) -> None:
    answer = type_in(module, "logger=csv", f"hydra.run.dir={folder}", f"cache_dir={cache_dir}", *more)
    assert answer.status == 0, answer.text


def measured(folder: Path) -> float:
    (found,) = json.loads((folder / "metrics.json").read_text()).values()
    for name in MAP:
        found = found[name]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("chosen", [["adapter=lora", "adapter.save_separately=true"], ["adapter=bottleneck"]])
def test_a_run_leaves_a_plain_encoder_that_scores_as_it_did(tmp_path, cache_dir, chosen):
    run("src.train", tmp_path / "run", cache_dir, *SMALL, *chosen, "optimizer.lr=0.05")
    languages = "benchmark.languages=[de,en]"
    chosen_weights = next((tmp_path / "run" / "checkpoints").glob("best-*.ckpt"))
    for name, checkpoint in (("plain", tmp_path / "run"), ("unmerged", chosen_weights)):
        run("src.evaluate", tmp_path / name, cache_dir, f"checkpoint='{checkpoint}'", languages)
        assert measured(tmp_path / name) == pytest.approx(measured(tmp_path / "run"), abs=1e-6)
    model = json.loads((tmp_path / "run" / "record.json").read_text())["model"]
    assert 0 < model["trainable"] < model["parameters"] / 4
    plain = DualEncoder.load(tmp_path / "run" / "encoder")
    assert sum(p.numel() for p in plain.parameters()) <= model["parameters"]
    unmerged = restore(chosen_weights)
    np.testing.assert_allclose(*(encode(each, TEXTS, "query") for each in (plain, unmerged)), atol=1e-5)
    assert (tmp_path / "run" / "encoder" / "adapter").is_dir() == ("adapter=lora" in chosen)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["adapter=lora", "adapter.target_modules=[q_proj]"], "adapter.target_modules"),
        (["adapter=lora", "adapter.rank=many"], "adapter.rank"),
        (["adapter=bottleneck", "freeze.embeddings=true"], "freeze, adapter"),
        (["freeze.layers=2"], "freeze.layers"),
        (["freeze.layers=some"], "freeze.layers"),
        (["optimizer.layer_decay=2"], "optimizer.layer_decay"),
    ],
)
def test_mistakes_are_told_before_training(tmp_path, cache_dir, words, told):
    answer = type_in("src.train", *SMALL, "logger=csv", f"hydra.run.dir={tmp_path}", f"cache_dir={cache_dir}", *words)
    assert answer.status == 2, answer.text
    assert told in answer.err
    assert "training on" not in answer.err
