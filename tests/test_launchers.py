"""Sweeps through each launcher and sweeper: real processes, one folder, one table."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from src.entry import check_plugins
from src.errors import InputError
from tests import slurm
from tests.command import ENVIRONMENT, ROOT, SMALL


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def sweep(folder: Path, cache: Path, *more: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    arguments = ["-m", *SMALL, "logger=csv", f"hydra.sweep.dir={folder}", f"cache_dir={cache}", *more]
    environment = {**os.environ, **ENVIRONMENT}
    if path:
        environment["PATH"] = f"{path}{os.pathsep}{environment['PATH']}"
    command = [sys.executable, "-m", "src.train", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)


def rows(out: str) -> list[list[str]]:
    """The words of the table's rows."""
    table = out[out.index(" sweep ") :].splitlines()
    return [line.split() for line in table if line[1:3].strip().isdigit()]


def read(path: Path) -> dict:
    return json.loads(path.read_text())


@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["parallel", "submitit"])
def test_a_launcher_goes_on_after_a_failed_job_and_skips_finished_ones(launcher, cache, tmp_path):
    if not present(f"hydra/launcher={launcher}"):
        pytest.skip(f"hydra/launcher={launcher} is not installed")
    more = [f"hydra/launcher={launcher}", "batch_size=5000,16"]
    first = sweep(tmp_path / "sweep", cache, *more)
    assert first.returncode == 1, first.stderr[-3000:]
    assert [row[2] for row in rows(first.stdout)] == ["failed", "finished"], first.stderr[-3000:]
    assert "#0 failed: too few concepts for batches of 5000" in first.stdout
    assert "Traceback" not in first.stderr
    good = tmp_path / "sweep" / "batch_size-16"
    means = read(good / "metrics.json")["cldr_facts[de,en]"]["settings"]["multilingual"]
    seconds = read(good / "record.json")["wall_seconds"]
    assert rows(first.stdout)[1][3:] == [f"{means['mAP']:.3f}", f"{seconds:.1f}", good.name]

    weights = (good / "encoder" / "model.safetensors").stat().st_mtime_ns
    again = sweep(tmp_path / "sweep", cache, *more)
    assert again.returncode == 1
    assert [row[2] for row in rows(again.stdout)] == ["failed", "skipped"]
    assert (good / "encoder" / "model.safetensors").stat().st_mtime_ns == weights


@pytest.mark.slow
def test_two_ranks_below_a_launcher_are_this_jobs(cache, tmp_path):
    if not present("hydra/launcher=submitit"):
        pytest.skip("submitit is not installed")
    ranks = ["trainer=ddp", "trainer.accelerator=cpu", "trainer.devices=2", "trainer.precision=32-true"]
    resources = ["trainer.resources.gpus_per_node=0", "hydra/launcher=submitit", "seed=1,2"]
    done = sweep(tmp_path / "sweep", cache, *ranks, *resources)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert [row[2] for row in rows(done.stdout)] == ["finished", "finished"]
    for name in ("seed-1", "seed-2"):
        assert read(tmp_path / "sweep" / name / "record.json")["hardware"]["devices"] == 2


@pytest.mark.slow
def test_slurm_starts_a_job_for_each_with_its_ranks(cache, tmp_path):
    if not present("hydra/launcher=slurm"):
        pytest.skip("submitit is not installed")
    ranks = ["trainer=ddp", "trainer.accelerator=cpu", "trainer.devices=2", "trainer.precision=32-true"]
    asked = ["trainer.resources.gpus_per_node=0", "trainer.resources.minutes=7", "hydra.launcher.partition=short"]
    path = slurm.install(tmp_path / "bin")
    done = sweep(tmp_path / "sweep", cache, "hydra/launcher=slurm", "seed=1,2", *ranks, *asked, path=path)
    logs = "".join(each.read_text()[-2000:] for each in (tmp_path / "sweep" / ".submitit").rglob("*.err"))
    assert done.returncode == 0, done.stdout + done.stderr[-3000:] + logs
    assert [row[2] for row in rows(done.stdout)] == ["finished", "finished"]
    assert read(tmp_path / "sweep" / "seed-2" / "record.json")["hardware"]["devices"] == 2
    script = next((tmp_path / "sweep" / ".submitit").rglob("*submission*.sh"))
    parameters = slurm.parameters(script.read_text())
    expected = {"nodes": "1", "ntasks-per-node": "2", "cpus-per-task": "8", "mem": "64GB", "time": "7"}
    assert {**parameters, **expected, "partition": "short", "array": "0-1%2", "gpus-per-node": "0"} == parameters


def test_what_a_job_asks_slurm_for_follows_the_trainer():
    if not present("hydra/launcher=slurm"):
        pytest.skip("submitit is not installed")
    asked = launcher("train", "trainer=ddp", "trainer.devices=4", "trainer.num_nodes=2", "trainer.resources.mem_gb=500")
    expected = {"nodes": 2, "tasks_per_node": 4, "gpus_per_node": 4, "cpus_per_task": 8, "mem_gb": 500}
    assert {key: asked[key] for key in expected} == expected
    assert asked["timeout_min"] == 240
    alone = launcher("evaluate")  # which has no trainer
    assert (alone["nodes"], alone["tasks_per_node"], alone["gpus_per_node"]) == (1, 1, 0)


def launcher(name: str, *overrides: str) -> dict:
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        config = compose(name, overrides=["hydra/launcher=slurm", *overrides], return_hydra_config=True)
    config.hydra.launcher.submitit_folder = config.hydra.launcher.name = "-"  # known in a sweep only
    return OmegaConf.to_container(config.hydra.launcher, resolve=True)


@pytest.mark.slow
def test_optuna_searches_on_a_retrieval_metric_and_draws_the_same_again(cache, tmp_path):
    if not present("hydra/sweeper=tuning"):
        pytest.skip("Optuna is not installed")
    search = ["hydra/sweeper=tuning", "hydra.sweeper.n_trials=3", "optimizer.lr=tag(log,interval(1e-5,1e10))"]
    aim = "optimized_metric=monolingual/R@10"
    first = sweep(tmp_path / "sweep", cache, *search, aim)
    statuses = [row[2] for row in rows(first.stdout)]
    assert sorted(set(statuses)) == ["failed", "finished"], first.stdout + first.stderr[-3000:]
    assert first.returncode == 1  # a trial failed, and the search went on
    scores = [read(path)["cldr_facts[de,en]"]["settings"]["monolingual"]["R@10"] for path in metrics(tmp_path)]
    best = OmegaConf.load(tmp_path / "sweep" / "optimization_results.yaml")
    assert (len(scores), best.best_value) == (statuses.count("finished"), max(scores))

    again = sweep(tmp_path / "sweep", cache, *search, aim)
    assert [row[2] for row in rows(again.stdout)] == [each.replace("finished", "skipped") for each in statuses]
    without = sweep(tmp_path / "none", cache, *search)
    assert without.returncode == 2
    assert "error: Optuna needs to know what to optimise\n  where: optimized_metric" in without.stderr


def metrics(folder: Path) -> list[Path]:
    return sorted(folder.rglob("metrics.json"))


def test_two_sweeps_started_in_the_same_second_have_folders_of_their_own():
    for name in ("train", "evaluate"):
        with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
            folders = {compose(name, return_hydra_config=True).hydra.sweep.dir for _ in range(3)}
        assert len(folders) == 3


def present(choice: str) -> bool:
    try:
        check_plugins([choice])
    except InputError:
        return False
    return True


def test_a_missing_plugin_is_named_with_what_installs_it(monkeypatch):
    monkeypatch.setattr("src.entry.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install -e '.\[submitit\]'"):
        check_plugins(["-m", "hydra/launcher=slurm", "seed=1,2"])
    check_plugins(["-m", "seed=1,2"])
