"""What every file of conf/objective/ keeps, so that any can train."""

import csv

import pytest
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from omegaconf import OmegaConf

from src.options import check_options
from tests.command import ROOT, SMALL, type_in
from tests.objectives.pairs import ALONE, HARD, query_cosines

NAMES = sorted(path.stem for path in (ROOT / "conf" / "objective").glob("*.yaml"))
NEW = [name for name in NAMES if name != "infonce"]  # every other test of a run trains that one
OWN = {"matryoshka": ["objective.smallest=4"]}  # what suits embeddings of 8 and 16 numbers


def section(name, *overrides):
    with initialize_config_dir(str(ROOT / "conf"), version_base=None):
        return compose(overrides=["+model=tiny", f"+objective={name}", *OWN.get(name, []), *overrides])


def build(name, *overrides):
    config = section(name, *overrides)
    check_options(OmegaConf.create({"objective": OmegaConf.to_container(config, resolve=True)["objective"]}), {})
    return instantiate(config.objective)


@pytest.mark.parametrize("name", NAMES)
def test_its_file_says_what_training_and_telemetry_read(name):
    objective = build(name)
    assert objective.requires_negatives is False
    terms = objective(HARD.contrast())
    assert terms["loss"].requires_grad
    assert not any(value.requires_grad for key, value in terms.items() if key != "loss")
    assert all(value.ndim == 0 for value in terms.values())
    counts = [len(negatives) for _, negatives in query_cosines(HARD)]
    assert terms["negatives_per_query"].item() == pytest.approx(sum(counts) / len(counts))


@pytest.mark.parametrize("name", NAMES)
def test_scores_are_computed_in_float32_under_autocast(name):
    objective = build(name)
    expected = objective(HARD.contrast())["loss"]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = objective(HARD.contrast())["loss"]
    torch.testing.assert_close(loss, expected, rtol=0, atol=0)


@pytest.mark.parametrize("name", NAMES)
def test_queries_without_negatives_leave_loss_and_gradients_finite(name):
    loss = build(name)(ALONE.contrast())["loss"]
    assert loss.isfinite()
    assert all(each.isfinite().all() for each in torch.autograd.grad(loss, ALONE.embeddings, materialize_grads=True))


@pytest.mark.parametrize("name", NAMES)
def test_ranks_average_to_the_loss_of_one_process(name):
    objective = build(name)
    parts = [objective(HARD.contrast(start, stop))["loss"] * (stop - start) for start, stop in ((0, 2), (2, 5))]
    torch.testing.assert_close(sum(parts) / 5, objective(HARD.contrast())["loss"])


@pytest.mark.parametrize("name", NEW)
def test_every_parameter_has_a_gradient(name):
    objective = build(name)
    objective(HARD.contrast())["loss"].backward()
    assert all(each.grad is not None and each.grad.abs().sum() > 0 for each in objective.parameters())


@pytest.mark.parametrize("name", [name for name in NEW if name != "matryoshka"])
def test_matryoshka_takes_it_by_name(name):
    objective = build("matryoshka", f"objective@objective.inner={name}")
    assert type(objective.inner) is type(build(name))
    assert objective(HARD.contrast())["loss"].isfinite()


@pytest.mark.slow
@pytest.mark.parametrize("name", NEW)
def test_it_trains(name, tmp_path, cache_dir):
    run = ["logger=csv", f"cache_dir={cache_dir}", f"hydra.run.dir={tmp_path / 'run'}", "trainer.log_every_n_steps=1"]
    answer = type_in("src.train", *SMALL, *run, f"objective={name}", *OWN.get(name, []), "max_steps=3")
    assert answer.status == 0, answer.text
    with (tmp_path / "run" / "csv" / "metrics.csv").open(newline="") as file:
        losses = [row["train/loss"] for row in csv.DictReader(file) if row.get("train/loss")]
    assert len(losses) == 3
    assert all(torch.tensor(float(loss)).isfinite() for loss in losses)
