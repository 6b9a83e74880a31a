import csv
from pathlib import Path

import numpy as np
import pytest

from src.comparing.comparing import Comparison, compare_runs
from src.comparing.interval import Bootstrap
from src.errors import InputError
from src.reporting.csv_logger import CsvLogger
from src.reporting.folder import read_config, write_config
from src.reporting.loggers import LoggedRun
from tests.written_runs import make_evaluation, make_run

CRITICAL, SMIN = 40, 50
BATCHES = (16, 32, 64)


def make_learner(
    folder: Path,
    batch: int,
    seed: int,
    *,
    slower: float = 1,
    end: float = 2,
    curve: bool = True,
    choice: str = "hybrid",
) -> None:
    """A run whose val/mAP rises in a straight line to 0.5 at SMIN (1 + CRITICAL / batch) steps, and to `end` times."""
    run = folder / f"{choice}-{batch}-{seed}"
    make_run(run, seed=seed, sampler={"_target_": choice}, choice=choice, evaluations=[make_evaluation(concepts=3)])
    write_config(run, {**read_config(run), "batch_size": batch})
    if curve:
        steps = slower * SMIN * (1 + CRITICAL / batch)
        logger = CsvLogger(LoggedRun(run, {}, None, "run", "train"))
        for step in np.linspace(0, end * steps, 21).round()[1:]:
            values = {"val/mAP": 0.5 * step / steps, "val/loss": 1.0, "train/seconds": step / 10}
            logger.log_metrics(values, int(step) - 1)


def compared(folder: Path, target: str | None = None) -> Comparison:
    return compare_runs([folder], Bootstrap(100), target=target)


def table(comparison: Comparison, title: str) -> dict[str, list[str]]:
    grid = next(each for each in comparison.tables if each.title.startswith(title))
    return {row[0]: row[1:] for row in grid.rows}


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    for batch in BATCHES:
        for seed, slower in ((1, 0.9), (2, 1.0), (3, 1.1)):
            make_learner(tmp_path, batch, seed, slower=slower)
    return tmp_path


def test_a_sweep_over_batch_sizes_is_seen_without_asking(sweep: Path):
    comparison = compared(sweep)
    assert comparison.learning.target.metric == "val/mAP"
    assert comparison.learning.target.value == pytest.approx(1.0, abs=0.01)
    rows = table(comparison, "critical batch size")
    assert float(rows["Bcrit, hyperbola"][0]) == pytest.approx(CRITICAL, abs=1)
    assert float(rows["Smin, fewest steps"][0]) == pytest.approx(2 * SMIN, abs=2)
    low, high = (float(each) for each in rows["Bcrit, hyperbola"][1].strip("[]").split(", "))
    assert low < CRITICAL < high
    assert any("1812.06162" in note for note in comparison.notes)
    assert any("2410.21676" in note for note in comparison.notes)
    assert any("3 runs make it a rough one" in note for note in comparison.notes)


def test_steps_pairs_and_seconds_to_a_given_target(sweep: Path):
    comparison = compared(sweep, "val/mAP:0.25")
    rows = table(comparison, "to val/mAP of 0.25")
    assert list(rows) == ["batch_size=16", "batch_size=32", "batch_size=64"]
    assert rows["batch_size=16"] == ["3/3", "88 ± 9", "1,400 ± 140", "8.8 ± 0.9"]
    files = comparison.write(sweep)
    assert [path.name for path in files] == [
        "comparison.csv",
        "comparison.md",
        "best.csv",
        "verdicts.csv",
        "to_target.csv",
    ]
    with files[-1].open(newline="") as file:
        first = next(csv.DictReader(file))
    assert (first["batch_size"], first["seed"], first["metric"], first["target"]) == ("16", "1", "val/mAP", "0.25")
    assert float(first["pairs"]) == pytest.approx(16 * float(first["steps"]))
    assert float(first["seconds"]) == pytest.approx(float(first["steps"]) / 10)
    assert "critical batch size" in files[1].read_text()


def test_runs_that_never_reach_the_target_are_counted(sweep: Path):
    make_learner(sweep, 128, 1)
    make_learner(sweep, 128, 2, end=0.4)
    make_learner(sweep, 256, 1, end=0.4)
    comparison = compared(sweep, "val/mAP:0.4")
    rows = table(comparison, "to val/mAP")
    assert rows["batch_size=128"][0] == "1/2"
    assert rows["batch_size=256"] == ["0/1", "–", "–", "–"]
    notes = "\n".join(comparison.notes)
    assert "batch_size=128: 1 of 2 runs never reached the target; the figures are those of the others" in notes
    assert "batch_size=256: 1 of 1 run never reached the target." in notes
    assert (
        "Not in the estimate of the critical batch size, not all of its runs reached the target: batch_size=128."
        in notes
    )
    assert "critical batch size, a single run: batch_size=256." in notes
    assert float(table(comparison, "critical")["Bcrit, hyperbola"][0]) == pytest.approx(CRITICAL, abs=2)


def test_what_lies_beyond_the_sweep_is_called_so(tmp_path: Path):
    for batch in (2, 4, 8):
        for seed in (1, 2):
            make_learner(tmp_path, batch, seed)
    comparison = compared(tmp_path, "val/mAP:0.4")
    assert float(table(comparison, "critical")["Bcrit, hyperbola"][0]) > 8
    assert table(comparison, "critical")["20 % overhead over linear scaling"] == ["> 8", "[> 8, > 8]"]
    assert any("beyond the largest batch of the sweep, 8" in note for note in comparison.notes)


def test_no_number_is_made_from_too_little(tmp_path: Path):
    for batch in BATCHES[:2]:
        for seed in (1, 2):
            make_learner(tmp_path, batch, seed)
    make_learner(tmp_path, BATCHES[2], 1)
    comparison = compared(tmp_path)
    assert not any(each.title.startswith("critical") for each in comparison.tables)
    assert any(note.startswith("No critical batch size: it takes 3 batch sizes") for note in comparison.notes)
    assert not any("1812.06162" in note for note in comparison.notes)


def test_families_are_told_apart(sweep: Path):
    for batch in BATCHES:
        for seed in (1, 2):
            make_learner(sweep, batch, seed, slower=2 if batch > 16 else 1, choice="mixed")
    comparison = compared(sweep, "val/mAP:0.4")
    assert list(table(comparison, "to val/mAP"))[3] == "sampler=mixed batch_size=16"
    titles = [each.title for each in comparison.tables if each.title.startswith("critical")]
    assert titles == ["critical batch size · sampler=hybrid", "critical batch size · sampler=mixed"]
    assert sum("1812.06162" in note for note in comparison.notes) == 1


def test_one_batch_size_is_asked_about_or_left_alone(tmp_path: Path):
    for choice in ("hybrid", "mixed"):
        make_learner(tmp_path, 16, 1, choice=choice)
    assert compared(tmp_path).learning.target is None
    comparison = compared(tmp_path, "val/mAP:0.3")
    assert list(table(comparison, "to val/mAP")) == ["sampler=hybrid", "sampler=mixed"]
    assert not any("critical" in text for text in [*comparison.notes, *(each.title for each in comparison.tables)])


def test_runs_without_a_curve(sweep: Path, tmp_path: Path):
    make_learner(sweep, 128, 1, curve=False)
    notes = "\n".join(compared(sweep).notes)
    assert "1 run without csv/metrics.csv, which every training run writes." in notes
    for batch in BATCHES:
        make_learner(tmp_path / "other", batch, 1, curve=False)
    comparison = compared(tmp_path / "other")
    assert comparison.learning.target is None
    assert any(note.startswith("No steps to a target") for note in comparison.notes)
    with pytest.raises(InputError, match="no run measured"):
        compared(tmp_path / "other", "val/mAP")


def test_a_killed_run_counts_where_it_reached_the_target_and_is_named(sweep: Path):
    """Beside three finished ones; one that was killed before says nothing of how long it would have taken."""
    for seed, end in ((4, 2), (5, 0.3)):
        make_learner(sweep, 16, seed, end=end)
        record = sweep / f"hybrid-16-{seed}" / "record.json"
        record.write_text(record.read_text().replace('"finished"', '"running"'))
    comparison = compared(sweep, "val/mAP:0.25")
    assert table(comparison, "to val/mAP of 0.25")["batch_size=16"][0] == "4/4"
    told = [
        note for note in comparison.notes if note.startswith("Only its learning curve counts, still running, or killed")
    ]
    assert [note[-2] for note in told] == ["4", "5"]
    assert [len(group.runs) for group in comparison.groups] == [3, 3, 3]
    assert [len(group.runs) for group in comparison.trained] == [5, 3, 3]
    assert compared(sweep).learning.target.value == pytest.approx(1.0, abs=0.01)  # what all finished runs reach
