"""`adapter=bottleneck`: task adapters beside each feed-forward block, as narrow as one likes.

Houlsby's and Pfeiffer's adapters follow the block, and cannot be merged into any plain model. These stand in parallel
to it (2110.04366, where they do better): U a(D x + d) + u is added to the block's W2 a(W1 x + b1) + b2. With the
block's own activation a, both together are one wider block, so that a merged model is a plain one.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from src.encoder.adapters import Adapter
from src.encoder.layers import layers_of
from src.encoder.lora_targets import linear_modules
from src.errors import InputError

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel


@dataclass(frozen=True)
class Bottleneck(Adapter):
    """Adapters of `size` units; each starts as nothing, since U and u are zero."""

    size: int

    def __post_init__(self) -> None:
        if self.size < 1:
            raise InputError(f"a bottleneck needs a unit or more, got {self.size}", where="adapter.size")

    def _insert(self, backbone: PreTrainedModel) -> None:
        for block in _blocks(backbone):
            block.intermediate.dense = Down(block.intermediate.dense, self.size)
            block.output.dense = Up(block.output.dense, self.size)

    def merged(self, backbone: PreTrainedModel) -> PreTrainedModel:
        """Each feed-forward block with its adapter as one block, `size` units wider."""
        plain = copy.deepcopy(backbone)
        for block in _blocks(plain):
            block.intermediate.dense, block.output.dense = (
                block.intermediate.dense.merged(),
                block.output.dense.merged(),
            )
        plain.config = self.merged_config(plain.config)
        return plain

    def merged_config(self, config: PretrainedConfig) -> PretrainedConfig:
        """With blocks `size` units wider."""
        return _with_width(config, config.intermediate_size + self.size)

    def bare_config(self, config: PretrainedConfig) -> PretrainedConfig:
        """With blocks `size` units narrower."""
        return _with_width(config, config.intermediate_size - self.size)


class Down(nn.Module):
    """A block's first matrix and the adapter's, one after the other: [..., in] -> [..., intermediate + size]."""

    def __init__(self, base: nn.Linear, size: int) -> None:
        super().__init__()
        self.base, self.adapter = base, nn.Linear(base.in_features, size)

    def forward(self, states: Tensor) -> Tensor:
        """W1 x + b1 and D x + d."""
        return torch.cat([self.base(states), self.adapter(states)], dim=-1)

    def merged(self) -> nn.Linear:
        """The same as one matrix."""
        weight = torch.cat([self.base.weight, self.adapter.weight])
        return _linear(weight, torch.cat([self.base.bias, self.adapter.bias]))


class Up(nn.Module):
    """A block's second matrix and the adapter's, added: [..., intermediate + size] -> [..., out]."""

    def __init__(self, base: nn.Linear, size: int) -> None:
        super().__init__()
        self.base, self.adapter = base, nn.Linear(size, base.out_features)
        nn.init.zeros_(self.adapter.weight)
        nn.init.zeros_(self.adapter.bias)

    def forward(self, states: Tensor) -> Tensor:
        """W2 h + b2 + U g + u, where the states are h and g."""
        own, added = states.split([self.base.in_features, self.adapter.in_features], dim=-1)
        return self.base(own) + self.adapter(added)

    def merged(self) -> nn.Linear:
        """The same as one matrix."""
        weight = torch.cat([self.base.weight, self.adapter.weight], dim=1)
        return _linear(weight, self.base.bias + self.adapter.bias)


def _blocks(backbone: PreTrainedModel) -> Iterator[Any]:
    """The layers, each with its feed-forward block as BERT and XLM-R call it."""
    for layer in layers_of(backbone, "adapter"):
        parts = [getattr(getattr(layer, name, None), "dense", None) for name in ("intermediate", "output")]
        if None in parts or getattr(backbone.config, "intermediate_size", None) is None:
            raise InputError(
                f"{backbone.config.model_type} has no feed-forward blocks intermediate.dense and output.dense, "
                f"but {', '.join(linear_modules(backbone))}",
                where="adapter=bottleneck",
                fix="adapter=lora, where adapter.target_modules takes any of these",
            )
        yield layer


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    """A linear module of given weights, made without drawing any."""
    made = nn.Linear(weight.shape[1], weight.shape[0], device="meta")
    made.weight, made.bias = nn.Parameter(weight.detach()), nn.Parameter(bias.detach())
    return made


def _with_width(config: PretrainedConfig, width: int) -> PretrainedConfig:
    changed = copy.deepcopy(config)
    changed.intermediate_size = width
    return changed
