import csv
import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from omegaconf import OmegaConf

from src.compare import compare
from src.entry import as_overrides
from src.errors import InputError
from tests.reporting.conftest import make_evaluation, make_run

ROOT = Path(__file__).resolve().parents[1]
MEANS = {
    "monolingual": {"monolingual": 0.8, "crosslingual": 0.1, "multilingual": 0.2},
    "hybrid": {"monolingual": 0.75, "crosslingual": 0.4, "multilingual": 0.3},
}
NOISE = np.random.default_rng(0).normal(0, 0.05, size=30)  # by concept
NOISE -= NOISE.mean()


def type_in(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "src.compare", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two strategies with three seeds, 0.01 apart, and one run that was stopped."""
    folder = tmp_path_factory.mktemp("outputs") / "sweep"
    for choice, means in MEANS.items():
        for seed in (1, 2, 3):

            def value(setting, concept, query, candidate, choice=choice, seed=seed, means=means):
                gain = NOISE[concept] if choice == "hybrid" else 0
                return means[setting] + 0.01 * (seed - 2) + gain

            make_run(
                folder / f"sampler={choice},seed={seed}",
                seed=seed,
                sampler={"_target_": f"src.sampling.{choice}"},
                choice=choice,
                evaluations=[make_evaluation(value, concepts=30)],
            )
    make_run(
        folder / "stopped", seed=4, sampler={}, choice="hybrid", evaluations=[make_evaluation()], status="interrupted"
    )
    return folder


def test_a_sweep_as_typed(sweep: Path):
    answer = type_in(str(sweep))
    assert answer.returncode == 0, answer.stderr
    lines = [line.strip() for line in answer.stdout.splitlines()]
    assert "sampler=monolingual      3   0.800 ± 0.010   0.100 ± 0.010   0.200 ± 0.010" in lines
    assert "sampler=hybrid           3   0.750 ± 0.010   0.400 ± 0.010   0.300 ± 0.010" in lines
    difference = next(line for line in lines if line.startswith("cross-lingual") and "+0.300" in line)
    assert difference.endswith("3/3")
    assert any("stopped" in line for line in lines)
    assert max(len(line) for line in lines if str(sweep) not in line) <= 80
    assert "\x1b" not in answer.stdout
    with (sweep / "comparison.csv").open(newline="") as file:
        rows = {(row["group"], row["setting"], row["metric"]): row for row in csv.DictReader(file)}
    hybrid = rows["sampler=hybrid", "crosslingual", "mAP"]
    assert float(hybrid["mean"]) == pytest.approx(0.4)
    assert float(hybrid["std"]) == pytest.approx(0.01)
    assert (float(hybrid["minimum"]), float(hybrid["maximum"])) == pytest.approx((0.39, 0.41))
    assert float(hybrid["difference"]) == pytest.approx(0.3)
    width = 2 * 1.96 * NOISE.std() / np.sqrt(30)
    assert float(hybrid["high"]) - float(hybrid["low"]) == pytest.approx(width, rel=0.1)
    assert (hybrid["paired_seeds"], hybrid["wins"], hybrid["languages"]) == ("3", "3", "3")
    assert rows["sampler=monolingual", "crosslingual", "mAP"]["difference"] == ""
    assert "| sampler=hybrid | 3 | 0.750 ± 0.010 |" in (sweep / "comparison.md").read_text()


def test_options_and_a_folder_with_an_equals_sign_in_its_name(sweep: Path, tmp_path: Path):
    names = [f"sampler={choice},seed=1" for choice in MEANS]
    answer = type_in(*names, "baseline=hybrid", "metric=R@1", f"output={tmp_path}", cwd=sweep)
    assert answer.returncode == 0, answer.stderr
    assert "R@1 · difference from sampler=hybrid" in answer.stdout
    assert "1 run, so no spread" in answer.stdout
    assert "±" not in "".join(line for line in answer.stdout.splitlines() if "sampler=" in line)
    files = ["best.csv", "comparison.csv", "comparison.md", "verdicts.csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == files
    assert not list(sweep.glob("*.log"))


def test_a_mistake_is_told_in_plain_words(tmp_path: Path):
    answer = type_in(str(tmp_path / "nowhere"))
    assert answer.returncode == 2
    assert "No such folder" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"folders": []}, "python -m src.compare outputs/<sweep>"),
        ({"metric": "nDCG@5"}, "one of mAP, R@1, R@10"),
        ({"baseline": "mixed"}, "use one of: sampler=hybrid; sampler=monolingual"),
        ({"output": "/dev/null/x"}, "cannot be written"),
    ],
)
def test_mistakes_in_the_options(sweep: Path, changes: dict, told: str):
    config = OmegaConf.merge(OmegaConf.load(ROOT / "conf" / "compare.yaml"), {"folders": [str(sweep)], **changes})
    with pytest.raises(InputError, match=re.escape(told)):
        compare(config)


def test_runs_on_other_content_are_not_mixed(sweep: Path, tmp_path: Path):
    other = make_evaluation()
    other.summary["fingerprint"] = "another"
    run = make_run(tmp_path / "other", seed=9, sampler={}, choice="mixed", evaluations=[other])
    answer = type_in(str(sweep), str(run))
    assert answer.returncode == 2
    assert "fingerprint-of-toy and another" in answer.stderr
    assert str(run) in answer.stderr
    assert json.loads((run / "record.json").read_text())["status"] == "finished"


def test_help_is_quick():
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    answer = type_in("--help")
    assert answer.returncode == 0
    assert "baseline" in answer.stdout
    assert (
        resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 1.5
    )  # CPU seconds; importing torch takes more


def test_words_become_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a=b").mkdir()
    assert as_overrides(["x/y", "metric=mAP", "a=b", "o'k"]) == ["metric=mAP", "folders=['x/y','a=b','o\\'k']"]
    assert as_overrides(["--cfg", "job"]) == ["--cfg", "job"]
    assert as_overrides(["--help"]) == ["--help"]
    assert as_overrides(["folders=[x]", "~metric", "+extra=1"]) == ["folders=[x]", "~metric", "+extra=1"]
