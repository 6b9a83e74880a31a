import signal
import time

import pytest
import pytorch_lightning as pl
import torch

from src.training import stopwatch
from src.training.last_checkpoint import Interrupted, LastCheckpoint
from src.training.stopwatch import SECONDS, Stopwatch
from tests.toy import toy_run

STEP, VALIDATION, SAVING = 0.02, 0.4, 0.4


class Slow(pl.Callback):
    """Every step, validation and checkpoint takes a known while; asks for a stop after so many steps."""

    def __init__(self, stop_after: int | None, last: LastCheckpoint) -> None:
        self.stop_after, self.last, self.logged = stop_after, last, {}

    def on_train_batch_end(self, trainer, *_):
        time.sleep(STEP)
        if trainer.global_step == self.stop_after:
            self.last._ask(signal.SIGTERM, None)

    def on_validation_batch_end(self, *_):
        time.sleep(VALIDATION / 3)  # of three batches

    def on_validation_end(self, trainer, *_):
        self.logged[trainer.global_step] = float(trainer.callback_metrics[SECONDS])
        time.sleep(SAVING)


def run(folder, *, stop_after=None, resume=None):
    torch.set_num_threads(1)
    _, module, datamodule = toy_run(folder / "toy")
    last = LastCheckpoint(folder, 4, 4)
    slow = Slow(stop_after, last)
    trainer = pl.Trainer(
        accelerator="cpu",
        max_steps=12,
        max_epochs=-1,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        check_val_every_n_epoch=None,
        val_check_interval=4,
        callbacks=[Stopwatch(), slow, last],
    )
    started = time.perf_counter()
    try:
        trainer.fit(module, datamodule=datamodule, ckpt_path=resume, weights_only=True)
    finally:
        slow.whole = time.perf_counter() - started
    return slow


def test_counts_steps_and_neither_validations_nor_what_is_saved_after_them(tmp_path):
    slow = run(tmp_path)
    assert list(slow.logged) == [4, 8, 12]
    assert [seconds > step * STEP for step, seconds in slow.logged.items()] == [True] * 3
    assert list(slow.logged.values()) == sorted(slow.logged.values())
    assert slow.logged[12] < slow.whole - 3 * VALIDATION - 2 * SAVING


@pytest.mark.parametrize("stop_after", [6, 8])
def test_goes_on_from_the_checkpoint(tmp_path, stop_after):
    with pytest.raises(Interrupted) as stop:
        run(tmp_path, stop_after=stop_after)
    held = torch.load(stop.value.checkpoint, weights_only=True)["callbacks"]["Stopwatch"]["seconds"]
    assert held > stop_after * STEP
    resumed = run(tmp_path, resume=stop.value.checkpoint)
    assert resumed.logged[12] > held + (12 - stop_after) * STEP
    assert resumed.logged[12] < held + resumed.whole


def test_a_checkpoint_between_validations_holds_the_time_until_then(monkeypatch):
    times = iter([10.0, 13.0])
    monkeypatch.setattr(stopwatch, "perf_counter", lambda: next(times))
    watch = Stopwatch()
    watch.on_train_batch_start()
    assert watch.state_dict() == {"seconds": 3.0}
