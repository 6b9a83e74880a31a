import pytest

from src.sweeps.names import NAMES, tidy


def test_only_what_is_swept_names_the_folders():
    typed = ["-m", "sampler=hybrid,mixed", "seed=1,2", "dataset.folder=/data/x", "+trainer.limit=1", "sweep=a"]
    assert tidy(typed) == ["-m", f"{NAMES}=[dataset.folder,sweep,trainer.limit]", *typed[1:]]


def test_ranges_and_choices_are_sweeps():
    typed = ["--multirun", "sampler.alpha=range(0,1,0.1)", "seed=choice(1,2)", "max_steps=7"]
    assert tidy(typed)[1] == f"{NAMES}=[max_steps,sweep]"


def test_what_is_said_twice_and_swept_names_the_folders():
    assert tidy(["-m", "seed=1", "max_steps=7", "seed=1,2"])[1] == f"{NAMES}=[max_steps,sweep]"


def test_the_flag_may_come_last():
    assert tidy(["seed=1,2", "max_steps=7", "-m"]) == [f"{NAMES}=[max_steps,sweep]", "seed=1,2", "max_steps=7", "-m"]
    assert tidy(["-m"]) == ["-m", f"{NAMES}=[sweep]"]


def test_hydras_own_words_name_no_folders_anyway():
    assert tidy(["-m", "seed=1,2", "hydra.sweep.dir=x"])[1] == f"{NAMES}=[sweep]"


@pytest.mark.parametrize(
    "typed",
    [["sampler=hybrid"], ["-m", "seed=1,2", f"{NAMES}=[seed]"], ["-m", "seed=[1,"]],
    ids=["no sweep", "already said", "not parsable"],
)
def test_anything_else_is_left_alone(typed):
    assert tidy(typed) == typed
