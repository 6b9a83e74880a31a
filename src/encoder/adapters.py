"""`adapter`: few parameters trained inside a frozen backbone, merged into its weights where an encoder is saved."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

from src.errors import InputError

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel

FILE = "adapter.json"  # beside encoder.json: how the weights of the run's checkpoints are to be read


@dataclass(frozen=True)
class Adapter(ABC):
    """What is added to a backbone and trained in its stead; plain values, as configured and as saved."""

    head: bool  # also train the backbone's own head, where model.pooling=pooler

    def attach(self, backbone: PreTrainedModel) -> None:
        """Freeze the backbone and add the adapter to it, in place; at first it computes the same."""
        head = self._head(backbone) if self.head else None
        backbone.requires_grad_(False)
        self._insert(backbone)
        if head is not None:
            head.requires_grad_(True)

    @abstractmethod
    def _insert(self, backbone: PreTrainedModel) -> None:
        """Add trainable parameters to a frozen backbone."""

    @abstractmethod
    def merged(self, backbone: PreTrainedModel) -> PreTrainedModel:
        """A copy without adapter that computes the same; the backbone stays as it is and can be trained on."""

    def merged_config(self, config: PretrainedConfig) -> PretrainedConfig:
        """The architecture of `merged`."""
        return config

    def bare_config(self, config: PretrainedConfig) -> PretrainedConfig:
        """The architecture to attach to, of which `merged_config` was made."""
        return config

    def export(self, backbone: PreTrainedModel, folder: Path) -> None:  # noqa: B027  # most kinds write nothing
        """Write the adapter alone into the folder, where its kind has a published layout and it is asked for."""

    def _head(self, backbone: PreTrainedModel) -> nn.Module:
        head: Any = getattr(backbone, "pooler", None)
        if head is None:
            raise InputError(
                "the encoder uses no head that could be trained",
                where="adapter.head",
                fix="adapter.head=false, or model.pooling=pooler",
            )
        return head


def write_adapter(adapter: Adapter | None, folder: Path) -> None:
    """Save as adapter.json; without an adapter there is none."""
    (folder / FILE).unlink(missing_ok=True)
    if adapter is not None:
        values = {"kind": type(adapter).__name__.lower(), **asdict(adapter)}
        (folder / FILE).write_text(json.dumps(values, indent=2) + "\n")


def read_adapter(folder: Path) -> Adapter | None:
    """The adapter that an encoder's folder tells of, if any; nothing in the file can name code."""
    from src.encoder.bottleneck import Bottleneck
    from src.encoder.lora import Lora

    path = folder / FILE
    if not path.is_file():
        return None
    try:
        values = json.loads(path.read_text())
        return {"lora": Lora, "bottleneck": Bottleneck}[values.pop("kind")](**values)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"not a saved adapter ({type(error).__name__}: {error})", where=str(path)) from error
