"""Which checkpoints a run keeps to go on from, and how signals end it."""

import os
import signal
from contextlib import nullcontext
from pathlib import Path

import pytest
import pytorch_lightning as pl
import torch

from src.training import checkpoint_files
from src.training.checkpoint_files import WholeFiles
from src.training.last_checkpoint import Interrupted, LastCheckpoint
from src.training.signals import Stopped, stopping
from tests.toy import toy_run


class At(pl.Callback):
    """Does something as a step starts."""

    def __init__(self, step, act):
        self.step, self.act = step, act

    def on_train_batch_start(self, trainer, *_):
        if trainer.global_step == self.step:
            self.act()


def run(folder: Path, *more: pl.Callback, keep: int = 2, steps: int = 5, every: int = 1) -> LastCheckpoint:
    _, module, datamodule = toy_run(folder / "toy")
    last = LastCheckpoint(folder, every, None, keep)
    trainer = pl.Trainer(
        accelerator="cpu",
        max_steps=steps,
        max_epochs=-1,
        limit_val_batches=0,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
        plugins=[WholeFiles()],
        callbacks=[*more, last],
    )
    trainer.fit(module, datamodule=datamodule)
    return last


def kept(folder: Path) -> dict[str, int]:
    return {path.name: torch.load(path, weights_only=True)["global_step"] for path in folder.glob("*.ckpt")}


@pytest.mark.parametrize(
    ("keep", "expected"),
    [(1, {"last.ckpt": 5}), (3, {"last.ckpt": 5, "last-1.ckpt": 4, "last-2.ckpt": 3})],
)
def test_the_last_ones_are_kept(tmp_path, keep, expected):
    run(tmp_path, keep=keep)
    assert kept(tmp_path) == expected


def test_the_last_step_is_kept_though_none_is_due(tmp_path):
    run(tmp_path, every=2)
    assert kept(tmp_path) == {"last.ckpt": 5, "last-1.ckpt": 4}


def test_a_save_that_is_cut_off_leaves_them_as_they_were(tmp_path, monkeypatch):
    save, calls = torch.save, []

    def cut_off(state, file):
        calls.append(state["global_step"])
        if len(calls) == 4:
            file.write(b"half")
            raise KeyboardInterrupt
        save(state, file)

    monkeypatch.setattr(checkpoint_files.torch, "save", cut_off)
    with pytest.raises(SystemExit):  # Lightning's, of a KeyboardInterrupt
        run(tmp_path)
    assert calls == [1, 2, 3, 4]
    assert kept(tmp_path) == {"last.ckpt": 3, "last-1.ckpt": 2}


def test_what_a_killed_run_was_writing_is_gone_as_the_next_starts(tmp_path):
    for name in ("new.ckpt", ".best-step=2.ckpt.partial"):
        (tmp_path / name).write_bytes(b"half")
    left = []
    run(tmp_path, At(0, lambda: left.extend(tmp_path.glob("*.ckpt*"))))
    assert left == []


@pytest.mark.parametrize("outer", [nullcontext, stopping])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_after_its_step(tmp_path, number, outer):
    before = signal.getsignal(number)
    with pytest.raises(Interrupted) as stop, outer():
        run(tmp_path, At(2, lambda: os.kill(os.getpid(), number)), every=5)
    assert stop.value.step == 3
    assert kept(tmp_path)["last.ckpt"] == 3
    assert signal.getsignal(number) == before


class AtTheEnd(pl.Callback):
    """Is terminated when the last step is done."""

    def on_train_end(self, *_):
        os.kill(os.getpid(), signal.SIGTERM)


def test_a_signal_after_the_last_step_ends_the_run_before_it_is_scored(tmp_path):
    with pytest.raises(Interrupted):
        run(tmp_path, AtTheEnd())
    assert kept(tmp_path)["last.ckpt"] == 5


def test_a_second_signal_ends_it_at_once(tmp_path):
    def insist():
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Stopped):
        run(tmp_path, At(2, insist))
    assert kept(tmp_path)["last.ckpt"] == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_outside_the_training_a_signal_ends_the_job_where_it_is(number):
    before = signal.getsignal(number)
    with pytest.raises(Stopped, match=f"ended by {number.name}"), stopping():
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) == before


def test_a_launcher_that_listens_itself_is_told_when_the_run_is_saved(tmp_path):
    told = []
    before = signal.signal(signal.SIGUSR2, lambda number, _: told.append((number, kept(tmp_path)["last.ckpt"])))
    try:
        with pytest.raises(Interrupted):
            run(tmp_path, At(2, lambda: os.kill(os.getpid(), signal.SIGUSR2)))
    finally:
        signal.signal(signal.SIGUSR2, before)
    assert told == [(signal.SIGUSR2, 3)]


def test_a_cluster_that_insists_waits_for_the_step(tmp_path):
    def insist():
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGUSR2)

    before = signal.signal(signal.SIGUSR2, lambda *_: None)
    try:
        with pytest.raises(Interrupted):
            run(tmp_path, At(2, insist))
    finally:
        signal.signal(signal.SIGUSR2, before)
    assert kept(tmp_path)["last.ckpt"] == 3


def test_a_launchers_own_answer_to_sigterm_stays(tmp_path):
    heard = []
    before = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:
        run(tmp_path, At(2, lambda: os.kill(os.getpid(), signal.SIGTERM)))
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGTERM]
    assert kept(tmp_path)["last.ckpt"] == 5
