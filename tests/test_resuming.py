"""Runs that go on from a checkpoint, as a person or a cluster has them do so."""

import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from benchmarks import faults
from tests.command import ENVIRONMENT, ROOT, SMALL, Answer, type_in

AUTO = "trainer.resume=auto"
WITHOUT_OPTIMIZER = "callbacks.checkpoint.optimizer=false"
LONGER = (
    *("max_steps=8", "callbacks.validation.every_n_steps=2", "model.dropout=0.1"),
    *("callbacks.checkpoint.monitor=val/loss", "callbacks.checkpoint.mode=max"),  # the best is an early one
)


def train(folder: Path, cache_dir: Path, *more: str) -> Answer:
    return type_in("src.train", *SMALL, "logger=csv", f"hydra.run.dir={folder}", f"cache_dir={cache_dir}", *more)


def read(path: Path) -> dict:
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def whole(tmp_path_factory, cache_dir):
    """A run with several validations and checkpoints, which ends well."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    answer = train(folder, cache_dir, *LONGER)
    assert answer.status == 0, answer.text
    return folder


@pytest.fixture
def unscored(whole, tmp_path):
    """The same run, as a kill after its last step would have left it."""
    folder = tmp_path / "run"
    shutil.copytree(whole, folder)
    (folder / "metrics.json").unlink()
    (folder / "record.json").write_text(json.dumps(read(folder / "record.json") | {"status": "running"}))
    return folder


def damage(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def test_scoring_that_was_killed_is_done_again_without_training(unscored, whole, cache_dir):
    answer = train(unscored, cache_dir, *LONGER, AUTO)
    assert answer.status == 0, answer.text
    assert "last.ckpt, step 8" in answer.err
    assert read(unscored / "record.json")["resumed"]["step"] == 8
    assert faults.differences(whole, unscored) == []


def test_a_damaged_checkpoint_is_told_and_the_one_before_goes_on_exactly(unscored, whole, cache_dir):
    damage(unscored / "checkpoints" / "last.ckpt")
    (unscored / "checkpoints" / ".last.ckpt.partial").write_bytes(b"half")
    answer = train(unscored, cache_dir, *LONGER, AUTO)
    assert answer.status == 0, answer.text
    assert "cannot be read" in answer.err
    assert "looking for an earlier one" in answer.err
    assert "last-1.ckpt, step 6" in answer.err
    assert faults.differences(whole, unscored) == []
    for name in ("last.ckpt", "last-1.ckpt"):
        damage(unscored / "checkpoints" / name)
    (unscored / "metrics.json").unlink()
    refused = train(unscored, cache_dir, *LONGER, AUTO)
    assert refused.status == 2
    assert "no checkpoint here is whole" in refused.err


def test_a_run_goes_on_in_another_folder_and_takes_its_best_checkpoint_along(whole, tmp_path, cache_dir):
    assert [path.name for path in (whole / "checkpoints").glob("best-*")] == ["best-step=2.ckpt"]
    moved = tmp_path / "moved"
    shutil.copytree(whole / "checkpoints", moved)
    (moved / "last.ckpt").unlink()
    answer = train(tmp_path / "run", cache_dir, *LONGER, f"trainer.resume={moved / 'last-1.ckpt'}")
    assert answer.status == 0, answer.text
    assert not {"weights", "results", "plan", "counts"} & {*faults.differences(whole, tmp_path / "run")}
    chosen = Path(read(tmp_path / "run" / "record.json")["checkpoint"]["file"])
    assert chosen.parent == tmp_path / "run" / "checkpoints"


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("seed=2", "seed: 1 there, 2 here"),
        ("sampler=monolingual", 'sampler._target_: "src.sampling.hybrid'),
        ("batch_size=32", "batch_size: 16 there, 32 here"),
        ("objective=decoupled", 'objective._target_: "src.objectives.infonce.InfoNCE" there'),
        ("terms=[alignment]", 'terms.alignment._target_: absent there, "src.objectives'),
        ("optimizer.lr=0.1", "optimizer.lr: 0.002 there, 0.1 here"),
        ("model.hidden_size=32", "model.hidden_size: 16 there, 32 here"),
        ("dataset.languages=[de]", 'dataset.languages: "[\\"de\\", \\"en\\"]" there'),
        ("augmentation=code_switching_cldr", "augmentation._target_: absent there"),
        ("trainer.accumulate_grad_batches=2", "trainer.accumulate_grad_batches: 1 there, 2 here"),
        ("trainer.precision=bf16-mixed", "trainer.precision"),
        ("callbacks.validation.every_n_steps=4", "callbacks.validation.every_n_steps: 2 there, 4 here"),
    ],
)
def test_another_runs_checkpoint_is_refused_by_name_and_left_alone(unscored, cache_dir, word, told):
    before = (unscored / "encoder" / "encoder.json").read_bytes()
    answer = train(unscored, cache_dir, *LONGER, AUTO, word)
    assert answer.status == 2, answer.text
    assert "the checkpoint is of another run:" in answer.err
    assert told in answer.err
    assert f"where: trainer.resume={unscored / 'checkpoints' / 'last.ckpt'}" in answer.err
    assert "Traceback" not in answer.text
    assert (unscored / "encoder" / "encoder.json").read_bytes() == before


def test_what_does_not_change_the_training_may_change(unscored, whole, cache_dir):
    more = ("num_workers=1", "save_run=true", "trainer.log_every_n_steps=1", "callbacks.checkpoint.keep_last=3")
    (unscored / "checkpoints" / "last.ckpt").unlink()
    answer = train(unscored, cache_dir, *LONGER, AUTO, *more)
    assert answer.status == 0, answer.text
    assert not {"weights", "results", "plan", "counts"} & {*faults.differences(whole, unscored)}


def test_a_longer_run_goes_on_and_says_what_that_means(unscored, cache_dir):
    answer = train(unscored, cache_dir, *LONGER, AUTO, "max_steps=10")
    assert answer.status == 0, answer.text
    assert "the run was planned for 8 steps and goes on for 10" in answer.err
    assert read(unscored / "record.json")["training"]["steps"] == 10


def test_other_data_are_refused(tmp_path, cache_dir):
    def lines(passage: str) -> list[str]:
        texts = [(f"{i}", code) for i in range(40) for code in ("de", "en")]
        return [
            json.dumps({"id": i, "language": c, "question": f"{c} ask {i}", "passage": passage + i}) for i, c in texts
        ]

    data = tmp_path / "data"
    data.mkdir()
    words = ["dataset=jsonl", f"dataset.folder={data}", "dataset.languages=[de,en]"]
    small = [word for word in SMALL if not word.startswith("dataset")]
    where = [f"hydra.run.dir={tmp_path / 'run'}", f"cache_dir={cache_dir}", "logger=csv"]
    (data / "all.jsonl").write_text("\n".join(lines("tell ")))
    assert type_in("src.train", *small, *words, *where).status == 0
    (tmp_path / "run" / "metrics.json").unlink()
    (data / "all.jsonl").write_text("\n".join(lines("tale ")))
    answer = type_in("src.train", *small, *words, *where, AUTO)
    assert answer.status == 2, answer.text
    assert "the checkpoint was trained on other data: dataset, validation_data has changed since" in answer.err
    shutil.move(data, tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "all.jsonl").write_text("\n".join(lines("tell ")))
    words[1] = f"dataset.folder={tmp_path / 'elsewhere'}"
    assert type_in("src.train", *small, *words, *where, AUTO).status == 0


def test_a_run_that_stopped_early_stays_stopped(tmp_path, cache_dir):
    early = ("max_steps=30", "callbacks.validation.every_n_steps=2", "callbacks.early_stopping.patience=0")
    early = (*early, "callbacks.checkpoint.monitor=val/loss", "callbacks.checkpoint.mode=max")
    assert train(tmp_path / "run", cache_dir, *early).status == 0
    steps = read(tmp_path / "run" / "record.json")["training"]["steps"]
    assert steps < 30
    shutil.copytree(tmp_path / "run", tmp_path / "killed")
    (tmp_path / "killed" / "metrics.json").unlink()
    answer = train(tmp_path / "killed", cache_dir, *early, AUTO)
    assert answer.status == 0, answer.text
    assert faults.differences(tmp_path / "run", tmp_path / "killed") == []


def test_best_checkpoints_without_the_optimizer_are_small_and_no_run_goes_on_from_them(tmp_path, cache_dir, whole):
    assert train(tmp_path / "run", cache_dir, *LONGER, WITHOUT_OPTIMIZER).status == 0
    best = next((tmp_path / "run" / "checkpoints").glob("best-*.ckpt"))
    full = next((whole / "checkpoints").glob("best-*.ckpt"))
    assert best.stat().st_size < 0.5 * full.stat().st_size
    state = torch.load(best, weights_only=True)["state_dict"]
    assert all(
        torch.equal(value, state[key]) for key, value in torch.load(full, weights_only=True)["state_dict"].items()
    )
    assert not {"weights", "results"} & {*faults.differences(whole, tmp_path / "run")}
    answer = train(tmp_path / "other", cache_dir, *LONGER, f"trainer.resume='{best}'")
    assert answer.status == 2
    assert "the checkpoint holds weights alone" in answer.err


def terminated_reader(cache_dir: Path, **options: object) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def test_sigterm_before_training_leaves_a_truthful_record(tmp_path, cache_dir):
    answer = train(tmp_path / "run", cache_dir, "dataset._target_=tests.test_resuming.terminated_reader")
    assert answer.status == 130, answer.text
    record = read(tmp_path / "run" / "record.json")
    assert (record["status"], record["error"]) == ("interrupted", "Stopped: ended by SIGTERM")
    assert "go on with: python -m src.train" in answer.err
    assert "Traceback" not in answer.text


@pytest.mark.slow
def test_a_full_disk_ends_the_run_in_plain_words_and_keeps_the_earlier_checkpoint(tmp_path, cache_dir):
    """The limit on a file's size stands for the disk's end."""
    words = [*SMALL, *LONGER, "logger=csv", f"hydra.run.dir={tmp_path / 'run'}", f"cache_dir={cache_dir}"]
    assert type_in("src.train", *words).status == 0
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    before = last.read_bytes()
    command = shlex.join([sys.executable, "-m", "src.train", *words, AUTO, "max_steps=10"])
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f {len(before) // 2048}; exec {command}"],
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 2, done.stderr
    assert "the checkpoint cannot be written: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert last.read_bytes() == before
    assert read(tmp_path / "run" / "record.json")["status"] == "failed"


def scontrol(folder: Path) -> Path:
    """Slurm's command, which notes what it is told."""
    folder.mkdir()
    program = folder / "scontrol"
    program.write_text(f'#!/bin/sh\necho "$@" >> {folder}/told\n')
    program.chmod(0o755)
    return folder


@pytest.mark.slow
def test_a_preempted_slurm_job_is_saved_and_requeued_and_goes_on_exactly(tmp_path, monkeypatch):
    more = ["max_steps=100"]
    faults.finish(tmp_path, "whole", more)
    monkeypatch.setenv("PATH", f"{scontrol(tmp_path / 'bin')}:{ENVIRONMENT['PATH']}")
    for name, value in {"JOB_ID": "12", "NTASKS": "1", "PROCID": "0", "LOCALID": "0", "NODEID": "0"}.items():
        monkeypatch.setenv(f"SLURM_{name}", value)
    monkeypatch.setenv("SLURM_JOB_NAME", "train")
    monkeypatch.setattr(faults, "AGAIN", ())
    process = faults.start(tmp_path, "killed", more)
    faults.wait_for(tmp_path / "killed.log", "step 10 of", process)
    process.send_signal(signal.SIGUSR1)
    assert faults.ended(process, tmp_path / "killed.log") == 130
    log = (tmp_path / "killed.log").read_text()
    assert "job 12 is back in Slurm's queue" in log
    assert 0 < int(log.split("stopped after step ")[1].split(";")[0]) < 100
    assert (tmp_path / "bin" / "told").read_text() == "requeue 12\n"
    monkeypatch.setenv("SLURM_RESTART_COUNT", "1")
    faults.finish(tmp_path, "killed", more)
    assert "going on from" in (tmp_path / "killed.log").read_text()
    assert faults.differences(tmp_path / "whole", tmp_path / "killed") == []


@pytest.mark.slow
def test_a_run_killed_at_random_moments_ends_as_if_nothing_had_happened(tmp_path):
    more = ["max_steps=80", "num_workers=2", "trainer.accumulate_grad_batches=2"]  # alone: in the test above
    told = faults.disturb(tmp_path, 2, random.Random(3), more)
    assert sum(told.values()) == 2
    assert faults.differences(tmp_path / "whole", tmp_path / "killed") == []
