from types import SimpleNamespace

import torch

from src.training.reproducibility import StepSeed, derive_seed, seed_device


def test_a_seeded_device_draws_what_torchs_own_seeding_gives():
    seed = derive_seed(1, 2, 0, 0)
    torch.manual_seed(seed)
    expected = torch.rand(5)
    torch.rand(3)
    seed_device(torch.device("cpu"), seed)
    assert torch.equal(torch.rand(5), expected)


def test_every_part_counts():
    parts = [(1, 2, 3, 0), (2, 2, 3, 0), (1, 3, 3, 0), (1, 2, 4, 0), (1, 2, 3, 1), (12, 3, 0), (1, 23, 0)]
    seeds = [derive_seed(*each) for each in parts]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert derive_seed(1, 2, 3, 0) == seeds[0]


def draw(seed, step, micro, rank):
    """What the first dropout of a micro-batch would draw."""
    trainer, module = SimpleNamespace(global_rank=rank), SimpleNamespace(device=torch.device("cpu"))
    StepSeed(seed).on_train_batch_start(trainer, module, SimpleNamespace(step=step, micro=micro), 0)
    return float(torch.rand(1))


def test_each_micro_batch_of_each_rank_draws_its_own_and_draws_it_again():
    batches = [(1, 0, 0, 0), (2, 0, 0, 0), (1, 1, 0, 0), (1, 0, 1, 0), (1, 0, 0, 1)]
    drawn = [draw(*each) for each in batches]
    assert len(set(drawn)) == len(drawn)
    assert [draw(*each) for each in batches] == drawn
