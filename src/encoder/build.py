"""An encoder from the `model` group of the configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from src.errors import InputError

if TYPE_CHECKING:
    from src.encoder.dual_encoder import DualEncoder

HINTS = "training"  # the group's advice to optimizer, objective and trainer: no setting of the encoder


def build_encoder(config: DictConfig, texts: Callable[[], Iterator[str]]) -> DualEncoder:
    """The encoder that a `model=` choice describes; `texts` teach a tokenizer where the model has none."""
    from hydra.utils import instantiate

    return instantiate({key: value for key, value in config.items() if key != HINTS})(texts=texts)


def choose_trained(encoder: DualEncoder, config: DictConfig) -> None:
    """Freeze what `freeze` names, or all but what `adapter` adds."""
    from hydra.utils import instantiate

    freeze, adapter = instantiate(config.freeze), instantiate(config.get("adapter"))
    if freeze and adapter:
        raise InputError(
            "an adapter freezes the whole backbone: nothing else is left to freeze",
            where="freeze, adapter",
            fix="freeze.embeddings=false freeze.layers=0, or no adapter",
        )
    freeze.apply(encoder)
    if adapter:
        encoder.adapt(adapter)
