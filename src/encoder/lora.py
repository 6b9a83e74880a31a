"""`adapter=lora`: low-rank updates of a frozen backbone's matrices (2106.09685), through PEFT."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.encoder.adapters import Adapter
from src.encoder.lora_targets import ALL, WHERE, find_targets, linear_modules
from src.errors import InputError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

NAME = "default"  # PEFT's of the one adapter
PREFIX = "base_model.model."  # of every weight in PEFT's published layout
FOLDER = "adapter"  # in an encoder's folder


@dataclass(frozen=True)
class Lora(Adapter):
    """W x + alpha / rank * B A dropout(x) with trained A [rank, in] and B [out, rank], B zero at first."""

    rank: int
    alpha: float
    dropout: float
    target_modules: list[str] | str | None
    save_separately: bool

    def __post_init__(self) -> None:
        if self.rank < 1:
            raise InputError(f"the rank must be above 0, got {self.rank}", where="adapter.rank")
        if self.alpha <= 0:
            raise InputError(f"the scale must be above 0, got {self.alpha}", where="adapter.alpha")
        if not 0 <= self.dropout < 1:
            raise InputError(f"dropout must be at least 0 and below 1, got {self.dropout}", where="adapter.dropout")
        if isinstance(self.target_modules, str) and self.target_modules != ALL:
            fix = f"{WHERE}=[{self.target_modules}], or {ALL}"
            raise InputError(f"neither a list of names nor {ALL}: {self.target_modules!r}", where=WHERE, fix=fix)

    def _insert(self, backbone: PreTrainedModel) -> None:
        peft = _peft()
        config = peft.LoraConfig(
            r=self.rank,
            lora_alpha=self.alpha,
            lora_dropout=self.dropout,
            target_modules=find_targets(backbone, self.target_modules, head=self.head),
            base_model_name_or_path=backbone.name_or_path,
        )
        try:
            peft.inject_adapter_in_model(config, backbone, NAME)
        except ValueError as error:  # of a module of a kind that it does not know
            fix = f"linear modules: {', '.join(linear_modules(backbone))}"
            raise InputError(f"LoRA does not fit the model: {error}", where=WHERE, fix=fix) from error

    def merged(self, backbone: PreTrainedModel) -> PreTrainedModel:
        """W + alpha / rank * B A in the place of each W."""
        from peft.tuners.tuners_utils import BaseTunerLayer

        plain = copy.deepcopy(backbone)
        for name, module in list(plain.named_modules()):
            if isinstance(module, BaseTunerLayer):
                module.merge()
                plain.set_submodule(name, module.get_base_layer())
        return plain

    def export(self, backbone: PreTrainedModel, folder: Path) -> None:
        """With `save_separately`: adapter_config.json and adapter_model.safetensors, as `PeftModel` loads them."""
        if not self.save_separately:
            return
        from safetensors.torch import save_file

        config: Any = copy.copy(backbone.peft_config[NAME])
        weights = _peft().get_peft_model_state_dict(backbone, adapter_name=NAME)
        if self.head:
            config.modules_to_save = ["pooler"]
            weights |= {f"pooler.{name}": tensor for name, tensor in self._head(backbone).state_dict().items()}
        config.inference_mode = True
        config.save_pretrained(folder / FOLDER)
        tensors = {f"{PREFIX}{name}": tensor.contiguous() for name, tensor in weights.items()}
        save_file(tensors, folder / FOLDER / "adapter_model.safetensors", metadata={"format": "pt"})


def _peft() -> Any:
    try:
        import peft
    except ImportError as error:
        raise InputError(
            f"LoRA needs the package peft ({error})", where="adapter=lora", fix="pip install -e '.[peft]'"
        ) from error
    return peft
