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


@pytest.mark.parametrize("name", ["monolingual", "crosslingual", "hybrid", "mixed"])
def test_the_name_is_the_strategy(name):
    strategy = build(name)
    assert strategy.plan(0).shape == (8, 3)
    assert strategy.describe()["strategy"] == name


@pytest.mark.parametrize("name", ["monolingual", "crosslingual", "mixed"])
def test_settings_reach_the_strategy(name):
    record = build(name, language_weighting={"temperature": 5}, dataset_weighting="proportional").describe()
    assert record["language_weighting"] == {"temperature": 5.0}
    assert record["dataset_weighting"] == "proportional"


def test_the_default_alpha_is_the_papers():
    assert build("hybrid").describe()["alpha"] == 0.5
    assert build("hybrid", alpha=0).describe()["alpha"] == 0
