"""The main job as a person runs it."""

import csv
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import torch
from omegaconf import OmegaConf
from safetensors.torch import load_file

from src.encoder.dual_encoder import DualEncoder
from tests.command import ENVIRONMENT, ROOT, SMALL, Answer, type_in
from tests.reporting.wandb_file import read_wandb

BENCHMARK = "cldr_facts[de,en]"


def train(folder: Path, cache_dir: Path, *more: str) -> Answer:
    return type_in("src.train", *SMALL, "logger=csv", f"hydra.run.dir={folder}", f"cache_dir={cache_dir}", *more)


def read(path: Path) -> dict:
    return json.loads(path.read_text())


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "encoder" / "model.safetensors")


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


class TestOneRun:
    def test_says_what_it_found_where_it_is_and_what_to_type_next(self, finished_run):
        folder, answer = finished_run
        table = {line.split()[0]: line.split()[1:4] for line in answer.out.splitlines() if "results" in line}
        settings = read(folder / "metrics.json")[BENCHMARK]["settings"]
        for label, setting in (("monolingual", "monolingual"), ("cross-lingual", "crosslingual")):
            assert table[label] == [f"{settings[setting][metric]:.3f}" for metric in ("mAP", "R@1", "R@10")]
        assert "rank distance" in answer.out
        assert f"everything  {folder}" in answer.out
        commands = [line.strip() for line in answer.out.splitlines() if line.strip().startswith("python -m src.")]
        assert [command.split()[2] for command in commands] == ["src.evaluate", "src.train", "src.compare"]
        assert "Traceback" not in answer.text
        assert "site-packages" not in answer.text  # no warnings of other people's code
        assert "WARNING" not in answer.text

    def test_leaves_all_that_a_run_is_asked_for(self, finished_run):
        folder, _ = finished_run
        held = {path.name for path in folder.iterdir()}
        assert held >= {"config.yaml", "record.json", "metrics.json", "per_query.parquet", "heatmap.png", "log.txt"}
        assert held >= {"checkpoints", "encoder", "csv", "wandb"}
        assert (folder / "heatmap.png").read_bytes().startswith(b"\x89PNG")
        assert {path.name for path in (folder / "checkpoints").iterdir()} == {"last.ckpt", "best-step=4.ckpt"}
        text = (folder / "config.yaml").read_text()
        assert "${" not in text
        config = OmegaConf.create(text)
        assert (config.max_steps, config.optimizer.lr, config.run_dir) == (4, config.model.training.lr, str(folder))
        with (folder / "csv" / "metrics.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert any(row["val/mAP"] for row in rows)

    def test_is_recorded(self, finished_run):
        folder, _ = finished_run
        record = read(folder / "record.json")
        assert (record["status"], record["error"], record["seed"]) == ("finished", None, 1)
        assert record["choices"]["sampler"] == "hybrid"
        assert record["environment"]["torch"] == torch.__version__
        assert re.fullmatch("[0-9a-f]{40}", record["git"]["commit"])
        assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in record["data"]["sources"].values())
        assert record["benchmarks"][BENCHMARK]["fingerprint"] == read(folder / "metrics.json")[BENCHMARK]["fingerprint"]
        assert (record["training"]["steps"], record["training"]["pairs_seen"]) == (4, 4 * 16)
        assert record["plan"]["planned_language_pairs"] == record["training"]["realised_language_pairs"]
        assert sum(record["plan"]["planned_language_pairs"].values()) == record["plan"]["pairs"] == 4 * 16
        overlap = record["overlap"]["benchmarks"][BENCHMARK]["parts"]
        assert {part: held["all"]["exact"] for part, held in overlap.items()} == {
            "questions": 0,
            "relevant passages": 0,
        }
        assert record["model"]["parameters"] == sum(tensor.numel() for tensor in weights(folder).values())

    def test_has_figures_that_follow_from_its_queries(self, finished_run):
        folder, _ = finished_run
        summary = read(folder / "metrics.json")[BENCHMARK]
        table = pq.read_table(folder / "per_query.parquet")
        for setting, values in summary["settings"].items():
            for metric in ("mAP", "R@1", "R@10", "nDCG@10"):
                assert values[metric] == pytest.approx(mean_of_views(table, setting, metric)), (setting, metric)
        distance = mean_of_views(table, "multilingual", "rank_distance")
        assert summary["bias"]["rank_distance"] == pytest.approx(distance)

    def test_saves_the_encoder_of_the_chosen_checkpoint(self, finished_run):
        folder, _ = finished_run
        chosen = read(folder / "record.json")["checkpoint"]
        assert chosen["why"] == "best val/mAP"
        state = torch.load(chosen["file"], weights_only=True)["state_dict"]
        encoder = DualEncoder.load(folder / "encoder")
        assert all(torch.equal(tensor, state[f"encoder.{name}"]) for name, tensor in encoder.state_dict().items())

    def test_is_logged_to_wandb_offline_by_default(self, finished_run):
        folder, answer = finished_run
        recorded = read_wandb(folder / "wandb")
        assert recorded.exit_code == 0
        assert recorded.config["max_steps"] == 4
        summary = read(folder / "metrics.json")[BENCHMARK]["settings"]["multilingual"]
        logged = [value for key, value in recorded.summary.items() if key.endswith("/multilingual/mAP")]
        assert summary["mAP"] in logged
        assert "wandb sync" in answer.out

    def test_is_not_run_again(self, finished_run, cache_dir):
        folder, _ = finished_run
        before = (folder / "metrics.json").stat().st_mtime_ns
        again = train(folder, cache_dir)
        assert again.status == 0
        assert "already finished, not run again" in again.err
        assert (folder / "metrics.json").stat().st_mtime_ns == before


def mean_of_views(table: pa.Table, setting: str, metric: str) -> float:
    """Mean over (query language, pool) of the mean over queries."""
    rows = table.filter(pc.equal(table["setting"], setting))
    pairs = [rows[f"{side}_language"].to_pylist() for side in ("query", "candidate")]
    views = np.array([" ".join(pair) for pair in zip(*pairs, strict=True)])
    values = np.array(rows[metric].to_pylist(), float)
    return float(np.mean([values[views == view].mean() for view in np.unique(views)]))


@pytest.mark.slow
def test_the_same_seed_gives_the_same_run_and_another_another(finished_run, cache_dir, tmp_path):
    folder, _ = finished_run
    assert train(tmp_path / "again", tmp_path / "another cache").status == 0
    assert (tmp_path / "again" / "metrics.json").read_bytes() == (folder / "metrics.json").read_bytes()
    assert same(weights(tmp_path / "again"), weights(folder))
    assert train(tmp_path / "other", cache_dir, "seed=2").status == 0
    assert not same(weights(tmp_path / "other"), weights(folder))
    assert read(tmp_path / "other" / "metrics.json") != read(folder / "metrics.json")


@pytest.mark.slow
def test_a_sweep_leaves_one_tidy_folder_that_can_be_compared(cache_dir, tmp_path):
    folder = tmp_path / "sweep"
    sweep = ["-m", *SMALL, "logger=csv", f"cache_dir={cache_dir}", f"hydra.sweep.dir={folder}"]
    answer = type_in("src.train", *sweep, "sampler=monolingual,crosslingual", "seed=1,2")
    assert answer.status == 0, answer.text
    jobs = sorted(path.name for path in folder.glob("[!.]*") if path.is_dir())
    assert jobs == [f"sampler-{name}_seed-{seed}" for name in ("crosslingual", "monolingual") for seed in (1, 2)]
    assert {path.name for path in folder.iterdir() if path.is_file()} == {"multirun.yaml"}
    assert f"python -m src.compare {folder}" in answer.out
    assert "4 of 4 jobs finished · multilingual mAP" in answer.out
    compared = type_in("src.compare", str(folder))
    assert compared.status == 0, compared.text
    for name in ("crosslingual", "monolingual"):
        means = [read(folder / f"sampler-{name}_seed-{seed}" / "metrics.json") for seed in (1, 2)]
        mean = np.mean([each[BENCHMARK]["settings"]["multilingual"]["mAP"] for each in means])
        (row,) = [
            line for line in compared.out.splitlines() if line.strip().startswith(f"sampler={name} ") and "±" in line
        ][:1]
        assert f"{mean:.3f} ±" in row


def test_a_sweep_goes_on_after_a_job_that_cannot_run(cache_dir, tmp_path):
    sweep = ["-m", *SMALL, "logger=csv", f"cache_dir={cache_dir}", f"hydra.sweep.dir={tmp_path}"]
    answer = type_in("src.train", *sweep, "batch_size=5000,16")
    assert answer.status == 1
    assert answer.err.count("too few concepts for batches of 5000") == 2  # when it happens, and at the end
    assert "Traceback" not in answer.text
    assert "#0 failed: too few concepts for batches of 5000" in answer.out
    assert read(tmp_path / "batch_size-5000" / "record.json")["status"] == "failed"
    assert read(tmp_path / "batch_size-16" / "record.json")["status"] == "finished"


def test_a_loss_that_is_not_finite_stops_the_run(cache_dir, tmp_path):
    answer = train(tmp_path / "run", cache_dir, "optimizer.lr=1e30", "logger=wandb")
    assert answer.status == 1
    assert re.search(r"stopped: the loss is not finite at step \d+\n  batch: concepts \d+, \d+", answer.err)
    assert "Traceback" not in answer.text
    record = read(tmp_path / "run" / "record.json")
    assert record["status"] == "failed"
    assert "not finite" in record["error"]
    assert read_wandb(tmp_path / "run" / "wandb").exit_code == 1
    assert not (tmp_path / "run" / "metrics.json").exists()


def faulty_strategy(index: object, batch_size: int, seed: int, **options: object) -> None:
    raise RuntimeError("a fault in a plug-in")


def test_a_fault_is_not_hidden(cache_dir, tmp_path):
    answer = train(tmp_path / "run", cache_dir, "sampler._target_=tests.test_train.faulty_strategy")
    assert answer.status == 1
    assert "Traceback" in answer.err
    assert "RuntimeError: a fault in a plug-in" in answer.err
    assert read(tmp_path / "run" / "record.json")["error"] == "RuntimeError: a fault in a plug-in"


def interrupted_reader(cache_dir: Path, **options: object) -> None:
    raise KeyboardInterrupt


class TestCtrlC:
    def test_before_training_leaves_a_record_and_the_command(self, cache_dir, tmp_path):
        answer = train(tmp_path / "run", cache_dir, "dataset._target_=tests.test_train.interrupted_reader")
        assert answer.status == 130
        assert "Traceback" not in answer.text
        assert "go on with: python -m src.train " in answer.err
        assert read(tmp_path / "run" / "record.json")["status"] == "interrupted"

    LONG = (
        "max_steps=120",
        "callbacks.validation.every_n_steps=20",
        "callbacks.validation.max_queries=0",
        "logger=csv",
    )

    @pytest.mark.slow
    def test_leaves_a_checkpoint_a_record_and_the_command_that_finishes_the_run(self, cache_dir, tmp_path):
        folder = tmp_path / "a run, [stopped]"
        where = f"hydra.run.dir='{folder}'"
        process = start("src.train", *SMALL, *self.LONG, "logger=csv", where, f"cache_dir={cache_dir}")
        stderr = stop_at(process, "step 20 of 120")
        assert process.returncode == 130, stderr
        assert "Traceback" not in stderr
        stopped = int(re.search(r"stopped after step (\d+)", stderr)[1])
        assert 20 <= stopped < 120
        record = read(folder / "record.json")
        assert record["status"] == "interrupted"
        assert torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["global_step"] == stopped

        python, dash_m, module, *words = shlex.split(stderr.split("go on with: ")[1].splitlines()[0])
        assert (python, dash_m, module) == ("python", "-m", "src.train")
        resumed = type_in(module, *words)
        assert resumed.status == 0, resumed.text
        assert f"going on from {folder}" in resumed.err
        uninterrupted = train(tmp_path / "whole", cache_dir, *self.LONG)
        assert uninterrupted.status == 0
        assert same(weights(folder), weights(tmp_path / "whole"))
        assert read(folder / "metrics.json") == read(tmp_path / "whole" / "metrics.json")
        totals = [read(each / "record.json")["training"] for each in (folder, tmp_path / "whole")]
        assert totals[0] == totals[1]


def start(module: str, *arguments: str) -> subprocess.Popen[str]:
    """A process of its own, so that a signal reaches what a terminal's would."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def stop_at(process: subprocess.Popen[str], line: str) -> str:
    """Send Ctrl-C when a line appears; returns all of stderr."""
    seen = ""
    deadline = time.monotonic() + 120
    assert process.stderr is not None
    while line not in seen:
        assert time.monotonic() < deadline
        text = process.stderr.readline()
        assert text, f"ended too early: {seen}"
        seen += text
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=120)[1]
    return seen + rest
