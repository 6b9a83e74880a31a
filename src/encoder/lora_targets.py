"""Which modules of a backbone LoRA is applied to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from torch import nn

from src.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transformers import PreTrainedModel

ALL = "all-linear"
WHERE = "adapter.target_modules"


def find_targets(backbone: PreTrainedModel, asked: Sequence[str] | str | None, *, head: bool) -> list[str]:
    """Ends of module names; unasked PEFT's choice for the model, of BERT and XLM-R the queries' and values' matrices.

    `all-linear` leaves out a head that is trained whole. InputError for a model or a name without a match.
    """
    if asked == ALL:
        return [name for name in _linear(backbone) if not (head and name.startswith("pooler."))]
    targets = _usual(backbone) if asked is None else list(asked)
    names = [f".{name}" for name, _ in backbone.named_modules()]
    missing = [target for target in targets if not any(name.endswith(f".{target}") for name in names)]
    if missing or not targets:
        described = f"no module {', '.join(missing)}" if missing else "no modules that are known to suit LoRA"
        raise InputError(
            f"{backbone.config.model_type} has {described}",
            where=WHERE,
            fix=f"{WHERE}={ALL}, or a list of ends of these: {', '.join(linear_modules(backbone)) or 'none'}",
        )
    return targets


def linear_modules(backbone: nn.Module) -> list[str]:
    """Names of the linear modules, a star for the number of a layer."""
    return list(dict.fromkeys(re.sub(r"\.\d+\.", ".*.", name) for name in _linear(backbone)))


def _linear(backbone: nn.Module) -> list[str]:
    return [name for name, module in backbone.named_modules() if isinstance(module, nn.Linear)]


def _usual(backbone: PreTrainedModel) -> list[str]:
    from peft.utils.constants import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING as KNOWN

    return list(KNOWN.get(backbone.config.model_type, []))
