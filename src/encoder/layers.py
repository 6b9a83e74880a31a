"""The parts of a transformer that are trained apart: its embeddings and its layers, whatever it calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import nn

from src.errors import InputError

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def layers_of(backbone: PreTrainedModel, where: str) -> nn.ModuleList:
    """The layers, lowest first; InputError naming the option `where` that needs them if there are none to be found."""
    depth = getattr(backbone.config, "num_hidden_layers", None)
    for module in backbone.modules():
        if isinstance(module, nn.ModuleList) and len(module) == depth:
            return module
    raise InputError(f"the layers of {backbone.config.model_type} cannot be told apart", where=where)


def embeddings_of(backbone: PreTrainedModel) -> nn.Module:
    """What turns tokens into the first layer's input: in BERT words, positions, segments and their norm."""
    words: Any = backbone.get_input_embeddings()
    return next(child for child in backbone.children() if words in set(child.modules()))
