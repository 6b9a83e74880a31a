"""A batch encoded chunk by chunk has the gradient of the whole batch."""

from dataclasses import replace

import pytest
import torch

from src.data.datamodule import PlannedBatches, Share
from src.objectives.infonce import InfoNCE
from src.objectives.total import TotalLoss
from src.training.module import Retriever
from src.training.optimizer import AdamW
from tests.toy import RoundRobin, toy_collator, toy_data, toy_encoder


def gradient(folder, *, most: int | None, dropout: float = 0.0, autocast: bool = False, seed: int = 5):
    """Loss and gradients of one batch of 24 pairs, and the dropout's seed apart, the same every time."""
    data = toy_data(folder / "data", negatives=2)
    encoder = toy_encoder(data, dropout)
    encoder.gradient_cache = most is not None
    module = Retriever(encoder, TotalLoss(InfoNCE(temperature=0.1, symmetric=True)), AdamW(lr=1e-3))
    collate = replace(toy_collator(data, encoder, folder / "cache", data.train, 2), most=most)
    batch = PlannedBatches(RoundRobin(data.train, 24), collate, Share(24, 1, 1, 0), 2)[1]
    torch.manual_seed(seed)
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        loss = module.losses.objective(module._gathered(batch))["loss"]
    loss.backward()
    return loss.item(), [parameter.grad for parameter in module.parameters()]


@pytest.mark.parametrize("most", [1, 5, 24])
def test_same_loss_and_gradient_as_the_whole_batch(tmp_path, most):
    loss, whole = gradient(tmp_path, most=None)
    chunked_loss, chunked = gradient(tmp_path, most=most)
    assert chunked_loss == pytest.approx(loss, abs=1e-6)
    assert max((a - b).abs().max() for a, b in zip(whole, chunked, strict=True)) < 1e-5
    assert max(g.abs().max() for g in whole) > 1e-2


def test_both_passes_drop_the_same_units(tmp_path):
    """With no chunk cut both ways draw the same dropout in the same order."""
    loss, chunked = gradient(tmp_path, most=99, dropout=0.3)
    whole_loss, whole = gradient(tmp_path, most=None, dropout=0.3)
    other_loss, _ = gradient(tmp_path, most=99, dropout=0.3, seed=6)
    assert loss != other_loss
    assert loss == pytest.approx(whole_loss, abs=1e-6)
    assert max((a - b).abs().max() for a, b in zip(whole, chunked, strict=True)) < 1e-5


def test_mixed_precision_in_both_passes(tmp_path):
    loss, whole = gradient(tmp_path, most=None, autocast=True)
    chunked_loss, chunked = gradient(tmp_path, most=24, autocast=True)
    assert chunked_loss == pytest.approx(loss, rel=1e-3)
    one, two = (torch.cat([g.flatten() for g in each]) for each in (whole, chunked))
    assert torch.cosine_similarity(one, two, dim=0) > 0.999
    assert loss != gradient(tmp_path, most=None)[0]


class Held:
    """Counts the numbers that autograd keeps for the backward pass."""

    def __enter__(self):
        self.kept = 0
        self.hooks = torch.autograd.graph.saved_tensors_hooks(self._count, lambda tensor: tensor)
        self.hooks.__enter__()
        return self

    def __exit__(self, *exception):
        self.hooks.__exit__(*exception)

    def _count(self, tensor):
        self.kept += tensor.numel()
        return tensor


def test_little_but_the_embeddings_is_kept_for_the_backward_pass(tmp_path):
    data = toy_data(tmp_path / "data")
    encoder = toy_encoder(data)
    collate = toy_collator(data, encoder, tmp_path / "cache", data.train, 0)
    batch = PlannedBatches(RoundRobin(data.train, 24), replace(collate, most=4), Share(24, 1, 1, 0), 1)[0]
    kept = {}
    for cached in (False, True):
        encoder.gradient_cache = cached
        with Held() as held:
            embeddings = encoder.embed(batch.queries, "query")
        kept[cached] = held.kept
    # the token ids, and what the loss needs of the embeddings
    assert kept[True] <= 4 * batch.queries.computed_tokens + 4 * embeddings.numel()
    assert kept[True] < kept[False] / 20
