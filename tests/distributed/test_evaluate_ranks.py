"""Processes that torchrun or srun starts score a benchmark together, through the real entry point."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from src.errors import InputError
from src.evaluation.joining import own_gpu
from tests import slurm
from tests.command import ENVIRONMENT, ROOT, type_in
from tests.distributed.test_slurm_ranks import ONE_NODE
from tests.distributed.test_torchrun import TORCHRUN, free_port, only_run

SETTINGS = ("benchmark.languages=[de,en]", "logger=csv", "device=cpu", "save_run=true")
ON_DISK = ("encoding.on_disk_from=1", "encoding.shard=500")


def torchrun(_: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return start([*TORCHRUN, "--nproc-per-node=2", f"--master-port={free_port()}"], {}, *arguments)


def srun(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """On a stand-in for Slurm."""
    program = slurm.install(folder / "bin") / "srun"
    return start([str(program), "--kill-on-bad-exit=1", sys.executable], ONE_NODE, *arguments)


def start(program: list[str], job: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*program, "-m", "src.evaluate", *arguments]
    environment = {**os.environ, **ENVIRONMENT, **job}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)


def read(path: Path) -> dict:
    return json.loads(path.read_text())


@pytest.mark.slow
@pytest.mark.parametrize(("by", "more"), [(torchrun, ()), (srun, ON_DISK)], ids=["in memory", "on disk"])
def test_two_processes_score_as_one_and_write_once(finished_run, tmp_path, by, more):
    words = (f"checkpoint={finished_run[0]}", *SETTINGS, *more)
    alone = type_in("src.evaluate", *words, f"hydra.run.dir={tmp_path / 'alone'}", f"cache_dir={tmp_path / 'cache'}")
    assert alone.status == 0, alone.text
    named = f"hydra.run.dir={tmp_path}/both/${{now:%Y-%m-%d_%H-%M-%S}}"
    both = by(tmp_path, *words, named, f"cache_dir={tmp_path / 'caches'}")
    assert both.returncode == 0, both.stderr[-3000:]
    run = only_run(tmp_path / "both")
    assert_same_results(run, tmp_path / "alone")
    assert read(run / "record.json")["hardware"]["devices"] == 2
    assert read(run / "record.json")["status"] == "finished"
    assert both.stdout.count("multilingual") == alone.out.count("multilingual")
    files, expected = ({path.name for path in folder.iterdir()} for folder in (run, tmp_path / "alone"))
    assert files == expected
    shards = list((tmp_path / "caches").rglob("*.npy"))
    assert len(shards) == len(list((tmp_path / "cache").rglob("*.npy"))) == (7 if more else 0)


def assert_same_results(run: Path, expected: Path) -> None:
    found, wanted = (read(folder / "metrics.json")["cldr_facts[de,en]"] for folder in (run, expected))
    for setting, values in wanted["settings"].items():
        assert found["settings"][setting] == pytest.approx(values, abs=1e-6)
    assert found["bias"] == pytest.approx(wanted["bias"], abs=1e-6)
    tables = [pq.read_table(folder / "per_query.parquet") for folder in (run, expected)]
    assert tables[0].num_rows == tables[1].num_rows
    lines = [len((folder / "run.trec").read_text().splitlines()) for folder in (run, expected)]
    assert lines[0] == lines[1]


@pytest.mark.slow
def test_a_mistake_ends_all_processes_in_plain_words(tmp_path):
    done = torchrun(tmp_path, "checkpoint=nowhere", *SETTINGS, f"hydra.run.dir={tmp_path / 'run'}")
    assert done.returncode == 1
    assert "error: " in done.stderr
    assert "nowhere" in done.stderr
    assert str(ROOT / "src") not in done.stderr  # the traceback is torchrun's own


@pytest.mark.parametrize(
    ("device", "rank", "count", "number"), [("auto", 3, 8, 3), ("cuda", 0, 2, 0), ("auto", 3, 1, 0)]
)
def test_each_process_has_a_gpu_of_its_own_or_sees_no_other(device, rank, count, number):
    assert own_gpu(device, rank, count) == number


@pytest.mark.parametrize(("device", "rank", "told"), [("cuda:1", 0, "one GPU"), ("cuda", 2, "has 2 GPUs")])
def test_a_gpu_is_not_shared(device, rank, told):
    with pytest.raises(InputError, match=told):
        own_gpu(device, rank, 2)
