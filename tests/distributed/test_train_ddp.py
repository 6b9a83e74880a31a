"""A sweep whose jobs train on two ranks, through the real entry point, against the same jobs on one."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.command import ENVIRONMENT, ROOT, SMALL

SWEEP = ("-m", "seed=1,2", "logger=csv", *SMALL)
TWO_RANKS = ("trainer=ddp", "trainer.accelerator=cpu", "trainer.devices=2", "trainer.precision=32-true")


def sweep(folder: Path, cache: Path, *more: str) -> None:
    done = start(*SWEEP, f"hydra.sweep.dir={folder}", f"cache_dir={cache}", *more)
    assert done.returncode == 0, done.stderr[-3000:]


def start(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A process of its own, which starts its ranks."""
    command = [sys.executable, "-m", "src.train", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True, timeout=600
    )


@pytest.mark.slow
def test_a_sweep_on_two_ranks_has_the_results_of_one(tmp_path):
    sweep(tmp_path / "one", tmp_path / "cache")
    sweep(tmp_path / "two", tmp_path / "cache", *TWO_RANKS)
    for folder in ("one", "two"):
        jobs = [path.name for path in (tmp_path / folder).glob("[!.]*") if path.is_dir()]
        assert sorted(jobs) == ["seed-1", "seed-2"]
    for name in ("seed-1", "seed-2"):
        one, two = (tmp_path / folder / name for folder in ("one", "two"))
        weights, same = (load_file(folder / "encoder" / "model.safetensors") for folder in (one, two))
        for key, expected in weights.items():
            torch.testing.assert_close(same[key], expected, rtol=1e-4, atol=1e-4, msg=key)
        records = [json.loads((folder / "record.json").read_text()) for folder in (one, two)]
        assert [record["hardware"]["devices"] for record in records] == [1, 2]
        counts = [{k: v for k, v in r["training"].items() if k != "computed_tokens"} for r in records]
        assert counts[0] == counts[1]  # the same rows and tokens; padding differs, as ranks cut their own shares
        assert json.loads((two / "metrics.json").read_text()).keys() == {"cldr_facts[de,en]"}


FAILING = ("tests.distributed.faults.OneRankRaises", "tests.distributed.faults.OneRankDies")


@pytest.mark.slow
def test_failed_jobs_on_two_ranks_leave_nothing_behind_and_the_next_starts_clean(tmp_path):
    targets = ",".join([*FAILING, "src.objectives.infonce.InfoNCE"])
    more = [f"objective._target_={targets}", "logger=csv", *SMALL, *TWO_RANKS]
    where = [f"hydra.sweep.dir={tmp_path / 'sweep'}", f"cache_dir={tmp_path / 'cache'}"]
    done = start("-m", *more, *where)
    records = {path.parent.name.split(".")[-1]: json.loads(path.read_text()) for path in tmp_path.rglob("record.json")}
    status = {name: record["status"] for name, record in records.items()}
    assert status == {"OneRankRaises": "failed", "OneRankDies": "failed", "InfoNCE": "finished"}, done.stderr[-3000:]
    assert records["InfoNCE"]["hardware"]["devices"] == 2
    assert done.returncode == 1  # not killed by the observer of a job that was over
    assert "rank one is broken" in done.stderr
    assert "1 of 3 jobs finished" in done.stdout
    assert not alive(str(tmp_path))


def alive(word: str) -> list[str]:
    """Command lines of processes that name it."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            lines.append(path.read_text().replace("\0", " "))
    return [line for line in lines if word in line and "src.train" in line]
