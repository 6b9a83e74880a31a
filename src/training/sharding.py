"""`trainer.strategy=fsdp`: each rank keeps a share of weights, gradients and optimizer state (PyTorch's FSDP2).

Layers are gathered one at a time, when they compute. Checkpoints are whole files, the same as of any other strategy.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytorch_lightning as pl
import torch
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning.strategies import ModelParallelStrategy
from torch import nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_optimizer_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
)
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor

from src.encoder.layers import layers_of
from src.encoder.restore import read_checkpoint
from src.errors import InputError

if TYPE_CHECKING:
    from src.training.module import Retriever

NAME = "fsdp"
PRECISIONS = ("32-true", "bf16-mixed")


def chosen_strategy(config: DictConfig) -> Any:
    """What Lightning is given for `trainer.strategy`; InputError where sharding and another option exclude each other.

    Lightning's own strategy of this name is PyTorch's first FSDP, which flattens parameters: biases and norms could
    no longer be told from the matrices that decay.
    """
    if config.trainer.strategy != NAME:
        return config.trainer.strategy
    if OmegaConf.select(config, "model.compile"):
        raise InputError(
            "a compiled model is not sharded",
            where="trainer.strategy=fsdp, model.compile",
            fix="model.compile=false, or trainer.strategy=ddp",
        )
    if config.trainer.get("precision") not in PRECISIONS:
        raise InputError(
            f"sharded training has no precision {config.trainer.get('precision')}",
            where="trainer.strategy, trainer.precision",
            fix=f"one of {', '.join(PRECISIONS)}",
        )
    return ShardedStrategy()


class ShardedStrategy(ModelParallelStrategy):
    """Lightning's for FSDP2, over all ranks, with checkpoints that any strategy reads."""

    def __init__(self) -> None:
        super().__init__(tensor_parallel_size=1, save_distributed_checkpoint=False)
        self._sharded: list[nn.Module] = []
        self._whole: list[nn.Module] = []  # the same parts, plain: for what runs outside a training step

    def setup_environment(self) -> None:
        """Meet the other ranks."""
        self._data_parallel_size = self.num_nodes * self.num_processes
        super().setup_environment()

    def shard(self, module: Retriever) -> None:
        """Share out each transformer layer, and then the rest; a plain copy stays in the host's memory."""
        mesh = self.device_mesh["data_parallel"]
        self._sharded = [module.encoder.backbones, module.losses.objective]
        self._whole = copy.deepcopy(self._sharded)
        for backbone in module.encoder.backbones.values():
            for layer in layers_of(backbone, "trainer.strategy=fsdp"):  # type: ignore[arg-type]
                fully_shard(layer, mesh=mesh)
        fully_shard(module, mesh=mesh)

    def make_whole(self, module: Retriever) -> None:
        """Give the module plain parts with all the weights, in every rank."""
        with torch.no_grad():
            for sharded, whole in zip(self._sharded, self._whole, strict=True):
                for mine, all_of_it in zip(_tensors(sharded), _tensors(whole), strict=True):
                    all_of_it.copy_(mine.full_tensor() if isinstance(mine, DTensor) else mine)
                whole.to(self.root_device)
        _put(module, self._whole)

    def make_sharded(self, module: Retriever) -> None:
        """Give the module its share back."""
        for whole in self._whole:
            whole.cpu()
        _put(module, self._sharded)

    def training_step(self, *args: Any, **kwargs: Any) -> Any:
        """By way of the module's own forward, at which what no layer holds is gathered."""
        with self.precision_plugin.train_step_context():
            return self._forward_redirection(self._module, self._module, "training_step", *args, **kwargs)

    def optimizer_state(self, optimizer: Any) -> dict[str, Any]:
        """The whole state, by the numbers that the optimizer itself gives its parameters; empty but in rank zero."""
        optimizer = getattr(optimizer, "_optimizer", optimizer)
        options = StateDictOptions(full_state_dict=True, cpu_offload=True)
        held = get_optimizer_state_dict(self._module, optimizer, options=options)
        return _renamed(held, {name: number for number, name in enumerate(self._names(optimizer))}) if held else {}

    def load_checkpoint(self, checkpoint_path: Any, weights_only: bool | None = None) -> dict[str, Any]:
        """Read a whole file, of this strategy or any other, and keep this rank's share of it."""
        held = read_checkpoint(checkpoint_path, "trainer.resume")
        options = StateDictOptions(full_state_dict=True, strict=True)
        set_model_state_dict(self._module, held["state_dict"], options=options)
        for optimizer, state in zip(self.optimizers, held["optimizer_states"], strict=True):
            named = _renamed(state, dict(enumerate(self._names(optimizer))))
            set_optimizer_state_dict(self._module, optimizer, named, options=options)
        return held

    @property
    def _module(self) -> pl.LightningModule:
        assert self.lightning_module is not None
        return self.lightning_module

    def _names(self, optimizer: torch.optim.Optimizer) -> list[str]:
        names = {parameter: name for name, parameter in self._module.named_parameters()}
        return [names[parameter] for group in optimizer.param_groups for parameter in group["params"]]


class WholeInValidation(pl.Callback):
    """Validates on plain weights: ranks score different numbers of texts, and layers are only gathered together."""

    def on_validation_start(self, trainer: pl.Trainer, module: Any) -> None:
        """Before any loss or score."""
        _strategy(trainer).make_whole(module)
        for part in (module.encoder, module.losses):
            part.eval()

    def on_validation_end(self, trainer: pl.Trainer, module: Any) -> None:
        """Before any checkpoint."""
        _strategy(trainer).make_sharded(module)


def _strategy(trainer: pl.Trainer) -> ShardedStrategy:
    assert isinstance(trainer.strategy, ShardedStrategy)
    return trainer.strategy


def _put(module: Retriever, parts: list[Any]) -> None:
    module.encoder.backbones, module.losses.objective = parts


def _tensors(part: nn.Module) -> list[torch.Tensor]:
    return [*part.parameters(), *part.buffers()]


def _renamed(state: dict[str, Any], names: dict[Any, Any]) -> dict[str, Any]:
    """An optimizer's state with other names for the parameters."""
    groups = [{**group, "params": [names[each] for each in group["params"]]} for group in state["param_groups"]]
    return {"state": {names[each]: held for each, held in state["state"].items()}, "param_groups": groups}
