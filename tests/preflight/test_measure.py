import numpy as np
import pytest
import torch
from omegaconf import OmegaConf
from torch import nn

from src.errors import InputError
from src.preflight.measure import RankShare, out_of_memory_told
from src.preflight.memory import Memory, static
from tests.toy import RoundRobin, toy_data


@pytest.mark.parametrize(("world", "accumulate"), [(1, 1), (2, 1), (2, 2), (4, 2)])
def test_the_share_is_the_first_processs(tmp_path, world, accumulate):
    plan = RoundRobin(toy_data(tmp_path).train, 16)
    share = RankShare(plan, accumulate, world)
    rows = plan.plan(3).reshape(accumulate, world, -1, 3)
    assert share.batch_size == 16 // world
    np.testing.assert_array_equal(share.plan(3), rows[:, 0].reshape(-1, 3))


def test_bytes_by_hand():
    module = nn.Sequential(nn.Linear(10, 5), nn.Linear(5, 2))
    module[1].requires_grad_(False)
    assert static(module) == {"parameters": 4 * (55 + 12), "gradients": 4 * 55, "optimizer": 8 * 55}


def test_the_peak_is_seen_after_it_has_passed():
    memory = Memory(torch.device("cpu"))
    np.ones(200_000_000, np.uint8)
    memory.read(nn.Linear(10, 5))
    assert memory.peak > 200_000_000
    assert 0 < memory.rest < memory.peak < memory.total


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")])
def test_a_step_that_does_not_fit_says_what_helps(error):
    def step():
        with out_of_memory_told(OmegaConf.create({"batch_size": 512})):
            raise error

    with pytest.raises(InputError) as raised:
        step()
    assert "gradient_cache" in raised.value.fix


def test_other_errors_stay_what_they_are():
    with pytest.raises(RuntimeError, match="shapes"), out_of_memory_told(OmegaConf.create({"batch_size": 5})):
        raise RuntimeError("shapes differ")
