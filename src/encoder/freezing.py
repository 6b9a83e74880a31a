"""`freeze`: parts of the backbone that keep the weights they came with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from src.encoder.layers import embeddings_of, layers_of
from src.errors import InputError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from src.encoder.dual_encoder import DualEncoder


@dataclass(frozen=True)
class Freeze:
    """Embeddings (four in five of LaBSE's parameters, two in three of XLM-R base's) and the lowest layers."""

    embeddings: bool = False
    layers: int = 0

    def __post_init__(self) -> None:
        if self.layers < 0:
            raise InputError(f"{self.layers} layers cannot be frozen", where="freeze.layers", fix="freeze.layers=0")

    def __bool__(self) -> bool:
        return self.embeddings or self.layers > 0

    def apply(self, encoder: DualEncoder) -> None:
        """Exclude them from training, in every backbone; dropout inside them goes on."""
        for backbone in encoder.backbones.values():
            self._apply(backbone)  # type: ignore[arg-type]

    def _apply(self, backbone: PreTrainedModel) -> None:
        if self.embeddings:
            embeddings_of(backbone).requires_grad_(False)
        if self.layers:
            layers = layers_of(backbone, "freeze.layers")
            if self.layers > len(layers):
                raise InputError(
                    f"{self.layers} layers are to be frozen, the model has {len(layers)}",
                    where="freeze.layers",
                    fix=f"freeze.layers={len(layers)} or fewer",
                )
            layers[: self.layers].requires_grad_(False)
        if not any(parameter.requires_grad for parameter in backbone.parameters()):
            raise InputError("nothing is left to train", where="freeze", fix="freeze.embeddings=false or fewer layers")
