"""The recipe that sweeps the batch size, and what the comparison reads from its runs."""

import csv
import json
from pathlib import Path

import pytest

from tests.command import SMALL, type_in

STEPS, EVERY = 6, 2


@pytest.fixture(scope="module")
def sweep(cache_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("batch_scaling")
    answer = type_in(
        "src.train",
        "-m",
        "experiment=batch_scaling",
        *[each for each in SMALL if not each.startswith(("max_steps", "batch_size"))],
        *(f"max_steps={STEPS}", f"callbacks.validation.every_n_steps={EVERY}", "optimizer.lr=0.01"),
        *("batch_size=4,8,16", "seed=1,2", f"hydra.sweep.dir={folder}", f"cache_dir={cache_dir}"),
    )
    assert answer.status == 0, answer.text
    return folder


@pytest.mark.slow
def test_a_tiny_sweep_from_the_recipe_to_the_estimate(sweep: Path):
    answer = type_in("src.compare", str(sweep), "target=val/rank_distance", "figures=false")
    assert answer.status == 0, answer.text
    lines = [" ".join(line.split()) for line in answer.out.splitlines()]
    assert any(line.startswith("group reached steps pairs seconds") for line in lines)
    assert [any(line.startswith(f"batch_size={batch} 2/2 ") for line in lines) for batch in (4, 8, 16)] == [True] * 3
    assert any("critical batch size" in line for line in lines)
    with (sweep / "to_target.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    for row in rows:
        assert EVERY <= float(row["steps"]) <= STEPS
        assert float(row["pairs"]) == pytest.approx(float(row["steps"]) * int(row["batch_size"]))
        assert 0 < float(row["seconds"]) < 60


@pytest.mark.slow
def test_the_curve_ends_at_the_last_step_with_the_time_trained(sweep: Path):
    run = next(path.parent for path in sweep.rglob("record.json"))
    with (run / "csv" / "metrics.csv").open(newline="") as file:
        validated = [row for row in csv.DictReader(file) if row["val/mAP"]]
    assert [int(row["step"]) + 1 for row in validated] == [2, 4, 6]
    seconds = [float(row["train/seconds"]) for row in validated]
    assert 0 < seconds[0] < seconds[1] < seconds[2] < json.loads((run / "record.json").read_text())["wall_seconds"]


def test_a_batch_size_without_a_budget_is_refused(tmp_path: Path):
    answer = type_in("src.train", "experiment=batch_scaling", "batch_size=48", f"hydra.run.dir={tmp_path / 'run'}")
    assert answer.status == 2
    assert "max_steps" in answer.text
    assert "Traceback" not in answer.text
