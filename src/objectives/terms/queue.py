"""The last texts' embeddings with their domains, from which a classifier learns more than one batch shows."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn


class Queue(nn.Module):
    """A ring of the last `size` embeddings [size, d], kept in the checkpoint so that a resumed run goes on exactly."""

    embeddings: Tensor
    domains: Tensor
    written: Tensor

    def __init__(self, size: int, dimension: int) -> None:
        super().__init__()
        self.size = size
        self.register_buffer("embeddings", torch.zeros(size, dimension))
        self.register_buffer("domains", torch.zeros(size, dtype=torch.long))
        self.register_buffer("written", torch.zeros(1, dtype=torch.long))  # texts ever, also those now overwritten

    @torch.no_grad()
    def add(self, embeddings: Tensor, domains: Tensor) -> None:
        """Texts [n, d] after those already here; they take the places of the oldest ones once it is full."""
        places = (self.written + torch.arange(len(domains), device=domains.device)) % self.size
        last = slice(-self.size, None)  # of more texts than fit, the last stay
        self.embeddings.index_copy_(0, places[last], embeddings[last].to(self.embeddings.dtype))
        self.domains.index_copy_(0, places[last], domains[last])
        self.written += len(domains)

    def draw(self, number: int, *, seed: int, step: int) -> tuple[Tensor, Tensor]:
        """`number` texts [number, d] and domains, uniform with replacement; which places follows from seed and step."""
        uniform = torch.from_numpy(np.random.default_rng([seed, step]).random(number)).to(self.written.device)
        # the filled part is known to the device alone, and asking for it would wait for the device
        places = (uniform * self.written.clamp(max=self.size)).long()
        return self.embeddings[places], self.domains[places]
