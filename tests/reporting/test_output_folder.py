from concurrent.futures import ThreadPoolExecutor

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, open_dict

from src.reporting.output_folder import CheckOutputFolder, claimed
from tests.command import ROOT, SMALL, type_in


def test_a_folder_may_be_named_after_the_choices_of_the_run(tmp_path):
    answer = type_in("src.train", f"hydra.run.dir={tmp_path}/${{name}}", "logger=csv", "sampler=mixed", *SMALL)
    assert answer.status == 0, answer.text
    assert (tmp_path / "mixed_tiny" / "record.json").is_file()
    assert "Warning" not in answer.err


def test_one_folder_is_claimed_once(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(claimed, [tmp_path / "runs" / "12-00-00_hybrid"] * 8))
    assert {path.name for path in folders} == {"12-00-00_hybrid", *(f"12-00-00_hybrid-{n}" for n in range(2, 9))}
    assert all(path.is_dir() for path in folders)


def started(name: str, folder: str, *typed: str) -> str:
    """Where a run is that Hydra has just started, its default being `folder`."""
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        config: DictConfig = compose(name, overrides=list(typed), return_hydra_config=True)
    with open_dict(config):
        config.hydra.overrides.hydra = list(typed)
        if not typed:
            config.hydra.run.dir = folder
    CheckOutputFolder().on_run_start(config)
    return str(config.hydra.run.dir)


@pytest.fixture
def hydra_left_alone():
    yield
    HydraConfig.instance().cfg = None


@pytest.mark.usefixtures("hydra_left_alone")
@pytest.mark.parametrize("name", ["train", "evaluate", "mine"])
def test_two_runs_started_in_the_same_second_have_folders_of_their_own(name, tmp_path):
    default = f"{tmp_path}/2026-01-01_12-00-00_run"
    assert [started(name, default) for _ in range(3)] == [default, f"{default}-2", f"{default}-3"]


@pytest.mark.usefixtures("hydra_left_alone")
def test_a_folder_that_is_named_is_the_folder_also_the_second_time(tmp_path):
    where = f"{tmp_path}/mine"
    assert {started("train", "", f"hydra.run.dir={where}") for _ in range(2)} == {where}
