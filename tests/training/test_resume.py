"""Killed anywhere and resumed, a run ends with the weights that it would have had."""

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch

from src.errors import InputError
from src.training.last_checkpoint import Interrupted, LastCheckpoint
from src.training.reproducibility import StepSeed
from src.training.resume import RunIdentity, check_data, find_start
from src.training.telemetry import Telemetry
from tests.toy import toy_run

STEPS, VALIDATE_EVERY = 12, 4
HOW = [(1, 0), (2, 1)]  # accumulation, workers


class StopAfter(pl.Callback):
    """Asks for a stop as a signal would, after so many optimizer steps."""

    def __init__(self, step: int, last: LastCheckpoint) -> None:
        self.step, self.last = step, last

    def on_train_batch_start(self, trainer, *_):
        if trainer.global_step == self.step - 1:
            self.last._ask(signal.SIGTERM, None)
            self.step = -1


class Losses(pl.Callback):
    def __init__(self) -> None:
        self.train, self.validation = {}, {}

    def on_train_batch_end(self, trainer, module, outputs, batch, _):
        self.train[batch.step, batch.micro] = outputs["loss"].item()

    def on_validation_end(self, trainer, module):
        self.validation[trainer.global_step] = trainer.callback_metrics["val/loss"].item()


def run(
    folder: Path, *, stop_after: int | None = None, resume: Path | None = None, accumulate: int = 1, workers: int = 0
):
    _, module, datamodule = toy_run(folder / "toy", dropout=0.1)
    datamodule.num_workers = workers
    last, losses, telemetry = LastCheckpoint(folder, 4, VALIDATE_EVERY), Losses(), Telemetry(3)
    trainer = pl.Trainer(
        accelerator="cpu",
        max_steps=STEPS,
        max_epochs=-1,
        accumulate_grad_batches=accumulate,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        check_val_every_n_epoch=None,
        val_check_interval=VALIDATE_EVERY * accumulate,
        callbacks=[StepSeed(1), losses, telemetry, last] + ([StopAfter(stop_after, last)] if stop_after else []),
    )
    trainer.fit(module, datamodule=datamodule, ckpt_path=resume, weights_only=True)
    return module, losses, telemetry.totals()


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    return {
        accumulate: run(tmp_path_factory.mktemp("whole"), accumulate=accumulate, workers=workers)
        for accumulate, workers in HOW
    }


# before, at and after validations (every 4 steps); alone, and accumulating with a worker process
@pytest.mark.parametrize(("step", "how"), [(1, 0), (3, 0), (4, 0), (11, 0), (3, 1), (8, 1)])
def test_a_stopped_run_goes_on_exactly(tmp_path, uninterrupted, step, how):
    accumulate, workers = HOW[how]
    expected, expected_losses, expected_counts = uninterrupted[accumulate]
    with pytest.raises(Interrupted) as stop:
        run(tmp_path, stop_after=step, accumulate=accumulate, workers=workers)
    assert stop.value.step == step
    module, losses, counts = run(tmp_path, resume=stop.value.checkpoint, accumulate=accumulate, workers=workers)
    for name, weights in expected.state_dict().items():
        assert torch.equal(weights, module.state_dict()[name]), name
    assert losses.train == {key: loss for key, loss in expected_losses.train.items() if key[0] >= step}
    assert losses.validation == {at: loss for at, loss in expected_losses.validation.items() if at > step}
    assert counts == expected_counts


def test_a_checkpoint_holds_no_pickled_objects(tmp_path):
    run(tmp_path)
    saved = torch.load(tmp_path / "last.ckpt", weights_only=True)
    assert saved["global_step"] == STEPS


def saved(path: Path, step: int, settings: Mapping[str, Any] | None = None) -> str:
    path.parent.mkdir(exist_ok=True)
    held = {"state_dict": {}, "optimizer_states": [{}], "global_step": step}
    RunIdentity(settings or {}, {}).on_save_checkpoint(None, None, held)
    torch.save(held, path)
    return str(path)


@pytest.mark.parametrize("variable", ["SLURM_RESTART_COUNT", "TORCHELASTIC_RESTART_COUNT"])
def test_a_job_that_is_started_again_goes_on_from_its_own_last_checkpoint(tmp_path, monkeypatch, variable):
    """Also one that first went on from another run's: it would never get further than before."""
    own, other = tmp_path / "own", saved(tmp_path / "other" / "last.ckpt", 10)
    assert find_start(None, own, {}).checkpoint is None
    monkeypatch.setenv(variable, "1")
    assert (find_start(None, own, {}).checkpoint, find_start(other, own, {}).step) == (None, 10)
    saved(own / "last.ckpt", 15)
    assert [find_start(resume, own, {}).step for resume in (None, "auto", other)] == [15, 15, 15]
    monkeypatch.setenv(variable, "0")
    assert [find_start(resume, own, {}).step for resume in (None, "auto", other)] == [0, 15, 10]


def test_auto_starts_anew_only_where_there_is_no_checkpoint(tmp_path):
    assert find_start("auto", tmp_path, {}).checkpoint is None
    saved(tmp_path / "last-1.ckpt", 5)  # a kill between two renamings left it alone
    assert find_start("auto", tmp_path, {}).checkpoint == tmp_path / "last-1.ckpt"


@pytest.mark.parametrize("key", ["benchmark", "search.depth", "callbacks.checkpoint.keep_last"])
def test_settings_that_the_weights_do_not_depend_on_are_free(tmp_path, caplog, key):
    saved(tmp_path / "last.ckpt", 5, {key: 1})
    for settings in ({key: 1}, {key: 2}, {}):
        assert find_start("auto", tmp_path, settings).step == 5
    assert "goes on with another" not in caplog.text


@pytest.mark.parametrize("key", ["trainer.devices", "model.compile", "gradient_cache", "gradient_cache.chunk"])
def test_settings_that_change_the_rounding_are_told(tmp_path, caplog, key):
    saved(tmp_path / "last.ckpt", 5, {key: 1, "seed": 1, "max_steps": 9})
    assert find_start("auto", tmp_path, {key: 2, "seed": 1, "max_steps": 9}).step == 5
    assert f"the run goes on with another {key}: the same but for rounding" in caplog.text
    assert "was planned for" not in caplog.text


@pytest.mark.parametrize("key", ["seed", "trainer.precision", "trainer.devices_of", "searched", "max_steps_of"])
def test_all_other_settings_are_the_runs_own(tmp_path, key):
    saved(tmp_path / "last.ckpt", 5, {key: 1})
    for settings, told in (({key: 2}, "1 there, 2 here"), ({}, "1 there, absent here")):
        with pytest.raises(InputError, match=f"the checkpoint is of another run:\n  {key}: {told}"):
            find_start("auto", tmp_path, settings)


@pytest.mark.parametrize(
    "now", [{"train": "a"}, {"train": "b", "terms": "t"}, {"train": "a", "terms": "t", "more": "m"}]
)
def test_data_that_changed_came_or_went_are_refused(now):
    before = {"train": "a", "terms": "t"}
    held: dict[str, Any] = {}
    RunIdentity({}, before).on_save_checkpoint(None, None, held)
    check_data(held, before, "here")
    (changed,) = {key for key in {*now, *before} if now.get(key) != before.get(key)}
    with pytest.raises(InputError, match=f"other data: {changed} has changed since\n  where: here"):
        check_data(held, now, "here")
