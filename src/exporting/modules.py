"""Files of sentence-transformers' modules, in the layout that all its versions read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from src.reporting.folder import write_json

CLASSES = "sentence_transformers.models"
IDENTITY, TANH = "torch.nn.modules.linear.Identity", "torch.nn.modules.activation.Tanh"

Step = tuple[str, str]  # a module's folder, its class


@dataclass(frozen=True, eq=False)
class Linear:
    """W x + b."""

    weight: NDArray[np.float32]  # [out, in]
    bias: NDArray[np.float32]  # [out]


def write_modules(folder: Path, steps: Sequence[Step]) -> None:
    """Write which modules a model is made of, in their order."""
    modules = [
        {"idx": place, "name": str(place), "path": path, "type": f"{CLASSES}.{kind}"}
        for place, (path, kind) in enumerate(steps)
    ]
    write_json(folder / "modules.json", modules)


def write_transformer(folder: Path, length: int, *, headless: bool) -> None:
    """Write what a Transformer needs beside transformers' own files: the tokens that a text is cut to.

    `headless`: the backbone comes without the head that its class would otherwise draw at random and warn of.
    """
    model = {"model_args": {"add_pooling_layer": False}} if headless else {}
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": length, "do_lower_case": False, **model})


def write_pooling(folder: Path, dimension: int, *, mean: bool) -> None:
    """Write a Pooling by the mean or by the first token."""
    folder.mkdir()
    modes = {"pooling_mode_cls_token": not mean, "pooling_mode_mean_tokens": mean}
    write_json(folder / "config.json", {"word_embedding_dimension": dimension, **modes, "include_prompt": True})


def write_dense(folder: Path, linear: Linear, activation: str) -> None:
    """Write a Dense: a matrix, a bias and a module of torch."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True)
    out, width = linear.weight.shape
    config = {"in_features": width, "out_features": out, "bias": True, "activation_function": activation}
    write_json(folder / "config.json", config)
    arrays = {"linear.weight": linear.weight, "linear.bias": linear.bias}
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, folder / "model.safetensors")


def write_router(folder: Path, modules: Mapping[str, str], routes: Mapping[str, Sequence[str]]) -> None:
    """Write a Router over modules (folder -> class); it refuses a call without a task rather than guess one."""
    types = {path: f"{CLASSES}.{kind}" for path, kind in modules.items()}
    structure = {task: list(paths) for task, paths in routes.items()}
    parameters = {"default_route": None, "allow_empty_key": False}
    write_json(folder / "router_config.json", {"types": types, "structure": structure, "parameters": parameters})
