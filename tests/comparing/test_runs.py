import json
from pathlib import Path

import pytest

from src.comparing.runs import find_runs
from src.errors import InputError

HYBRID = {"sampler": {"_target_": "src.sampling.hybrid.Hybrid"}, "choice": "hybrid"}

AGAIN = "; its metrics.json is not used, score it with python -m src.evaluate"


def test_finished_runs_are_found_and_others_named_with_the_reason(tmp_path: Path, evaluation, run_folder):
    for seed in (2, 1):
        run_folder(tmp_path / "sweep" / f"seed-{seed}", seed=seed, evaluations=[evaluation()], **HYBRID)
    run_folder(tmp_path / "sweep" / "failed", seed=3, evaluations=[evaluation()], status="failed", **HYBRID)
    (run_folder(tmp_path / "sweep" / "bare", seed=4, evaluations=[evaluation()], **HYBRID) / "metrics.json").unlink()
    run_folder(tmp_path / "sweep" / "killed", seed=5, evaluations=[evaluation()], status="running", **HYBRID)
    (tmp_path / "sweep" / "torn").mkdir()
    (tmp_path / "sweep" / "torn" / "record.json").write_text('{"status":')
    curves = tmp_path / "sweep" / "failed" / "csv"
    curves.mkdir()
    (curves / "metrics.csv").write_text("step,val/mAP\n9,0.1\n")
    runs, skipped = find_runs([tmp_path, tmp_path / "sweep"])
    assert [(run.folder.name, run.seed) for run in runs] == [("seed-1", 1), ("seed-2", 2)]
    assert {each.folder.name: each.reason for each in skipped} == {
        "failed": f"failed: stopped{AGAIN}",
        "killed": f"still running, or killed: stopped{AGAIN}",
        "bare": "without metrics.json",
        "torn": "unreadable record (Malformed JSON: Expecting value.)",
    }
    begun = [each.begun for each in skipped if each.begun]
    assert [(run.folder.name, run.seed, run.finished, dict(run.metrics)) for run in begun] == [("failed", 3, False, {})]


def test_per_query_rows_are_those_of_one_benchmark(tmp_path: Path, evaluation, run_folder):
    both = [evaluation(), evaluation(name="other", concepts=2)]
    folder = run_folder(tmp_path / "run", seed=1, evaluations=both, **HYBRID)
    (run,), _ = find_runs([folder])
    assert run.per_query("other").num_rows == both[1].per_query.num_rows
    (folder / "per_query.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="Not a whole Parquet file"):
        run.per_query("other")
    (folder / "per_query.parquet").unlink()
    assert run.per_query("other") is None


def test_no_run_and_no_folder_are_errors_that_say_what_was_found(tmp_path: Path, evaluation, run_folder):
    with pytest.raises(InputError, match=r"no record\.json"):
        find_runs([tmp_path])
    with pytest.raises(InputError, match="No such folder"):
        find_runs([tmp_path / "nowhere"])
    run_folder(tmp_path / "one", seed=1, evaluations=[evaluation()], status="interrupted", **HYBRID)
    with pytest.raises(InputError, match="one: interrupted: stopped"):
        find_runs([tmp_path])
    assert json.loads((tmp_path / "one" / "record.json").read_text())["status"] == "interrupted"


def test_of_many_folders_without_a_finished_run_some_are_named(tmp_path: Path, evaluation, run_folder):
    for seed in range(5):
        run_folder(tmp_path / str(seed), seed=seed, evaluations=[evaluation()], status="failed", **HYBRID)
    with pytest.raises(InputError, match=r"/2: failed: [^)]*; and 2 more\)"):
        find_runs([tmp_path])
