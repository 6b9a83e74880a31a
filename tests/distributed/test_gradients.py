"""Two real processes against one: the gradient of the global batch, to the last digits."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn.parallel import DistributedDataParallel

from src.data.datamodule import PlannedBatches, Share
from src.objectives.infonce import InfoNCE
from src.objectives.over_ranks import mean_over_ranks
from src.objectives.total import TotalLoss
from src.training.module import Retriever
from src.training.optimizer import AdamW
from tests.toy import RoundRobin, toy_collator, toy_data, toy_encoder
from tests.two_ranks import WORLD, on_two_ranks

NAN = torch.tensor(torch.nan)
# explicit negatives a row, symmetric, texts encoded at a time
CASES = [(0, False, None), (1, False, None), (2, True, None), (2, False, 3)]


class LossOf(torch.nn.Module):
    """DistributedDataParallel averages gradients of what goes through forward."""

    def __init__(self, module: Retriever) -> None:
        super().__init__()
        self.module = module

    def forward(self, batch):
        return self.module.losses.objective(self.module._gathered(batch))["loss"]


def gradients(
    folder: Path, rank: int, world: int, negatives: int, symmetric: bool, most: int | None
) -> tuple[float, list[torch.Tensor]]:
    data = toy_data(folder / "data", negatives=negatives)
    encoder = toy_encoder(data)
    encoder.gradient_cache = most is not None and world > 1
    objective = InfoNCE(temperature=0.1, symmetric=symmetric, learn_temperature=True)
    module = Retriever(encoder, TotalLoss(objective), AdamW(lr=1e-3), hard_negatives=negatives > 0)
    collate = replace(toy_collator(data, encoder, folder / "cache", data.train, negatives), most=most)
    batch = PlannedBatches(RoundRobin(data.train, 8), collate, Share(8, 1, world, rank), 2)[1]
    wrapped = LossOf(module)
    averaged = DistributedDataParallel(wrapped) if world > 1 else wrapped  # kept: its hooks go with it
    loss = averaged(batch)
    loss.backward()
    return loss.item(), [parameter.grad.clone() for parameter in wrapped.parameters()]


def on_rank(rank: int, folder: Path):
    found = [gradients(folder / f"{rank}-{n}", rank, WORLD, *case) for n, case in enumerate(CASES)]
    figures = {"loss": torch.tensor(2.0 * rank), "cosine": torch.tensor(3.0 if rank else torch.nan), "none": NAN}
    return found, mean_over_ranks(figures)


@pytest.fixture(scope="module")
def ranks(tmp_path_factory):
    return on_two_ranks(on_rank, tmp_path_factory.mktemp("ranks"))


@pytest.mark.slow
@pytest.mark.parametrize("case", range(len(CASES)))
def test_two_ranks_have_the_gradient_of_one(tmp_path, ranks, case):
    expected_loss, expected = gradients(tmp_path, 0, 1, *CASES[case])
    assert sum(found[case][0] for found, _ in ranks) / WORLD == pytest.approx(expected_loss, abs=1e-6)
    for rank, (found, _) in enumerate(ranks):
        mine, theirs = (torch.cat([gradient.ravel() for gradient in each]) for each in (found[case][1], expected))
        scale = (mine @ theirs / (theirs @ theirs)).item()
        assert scale == pytest.approx(1, abs=1e-5), f"rank {rank} is off by a factor"
        assert (mine - theirs).norm() / theirs.norm() < 1e-5, f"rank {rank} points elsewhere"


@pytest.mark.slow
@pytest.mark.parametrize("rank", range(WORLD))
def test_logged_figures_are_means_over_the_ranks_that_have_them(ranks, rank):
    _, figures = ranks[rank]
    assert (figures["loss"].item(), figures["cosine"].item()) == (1, 3)
    assert figures["none"].isnan()
