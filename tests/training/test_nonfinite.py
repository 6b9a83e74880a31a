from functools import partial

import pytest
import pytorch_lightning as pl
import torch

from src.training.last_checkpoint import LastCheckpoint
from src.training.nonfinite import NonFiniteLoss, NonFiniteLossError
from tests.toy import toy_run


class Poison(pl.Callback):
    """Makes a weight NaN before one step."""

    def on_train_batch_start(self, trainer, module, batch, _):
        if batch.step == 4:
            with torch.no_grad():
                next(module.encoder.parameters()).fill_(torch.nan)


def test_stops_names_the_step_and_its_batch_and_keeps_the_good_checkpoint(tmp_path):
    _, module, datamodule = toy_run(tmp_path / "toy")
    trainer = pl.Trainer(
        accelerator="cpu",
        max_steps=12,
        max_epochs=-1,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        limit_val_batches=0,
        callbacks=[Poison(), NonFiniteLoss(every=10), LastCheckpoint(tmp_path, 2, None)],
    )
    with pytest.raises(NonFiniteLossError) as error:
        trainer.fit(module, datamodule=datamodule)
    concepts = datamodule.strategy.plan(4)[:, 0]
    assert trainer.global_step == 5  # at once, on a CPU
    assert "at step 4\n" in str(error.value)
    assert f"kept:  {tmp_path / 'last.ckpt'}" in str(error.value)
    assert f"concepts {', '.join(map(str, concepts))}\n" in str(error.value)
    saved = torch.load(tmp_path / "last.ckpt", weights_only=True)
    assert saved["global_step"] == 4
    assert all(torch.isfinite(weights).all() for weights in saved["state_dict"].values())


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("what", ["validation", "checkpoint"])
def test_the_first_bad_step_is_named_though_looked_for_later(tmp_path, first, what):
    check = NonFiniteLoss(every=100)
    _, module, datamodule = toy_run(tmp_path / "toy")
    losses = [1.0] * first + [float("inf"), float("nan")]
    for step, loss in enumerate(losses):
        check._remember(step, datamodule.strategy.plan(step), torch.tensor(loss))
    trainer = pl.Trainer(accelerator="cpu", logger=False, enable_progress_bar=False, enable_model_summary=False)
    look = {"validation": check.on_validation_start, "checkpoint": partial(check.on_save_checkpoint, checkpoint={})}
    with pytest.raises(NonFiniteLossError, match=rf"(?s)at step {first}\n.*kept:  no checkpoint, there was none yet"):
        look[what](trainer, module)


def test_no_batch_is_remembered_once_its_loss_was_looked_at(tmp_path):
    check = NonFiniteLoss(every=100)
    _, module, datamodule = toy_run(tmp_path / "toy")
    check._remember(0, datamodule.strategy.plan(0), torch.tensor(1.0))
    trainer = pl.Trainer(accelerator="cpu", logger=False, enable_progress_bar=False, enable_model_summary=False)
    check.on_validation_start(trainer, module)
    assert not check._recent


class Spoil(pl.Callback):
    """Makes a weight NaN after one step, whose loss was good."""

    def on_train_batch_end(self, trainer, module, outputs, batch, batch_idx):
        if batch.step == 3:
            with torch.no_grad():
                next(module.encoder.parameters()).fill_(torch.nan)


@pytest.mark.parametrize(("validate", "told"), [(0, "the weights are"), (1.0, "the validation loss is")])
def test_a_good_loss_before_bad_weights_saves_nothing(tmp_path, validate, told):
    _, module, datamodule = toy_run(tmp_path / "toy")
    every = 4 if validate else None
    trainer = pl.Trainer(
        accelerator="cpu",
        max_steps=8,
        max_epochs=-1,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        limit_val_batches=validate,
        val_check_interval=every,
        check_val_every_n_epoch=None,
        callbacks=[NonFiniteLoss(every=10), Spoil(), LastCheckpoint(tmp_path, 2, every)],
    )
    with pytest.raises(NonFiniteLossError, match=told) as error:
        trainer.fit(module, datamodule=datamodule)
    assert "after step 3" in str(error.value)
    assert f"kept:  {tmp_path / 'last.ckpt'}" in str(error.value)
    assert torch.load(tmp_path / "last.ckpt", weights_only=True)["global_step"] == 2
