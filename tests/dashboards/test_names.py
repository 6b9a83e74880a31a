from pathlib import Path

import pytest

from src.dashboards.names import documented, of_runs
from src.errors import InputError
from tests.reporting.wandb_file import Recorded, read_wandb


@pytest.fixture(scope="module")
def recorded(logged_run: Path) -> Recorded:
    """What a small run with the default logger sent to its offline file."""
    return read_wandb(logged_run)


def in_history(recorded: Recorded) -> set[str]:
    return {key for row in recorded.history for key in row}


def test_what_is_documented_is_what_a_default_run_logs(recorded: Recorded):
    (benchmark,) = {key.split("/")[1] for key in recorded.summary if key.startswith("test/")}
    names = documented([benchmark], "mAP")
    assert set(names.history) <= in_history(recorded)
    assert {f"test/{benchmark}/{key}" for key in names.results[benchmark]} <= recorded.summary.keys()
    assert {f"training/{key}" for key in names.training} <= recorded.summary.keys()
    assert {f"test/{benchmark}/{kind}" for kind in ("language_pairs", "heatmap")} <= in_history(recorded)
    assert all(key.split(".")[1] in recorded.config["choices"] for key in names.group_by)


def test_names_of_a_run_on_disk_are_those_it_sent(logged_run: Path, recorded: Recorded):
    names = of_runs([logged_run])
    assert set(names.history) == {key for key in in_history(recorded) if key.startswith(("train/", "val/", "lr-"))}
    sent = {key for key in recorded.summary if key.startswith("test/") and isinstance(recorded.summary[key], float)}
    assert {f"test/{name}/{key}" for name, keys in names.results.items() for key in keys} >= sent
    assert names.has_pairs == names.has_heatmap == frozenset(names.results)


def test_a_folder_without_runs_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="No finished run"):
        of_runs([tmp_path])
