"""Ranks that torchrun starts, on one machine and as if on two, through the real entry point."""

import contextlib
import csv
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch.distributed import TCPStore

from src.errors import InputError
from src.reporting.folder import read_json
from src.reporting.record import RunRecord
from src.training.outside import Ranks, check_size, check_started, outside, shared_folder
from src.training.signals import was_requeued
from tests.command import ENVIRONMENT, ROOT, SMALL, type_in
from tests.distributed.test_train_ddp import alive

CPU = ("trainer.accelerator=cpu", "trainer.precision=32-true", "logger=csv")
TORCHRUN = [sys.executable, "-m", "torch.distributed.run"]
NODE = {"TORCHELASTIC_RUN_ID": "none", "RANK": "2", "WORLD_SIZE": "4", "GROUP_WORLD_SIZE": "2", "LOCAL_RANK": "0"}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def start(folder: Path, *arguments: str, agent: tuple[str, ...] = ("--nproc-per-node=2",)) -> subprocess.Popen[str]:
    """An agent of torchrun; each of its ranks would name the folder after another microsecond."""
    named = f"hydra.run.dir={folder}/${{now:%Y-%m-%d_%H-%M-%S-%f}}"
    where = [f"--master-port={free_port()}"] if len(agent) == 1 else []
    command = [*TORCHRUN, *where, *agent, "-m", "src.train", *SMALL, *CPU, "trainer=torchrun", named, *arguments]
    environment = {**os.environ, **ENVIRONMENT}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **streams)


def only_run(folder: Path) -> Path:
    runs = list(folder.iterdir())
    assert len(runs) == 1, "each rank has a folder of its own"
    return runs[0]


def check_written_once(run: Path, said: str) -> None:
    """One record, one row a step, and no line of another rank."""
    assert [path.parent for path in run.rglob("record.json")] == [run]
    with (run / "csv" / "metrics.csv").open() as file:
        steps = [row["step"] for row in csv.DictReader(file)]
    assert len(steps) == len(set(steps))
    for text in ((run / "log.txt").read_text(), said):
        assert text.count("training on cldr_facts") == text.count("step 4 of 4") == 1


def check_same(run: Path, other: Path) -> None:
    weights, same = (load_file(folder / "encoder" / "model.safetensors") for folder in (run, other))
    for key, expected in weights.items():
        torch.testing.assert_close(same[key], expected, rtol=1e-4, atol=1e-4, msg=key)


@pytest.mark.slow
def test_two_nodes_train_and_write_as_one_process_does(tmp_path, finished_run, cache_dir):
    both, port, agents = tmp_path / "both", free_port(), []
    for node in range(2):
        place = (f"--master-port={port}", "--master-addr=127.0.0.1", "--nnodes=2", f"--node-rank={node}")
        agents.append(start(both, f"cache_dir={cache_dir}", agent=(*place, "--nproc-per-node=1")))
    said = "".join(agent.communicate(timeout=600)[0] for agent in agents)
    assert [agent.returncode for agent in agents] == [0, 0], said[-3000:]
    run = only_run(both)
    check_written_once(run, said)
    check_same(finished_run[0], run)
    assert json.loads((run / "record.json").read_text())["hardware"]["devices"] == 2
    assert "2 ranks on 2 nodes" in said


@pytest.mark.slow
def test_a_rank_that_fails_ends_the_job_with_its_error(tmp_path, cache_dir):
    failing = "objective._target_=tests.distributed.faults.OneRankRaises"
    agent = start(tmp_path / "runs", failing, f"cache_dir={cache_dir}")
    said = agent.communicate(timeout=600)[0]
    assert agent.returncode == 1
    assert "rank one is broken" in said
    assert not alive(str(tmp_path))
    run = only_run(tmp_path / "runs")
    record = json.loads((run / "record.json").read_text())
    assert (record["status"], record["error"]) == ("failed", "rank 1: ValueError: rank one is broken")
    assert not (run / "metrics.json").exists()


def test_the_record_names_the_rank_that_failed_and_no_earlier_start(tmp_path, monkeypatch):
    with contextlib.suppress(RuntimeError), RunRecord(tmp_path, {}):
        monkeypatch.setenv("RANK", "1")
        with contextlib.suppress(ValueError), RunRecord(tmp_path, {}, writer=False):
            raise ValueError("broken")
        raise RuntimeError("connection closed by peer")
    assert read_json(tmp_path / "record.json")["error"] == "rank 1: ValueError: broken"
    with contextlib.suppress(RuntimeError), RunRecord(tmp_path, {}):
        raise RuntimeError("of its own")
    assert read_json(tmp_path / "record.json")["error"] == "RuntimeError: of its own"


def test_ranks_agree_on_the_first_folder_also_when_they_are_started_again(monkeypatch, tmp_path):
    store = TCPStore("127.0.0.1", free_port(), is_master=True)
    variables = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": f"{store.port}", "TORCHELASTIC_USE_AGENT_STORE": "True"}
    for name, value in {**NODE, **variables, "RANK": "0"}.items():
        monkeypatch.setenv(name, value)
    assert shared_folder(tmp_path / "first") == tmp_path / "first"
    assert shared_folder(tmp_path / "second") == tmp_path / "first"
    monkeypatch.setenv("RANK", "1")
    assert shared_folder(tmp_path / "third") == tmp_path / "first"
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    assert was_requeued()
    monkeypatch.setenv("TORCHELASTIC_USE_AGENT_STORE", "False")
    with pytest.raises(InputError, match="keeps no store"):
        shared_folder(tmp_path / "fourth")


def test_what_torchrun_has_started_is_known_before_any_process_group():
    assert outside(NODE) == Ranks("torchrun", 2, 4, 2)
    assert outside({**NODE, "SLURM_NTASKS": "2", "SLURM_PROCID": "1"}).by == "torchrun"
    assert outside({}) is None


def test_other_ranks_than_there_are_are_refused(monkeypatch):
    for name, value in NODE.items():
        monkeypatch.setenv(name, value)
    check_size(2, 2)
    check_size(-1, 2)  # Lightning's to find
    with pytest.raises(InputError, match=r"torchrun has started 4 process\(es\), and the trainer asks for 3 on 1 node"):
        check_size(3, 1)


@pytest.mark.parametrize(
    ("started_by", "nodes", "message"),
    [
        ("torchrun", 1, "torchrun has not started this process"),
        ("srun", 1, "srun has not started this process"),
        (None, 2, "nothing has started ranks on 2 nodes"),
        ("magic", 1, "nothing is started by 'magic'"),
    ],
)
def test_a_trainer_without_what_starts_it_is_refused(started_by, nodes, message):
    with pytest.raises(InputError, match=message):
        check_started(started_by, nodes)


def test_a_sweep_under_torchrun_is_refused(tmp_path):
    swept = ("-m", "seed=1,2", f"hydra.sweep.dir={tmp_path / 'sweep'}", *SMALL)
    answer = type_in("src.train", *swept, environment={**NODE, "RANK": "0"})
    assert answer.status == 2
    assert "torchrun has started 4 processes, and each would run the whole sweep" in answer.err
    assert not (tmp_path / "sweep").exists()
