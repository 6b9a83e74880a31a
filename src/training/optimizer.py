"""AdamW without weight decay on biases and norms, a learning rate for each part, and the schedules of the rates."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn
from torch.nn import Parameter
from torch.optim import AdamW as TorchAdamW
from torch.optim.lr_scheduler import LambdaLR

from src.encoder.dual_encoder import DualEncoder
from src.encoder.layers import embeddings_of, layers_of
from src.errors import InputError

log = logging.getLogger(__name__)

LAYER_DECAY = "optimizer.layer_decay"


@dataclass(frozen=True)
class AdamW:
    """AdamW with warm-up and a decay to zero; `warmup` is a share of all steps (below 1) or a number of steps.

    A layer k below the top of its backbone learns at lr * layer_decay^k, the embeddings as if below the lowest.
    `fused` updates all parameters of a kind at once, to the same weights up to rounding; None: wherever it can be.
    """

    lr: float
    weight_decay: float = 0.01
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    schedule: str = "linear"
    warmup: float = 0.1
    layer_decay: float = 1.0
    fused: bool | None = None

    def __post_init__(self) -> None:
        if not 0 < self.lr < math.inf:
            raise InputError(f"the learning rate must be above 0, got {self.lr}", where="optimizer.lr")
        for name in ("weight_decay", "eps"):
            if not 0 <= getattr(self, name) < math.inf:
                raise InputError(f"{name} cannot be {getattr(self, name)}", where=f"optimizer.{name}", fix="0 or more")
        if len(self.betas) != 2 or not all(isinstance(beta, float | int) and 0 <= beta < 1 for beta in self.betas):
            raise InputError(f"two numbers from 0 to below 1, got {list(self.betas)}", where="optimizer.betas")
        if self.schedule not in DECAYS:
            raise InputError(
                f"unknown schedule {self.schedule!r}", where="optimizer.schedule", fix=f"one of {', '.join(DECAYS)}"
            )
        if not 0 <= self.warmup < math.inf or (self.warmup > 1 and self.warmup != int(self.warmup)):
            raise InputError(
                f"no warm-up: {self.warmup}",
                where="optimizer.warmup",
                fix="a share below 1, or a whole number of steps",
            )
        if not 0 < self.layer_decay <= 1:
            raise InputError(f"a factor above 0, at most 1, got {self.layer_decay}", where=LAYER_DECAY)

    def check(self, encoder: DualEncoder) -> None:
        """InputError if the encoder's layers cannot be told apart, but are to learn at rates of their own."""
        if self.layer_decay != 1:
            layer_depths(encoder)

    def build(self, module: nn.Module, total_steps: int, *, fused: bool) -> tuple[TorchAdamW, LambdaLR]:
        """The optimizer over a module's trainable parameters, and its schedule; `fused`: whether this run can have one.

        A run that scales its gradients (fp16) cannot: a fused optimizer would unscale them itself, after the clipping.
        """
        if self.fused and not fused:
            raise InputError(
                "16-mixed scales its gradients, which a fused optimizer would unscale too late for clipping",
                where="optimizer.fused",
                fix="optimizer.fused=null, or trainer.precision=bf16-mixed",
            )
        optimizer = TorchAdamW(
            parameter_groups(module, self.lr, self.weight_decay, self.layer_decay),
            lr=self.lr,
            betas=(self.betas[0], self.betas[1]),
            eps=self.eps,
            fused=fused if self.fused is None else self.fused,
        )
        warmup = round(self.warmup * total_steps) if self.warmup < 1 else int(self.warmup)
        if warmup > total_steps:
            log.warning("the warm-up of %d steps is longer than the run: the learning rate stays below its own", warmup)
        return optimizer, LambdaLR(optimizer, multiplier(self.schedule, warmup, total_steps))


def parameter_groups(module: nn.Module, lr: float, weight_decay: float, layer_decay: float = 1.0) -> list[dict]:
    """Trainable parameters by learning rate, `lr` itself first, and by weight decay: matrices decay, others do not.

    Others are biases, norms and whatever else is a vector or a scalar.
    """
    rates = learning_rates(module, lr, layer_decay)
    groups: dict[tuple[float, float], list[Parameter]] = {}
    for parameter in module.parameters():
        if parameter.requires_grad:
            decay = weight_decay if parameter.ndim >= 2 else 0.0
            groups.setdefault((rates.get(parameter, lr), decay), []).append(parameter)
    order = sorted(groups, key=lambda group: (group[0] != lr, -group[0], -group[1]))
    return [{"params": groups[rate, decay], "lr": rate, "weight_decay": decay} for rate, decay in order]


def learning_rates(module: nn.Module, lr: float, layer_decay: float) -> dict[Parameter, float]:
    """Those that differ from `lr`: of an encoder's layers, and of parts with a rate of their own (`Term.lr`)."""
    rates: dict[Parameter, float] = {}
    for part in module.modules():
        if isinstance(part, DualEncoder) and layer_decay != 1:
            rates |= {each: lr * layer_decay**depth for each, depth in layer_depths(part).items()}
        own = getattr(part, "lr", None)
        if own is not None:
            rates |= dict.fromkeys(part.parameters(), own)
    return rates


def layer_depths(encoder: DualEncoder) -> dict[Parameter, int]:
    """How far below the top of its backbone each parameter lies: 0 in the top layer; the head is not among them."""
    depths: dict[Parameter, int] = {}
    backbones: Any = encoder.backbones
    for backbone in backbones.values():
        parts = [embeddings_of(backbone), *layers_of(backbone, LAYER_DECAY)]
        for depth, part in enumerate(reversed(parts)):
            depths |= dict.fromkeys(part.parameters(), depth)
    return depths


DECAYS: dict[str, Callable[[float], float]] = {
    "constant": lambda progress: 1.0,
    "linear": lambda progress: 1.0 - progress,
    "cosine": lambda progress: 0.5 * (1.0 + math.cos(math.pi * progress)),
}


def multiplier(schedule: str, warmup: int, total_steps: int) -> Callable[[int], float]:
    """The factor on the learning rate at each step: linear warm-up, then the schedule's decay."""

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        progress = (step - warmup) / max(1, total_steps - warmup)
        return DECAYS[schedule](min(1.0, progress))

    return factor
