"""Ranks from all processes of a distributed evaluation, as a torchmetrics metric."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torchmetrics import Metric

from src.retrieval.ranks import Ranks

PAIRS, QUERIES = ("pair", "own", "pooled"), ("query", "top")


class RetrievalMetric(Metric):
    """Collects the ranks that each process finds for its own queries; `compute` has everybody's, sorted by query.

    Each query is some one process's, so nothing is padded and nothing counted twice, however many there are.
    """

    full_state_update = False

    def __init__(self) -> None:
        super().__init__()
        for name in (*PAIRS, *QUERIES):
            self.add_state(name, default=[], dist_reduce_fx="cat")

    def update(self, ranks: Ranks) -> None:
        """Add the ranks of some queries, perhaps none."""
        for name in (*PAIRS, *QUERIES):
            getattr(self, name).append(torch.from_numpy(getattr(ranks, name)).to(self.device))

    def compute(self) -> dict[str, NDArray[Any]]:
        """The fields of `Ranks`, over all processes."""
        states = {name: torch.cat(_as_list(getattr(self, name))).cpu().numpy() for name in (*PAIRS, *QUERIES)}
        by_pair, by_query = np.argsort(states["pair"]), np.argsort(states["query"])
        return {name: state[by_pair if name in PAIRS else by_query] for name, state in states.items()}


def collect(ranks: Ranks, device: torch.device) -> Ranks:
    """The ranks found by all processes of the distributed run."""
    metric = RetrievalMetric().to(device)
    metric.update(ranks)
    return Ranks(**metric.compute())


def _as_list(state: list[torch.Tensor] | torch.Tensor) -> list[torch.Tensor]:
    return [state] if isinstance(state, torch.Tensor) else state  # torchmetrics joins the list when it synchronises
