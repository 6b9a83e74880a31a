"""Ranks that srun starts inside a job of Slurm, on a cluster of one machine, through the real entry point."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from src.errors import InputError
from src.training.outside import Ranks, check_started, outside, shared_folder
from tests import slurm
from tests.command import ENVIRONMENT, ROOT, SMALL, type_in
from tests.distributed.test_torchrun import CPU, check_same, check_written_once, only_run
from tests.distributed.test_train_ddp import alive

JOB = {"SLURM_JOB_ID": "4711", "SLURM_JOB_NAME": "train", "SLURM_NTASKS": "2"}
ONE_NODE = {**JOB, "SLURM_NTASKS_PER_NODE": "2", "SLURM_NNODES": "1", "SLURM_NODELIST": "127.0.0.1"}
TWO_NODES = {**ONE_NODE, "SLURM_NTASKS_PER_NODE": "1", "SLURM_NNODES": "2"}
DATED = "2026-01-02_03-04-05"  # as a folder is named


def srun(folder: Path, job: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """What a batch script starts; each rank would name the folder after its own second."""
    program = slurm.install(folder / "bin") / "srun"
    run = f"hydra.run.dir={folder}/runs/${{now:%Y-%m-%d_%H-%M-%S}}_run"
    command = [str(program), "--kill-on-bad-exit=1", sys.executable, "-m", "src.train"]
    return subprocess.run(
        [*command, *SMALL, *CPU, "trainer=slurm", run, *arguments],
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT, **job},
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.mark.slow
def test_two_tasks_on_two_nodes_train_and_write_as_one_process_does(tmp_path, finished_run, cache_dir):
    done = srun(tmp_path, TWO_NODES, f"cache_dir={cache_dir}")
    assert done.returncode == 0, done.stderr[-3000:]
    run = only_run(tmp_path / "runs")
    assert run.name == "slurm-4711.0_run"  # which the job finds again when it is put back into the queue
    check_written_once(run, done.stderr)
    check_same(finished_run[0], run)
    assert "2 ranks on 2 nodes, started by srun" in done.stderr


@pytest.mark.slow
def test_a_task_that_fails_ends_the_job_with_its_error(tmp_path, cache_dir):
    failing = "objective._target_=tests.distributed.faults.OneTaskRaises"
    done = srun(tmp_path, ONE_NODE, failing, f"cache_dir={cache_dir}")
    assert done.returncode != 0
    assert "rank one is broken" in done.stderr
    assert not alive(str(tmp_path))
    assert not (only_run(tmp_path / "runs") / "metrics.json").exists()


def test_tasks_share_a_folder_named_after_their_job(monkeypatch):
    for name, value in {**ONE_NODE, "SLURM_STEP_ID": "3", "SLURM_PROCID": "1"}.items():
        monkeypatch.setenv(name, value)
    assert outside() == Ranks("srun", 1, 2, 1)
    assert shared_folder(Path("outputs", f"{DATED}_hybrid_tiny")) == Path("outputs/slurm-4711.3_hybrid_tiny")
    assert shared_folder(Path("outputs/mine")) == Path("outputs/mine")
    monkeypatch.setenv("SLURM_NTASKS", "1")
    assert shared_folder(Path("outputs", DATED)).name == DATED


def test_tasks_of_a_batch_script_that_no_srun_has_started_are_not_waited_for(monkeypatch):
    for name, value in ONE_NODE.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match="not one that srun started"):
        check_started("srun", 1)


def test_an_interactive_shell_of_slurm_has_no_ranks():
    assert outside({**ONE_NODE, "SLURM_JOB_NAME": "interactive"}) is None


def test_other_devices_than_tasks_are_refused(tmp_path):
    task = {**ONE_NODE, "SLURM_STEP_ID": "0", "SLURM_PROCID": "0", "SLURM_LOCALID": "0", "SLURM_NODEID": "0"}
    run = f"hydra.run.dir={tmp_path / 'run'}"
    answer = type_in("src.train", *SMALL, *CPU, "trainer=slurm", "trainer.devices=4", run, environment=task)
    assert answer.status == 2
    assert "srun has started 2 process(es), and the trainer asks for 4 on 1 node(s)" in answer.err
