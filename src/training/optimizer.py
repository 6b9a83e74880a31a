"""AdamW without weight decay on biases and norms, and the learning-rate schedules."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from torch import nn
from torch.optim import AdamW as TorchAdamW
from torch.optim.lr_scheduler import LambdaLR

from src.errors import InputError


@dataclass(frozen=True)
class AdamW:
    """AdamW with warm-up and a decay to zero; `warmup` is a share of all steps (below 1) or a number of steps."""

    lr: float
    weight_decay: float = 0.01
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    schedule: str = "linear"
    warmup: float = 0.1

    def __post_init__(self) -> None:
        if self.lr <= 0:
            raise InputError(f"the learning rate must be above 0, got {self.lr}", where="optimizer.lr")
        if len(self.betas) != 2 or not all(0 <= beta < 1 for beta in self.betas):
            raise InputError(f"two numbers from 0 to below 1, got {list(self.betas)}", where="optimizer.betas")
        if self.schedule not in DECAYS:
            raise InputError(
                f"unknown schedule {self.schedule!r}", where="optimizer.schedule", fix=f"one of {', '.join(DECAYS)}"
            )
        if self.warmup < 0:
            raise InputError(f"warm-up cannot be negative, got {self.warmup}", where="optimizer.warmup")

    def build(self, module: nn.Module, total_steps: int, *, fused: bool) -> tuple[TorchAdamW, LambdaLR]:
        """The optimizer over a module's trainable parameters, and its schedule over `total_steps`."""
        optimizer = TorchAdamW(
            parameter_groups(module, self.weight_decay),
            lr=self.lr,
            betas=(self.betas[0], self.betas[1]),
            eps=self.eps,
            fused=fused,
        )
        warmup = round(self.warmup * total_steps) if self.warmup < 1 else int(self.warmup)
        return optimizer, LambdaLR(optimizer, multiplier(self.schedule, warmup, total_steps))


def parameter_groups(module: nn.Module, weight_decay: float) -> list[dict]:
    """Two groups: matrices decay; biases, norms and other vectors or scalars do not."""
    trainable = [parameter for parameter in module.parameters() if parameter.requires_grad]
    return [
        {"params": [p for p in trainable if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in trainable if p.ndim < 2], "weight_decay": 0.0},
    ]


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
