"""The configuration files build what they are named after, and pass their settings on."""

from pathlib import Path

import pytest
from hydra.utils import instantiate
from omegaconf import OmegaConf

from tests.sampling.indexes import parallel_index

FOLDER = Path(__file__).resolve().parents[2] / "conf" / "sampler"


def build(name, **settings):
    config = OmegaConf.merge(OmegaConf.load(FOLDER / f"{name}.yaml"), settings)
    return instantiate(config)(index=parallel_index(60, 3), batch_size=8, seed=1)


NAMES = ["monolingual", "crosslingual", "hybrid", "mixed", "rowwise", "grouped", "balanced_negatives", "annealed"]


@pytest.mark.parametrize("name", NAMES)
def test_the_name_is_the_strategy(name):
    strategy = build(name, **({"steps": 40} if name == "annealed" else {}))
    assert strategy.plan(0).shape == (8, 3)
    assert strategy.describe()["strategy"] == name


@pytest.mark.parametrize("name", ["monolingual", "crosslingual", "mixed", "rowwise", "balanced_negatives"])
def test_settings_reach_the_strategy(name):
    record = build(name, language_weighting={"temperature": 5}, dataset_weighting="proportional").describe()
    assert record["language_weighting"] == {"temperature": 5.0}
    assert record["dataset_weighting"] == "proportional"


def test_the_default_alpha_is_the_papers():
    assert build("hybrid").describe()["alpha"] == 0.5
    assert build("hybrid", alpha=0).describe()["alpha"] == 0


def test_the_settings_beyond_the_paper_reach_their_strategies():
    assert build("rowwise", alpha=0.25).describe()["alpha"] == 0.25
    assert build("balanced_negatives", same_language=0.25).describe()["same_language"] == 0.25
    assert build("grouped").describe()["alpha"] == 0
    record = build("annealed", start=0.2, end=0.9, steps=40, schedule={"steps": 4}).describe()
    assert record["schedule"] == {"steps": 4}
    assert (record["start"], record["end"], record["steps"]) == (0.2, 0.9, 40)
