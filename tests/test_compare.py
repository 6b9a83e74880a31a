import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from omegaconf import OmegaConf

from src.compare import compare
from src.entry import as_overrides
from src.errors import InputError
from tests.written_runs import make_evaluation, make_run

ROOT = Path(__file__).resolve().parents[1]
MEANS = {
    "monolingual": {"monolingual": 0.8, "crosslingual": 0.1, "multilingual": 0.2},
    "hybrid": {"monolingual": 0.75, "crosslingual": 0.4, "multilingual": 0.3},
}
NOISE = np.random.default_rng(0).normal(0, 0.05, size=30)  # by concept
NOISE -= NOISE.mean()


def type_in(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "src.compare", *arguments, "figures=false"]
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
    words = " ".join(lines[lines.index("toy") + 1 :])
    assert "* cross-lingual: hybrid > monolingual (+0.300 [0.27" in words
    assert "p < .001, 3/3 languages)" in words
    assert "* monolingual: monolingual > hybrid (+0.050 [" in words
    assert "encoders only" not in words
    assert not any(line.startswith("!") for line in lines)
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
    assert float(hybrid["p"]) == pytest.approx(1 / 10_001)
    assert float(hybrid["effect"]) == pytest.approx(0.3 / NOISE.std(ddof=1))
    assert 0 < float(hybrid["p_seeds"]) < float(hybrid["p_holm"]) < 0.001
    assert float(hybrid["low_seeds"]) < float(hybrid["low"])
    assert rows["sampler=monolingual", "crosslingual", "mAP"]["difference"] == ""
    with (sweep / "best.csv").open(newline="") as file:
        best = {row["setting"]: row for row in csv.DictReader(file)}
    assert (best["monolingual"]["group"], best["crosslingual"]["group"]) == ("sampler=monolingual", "sampler=hybrid")
    with (sweep / "verdicts.csv").open(newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    assert any(text.startswith("hybrid < monolingual on monolingual, -0.050 [") for text in texts)
    assert all(f"- {text}" in (sweep / "comparison.md").read_text() for text in texts)
    assert "| sampler=hybrid | 3 | 0.750 ± 0.010 |" in (sweep / "comparison.md").read_text()


def test_options_and_a_folder_with_an_equals_sign_in_its_name(sweep: Path, tmp_path: Path):
    names = [f"sampler={choice},seed=1" for choice in MEANS]
    answer = type_in(*names, "baseline=hybrid", "metric=R@1", f"output={tmp_path}", cwd=sweep)
    assert answer.returncode == 0, answer.stderr
    assert "R@1 · difference from sampler=hybrid" in answer.stdout
    assert "1 run, so no spread" in answer.stdout
    assert "±" not in "".join(line for line in answer.stdout.splitlines() if "sampler=" in line)
    files = {"best.csv", "comparison.csv", "comparison.md", "verdicts.csv"}
    assert files <= {path.name for path in tmp_path.iterdir()}
    assert not list(sweep.glob("*.log"))


def test_of_one_seed_nothing_is_said_of_strategies(sweep: Path, tmp_path: Path):
    answer = type_in(*(str(sweep / f"sampler={choice},seed=1") for choice in MEANS), f"output={tmp_path}")
    words = " ".join(answer.stdout.split())
    assert "* cross-lingual: hybrid > monolingual (+0.300 [" in words
    assert "3/3 languages); of these two encoders only, not of their strategies" in words
    assert "Fewer than 3 seeds in common with the baseline" in words
    with (tmp_path / "comparison.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["difference"]]
    assert {(row["std"], row["p_seeds"], row["low_seeds"]) for row in rows} == {("", "", "")}


def test_two_seeds_are_tested_and_said_to_be_few(sweep: Path, tmp_path: Path):
    runs = [str(sweep / f"sampler={choice},seed={seed}") for choice in MEANS for seed in (1, 2)]
    answer = type_in(*runs, f"output={tmp_path}")
    assert "encoders only" not in answer.stdout
    assert "Fewer than 3 seeds in common with the baseline" in " ".join(answer.stdout.split())
    with (tmp_path / "comparison.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["difference"] and row["metric"] == "mAP"]
    assert len(rows) == 3
    assert all(float(row["p_seeds"]) >= 0 and row["paired_seeds"] == "2" for row in rows)


def test_a_run_without_queries_is_compared_without_a_test_and_named(sweep: Path, tmp_path: Path):
    for choice in MEANS:
        shutil.copytree(sweep / f"sampler={choice},seed=1", tmp_path / choice)
    (tmp_path / "hybrid" / "per_query.parquet").unlink()
    answer = type_in(str(tmp_path))
    assert answer.returncode == 0, answer.stderr
    words = " ".join(answer.stdout.split())
    assert "cross-lingual: hybrid untested, ahead of monolingual (+0.300, 3/3 languages)" in words
    page = (tmp_path / "comparison.md").read_text()
    assert f"No per_query.parquet, so no interval and no test: {tmp_path / 'hybrid'}." in page


def test_runs_on_other_data_are_flagged_before_any_figure(sweep: Path, tmp_path: Path):
    run = make_run(tmp_path / "r", seed=1, sampler={}, choice="mixed", evaluations=[make_evaluation()], data="other")
    value = [str(sweep / "sampler=hybrid,seed=1"), str(run), f"output={tmp_path}"]
    answer = type_in(*value)
    assert answer.returncode == 2  # 30 concepts and 6
    for path in (run / "metrics.json", run / "per_query.parquet"):
        shutil.copy(sweep / "sampler=hybrid,seed=1" / path.name, path)
    answer = type_in(*value)
    lines = answer.stdout.split("\n")
    assert lines[1] == "! Not the same data in all runs: datahash in sampler=hybrid; other in "
    assert (tmp_path / "comparison.md").read_text().startswith("> **Not the same data in all runs: datahash in ")


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
        ({"output": "/dev/null/x", "metric": "nDCG@5"}, "choose another with output=..."),
        ({"resamples": 0}, "resamples must be a whole number from 1 on, got 0"),
        ({"confidence": 95}, "confidence must lie between 0 and 1, got 95"),
        ({"confidence": "high"}, "confidence must lie between 0 and 1, got 'high'"),
        ({"seed": -1}, "seed must be a whole number from 0 on, got -1"),
        ({"seed": None}, "seed must be a whole number from 0 on, got None"),
        ({"baseline": ["hybrid"]}, "baseline must be a text, got ['hybrid']"),
        ({"target": 3}, "target must be a text, got 3"),
        ({"dimension": "wide"}, "dimension must be a whole number from 1 on, got 'wide'"),
        ({"figures": "some"}, "figures must be true or false, got 'some'"),
        ({"ignore": ["trainer.threds"]}, "No run has a setting 'trainer.threds'."),
        ({"ignore": "batch_size.8"}, "No run has a setting 'batch_size.8'."),
        ({"folders": __file__}, "Not a folder."),
    ],
)
def test_mistakes_in_the_options(sweep: Path, changes: dict, told: str):
    config = OmegaConf.merge(OmegaConf.load(ROOT / "conf" / "compare.yaml"), {"folders": [str(sweep)], **changes})
    with pytest.raises(InputError, match=re.escape(told)):
        compare(config)


def test_one_folder_and_one_setting_need_no_list(sweep: Path, tmp_path: Path):
    config = OmegaConf.load(ROOT / "conf" / "compare.yaml")
    given = {"folders": str(sweep), "output": str(tmp_path), "ignore": "sampler"}
    comparison, _ = compare(OmegaConf.merge(config, given))
    assert [len(group.runs) for group in comparison.groups] == [3]


def test_runs_on_other_content_are_not_mixed(sweep: Path, tmp_path: Path):
    other = make_evaluation()
    other.summary["fingerprint"] = "another"
    run = make_run(tmp_path / "other", seed=9, sampler={}, choice="mixed", evaluations=[other])
    answer = type_in(str(sweep), str(run))
    assert answer.returncode == 2
    assert "fingerprint-of-toy and another" in answer.stderr
    assert str(run) in answer.stderr
    assert json.loads((run / "record.json").read_text())["status"] == "finished"


def test_help_imports_nothing_heavy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    answer = type_in("--help")
    assert answer.returncode == 0
    assert "baseline" in answer.stdout
    assert "python -m src.compare outputs/SWEEP" in answer.stdout
    assert "sampler:" not in answer.stdout  # the groups of other commands
    imported = {line.split("|")[-1].strip() for line in answer.stderr.splitlines()}
    assert "hydra" in imported
    assert not imported & {"torch", "pyarrow", "scipy", "matplotlib", "numpy"}


def test_words_become_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a=b").mkdir()
    assert as_overrides(["x/y", "metric=mAP", "a=b", "o'k"]) == ["metric=mAP", "folders=['x/y','a=b','o\\'k']"]
    assert as_overrides(["--cfg", "job"]) == ["--cfg", "job"]
    assert as_overrides(["--help"]) == ["--help"]
    assert as_overrides(["folders=[x]", "~metric", "+extra=1"]) == ["folders=[x]", "~metric", "+extra=1"]
