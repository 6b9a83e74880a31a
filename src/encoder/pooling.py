"""From a text's token states to one vector, in float32 whatever the backbone computed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

Output = Any  # a backbone's, such as transformers' BaseModelOutputWithPooling


def cls(output: Output, attention_mask: Tensor) -> Tensor:
    """The first token's state."""
    return output.last_hidden_state[:, 0].float()


def mean(output: Output, attention_mask: Tensor) -> Tensor:
    """The mean of the real tokens' states."""
    mask = attention_mask[..., None].float()
    return (output.last_hidden_state.float() * mask).sum(1) / mask.sum(1)


def pooler(output: Output, attention_mask: Tensor) -> Tensor:
    """The backbone's own head: tanh(W state of the first token + b) in BERT and LaBSE."""
    return output.pooler_output.float()


POOLINGS: dict[str, Callable[[Output, Tensor], Tensor]] = {"cls": cls, "mean": mean, "pooler": pooler}
