"""Every option of every group says what it is, or something says it for it."""

import inspect

import pytest
import pytorch_lightning as pl
import torch
import wandb

from src.documenting.described import HANDED_ON, above, described, said
from src.documenting.options import read_file
from tests.command import ROOT
from tests.documenting.test_options import FILES, NAMES

TAKES = {"trainer": pl.Trainer, "optimizer": torch.optim.AdamW, "logger": wandb.init}


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_no_option_is_left_without_a_word(path):
    if path.parent.name == "experiment":
        return  # a recipe sets options of others
    file = read_file(path)
    lacking = [each.key for each in file.options if each.value is not None and not described(each, file)]
    assert not lacking, f"say behind each what it is: {lacking}"


@pytest.mark.parametrize("group", HANDED_ON)
def test_what_is_left_to_a_library_is_its_option(group):
    takes = inspect.signature(TAKES[group]).parameters
    for path in (ROOT / "conf" / group).glob("*.yaml"):
        file = read_file(path)
        for option in file.options:
            if option.value is not None and not (said(option, file) or above(option, file)):
                assert option.key in takes, f"{path.name}: {option.key} wants a comment"


def option(path, key):
    file = read_file(ROOT / "conf" / path)
    return next(each for each in file.options if each.key == key), file


def test_where_it_is_said():
    assert said(*option("trainer/slurm.yaml", "started_by")).startswith("torchrun or srun")
    assert said(*option("benchmark/xtreme_r.yaml", "members.tatoeba.directions")).startswith("both | to_english")
    assert said(*option("trainer/gpu.yaml", "resources.gpus_per_node")).startswith("what a job of a sweep asks")
    assert above(*option("trainer/cpu.yaml", "resources.gpus_per_node")).startswith("what a job of a sweep asks")


def test_an_option_of_which_nothing_is_said_is_found(tmp_path):
    (tmp_path / "a.yaml").write_text("said: 1  # yes\nunsaid: 2\nblock:\n  inner: 3\n")
    file = read_file(tmp_path / "a.yaml")
    assert [each.key for each in file.options if each.value and not described(each, file)] == ["unsaid", "block.inner"]
