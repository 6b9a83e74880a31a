"""A sweep whose jobs train on two ranks, through the real entry point, against the same jobs on one."""

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
    command = [sys.executable, "-m", "src.train", *SWEEP, f"hydra.sweep.dir={folder}", f"cache_dir={cache}", *more]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.slow
def test_a_sweep_on_two_ranks_has_the_results_of_one(tmp_path):
    sweep(tmp_path / "one", tmp_path / "cache")
    sweep(tmp_path / "two", tmp_path / "cache", *TWO_RANKS)
    for folder in ("one", "two"):
        assert sorted(path.name for path in (tmp_path / folder).iterdir() if path.is_dir()) == ["seed-1", "seed-2"]
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
