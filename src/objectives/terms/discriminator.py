"""The classifier that an adversary uses to tell domains apart."""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class Discriminator(nn.Module):
    """Logits [n, domains] of embeddings [n, d]: `layers` hidden layers of `hidden` ReLU units, then a linear one.

    Its first weights follow from `seed` alone and leave the run's random state as it is, so that a run with an
    adversary and one without differ in nothing else.
    """

    def __init__(
        self, dimension: int, domains: int, *, hidden: int, layers: int, seed: int, last_bias: bool = True
    ) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        widths = [dimension, *[hidden] * layers]
        inner = [_linear(*ends, True, generator) for ends in itertools.pairwise(widths)]
        self.layers = nn.ModuleList([*inner, _linear(widths[-1], domains, last_bias, generator)])

    def forward(self, embeddings: Tensor) -> Tensor:
        """Logits in float32 also under autocast."""
        with torch.autocast(embeddings.device.type, enabled=False):
            activations = embeddings.float()
            for layer in self.layers[:-1]:
                activations = functional.relu(layer(activations))
            return self.layers[-1](activations)


def _linear(inputs: int, outputs: int, bias: bool, generator: torch.Generator) -> nn.Linear:
    """A linear layer with torch's own distribution of first weights, drawn from `generator`."""
    layer = nn.utils.skip_init(nn.Linear, inputs, outputs, bias=bias)
    for parameter in layer.parameters():
        nn.init.uniform_(parameter, -1 / math.sqrt(inputs), 1 / math.sqrt(inputs), generator=generator)
    return layer
