"""An encoder's folder as sentence-transformers reads it: prompts, and modules one after the other.

The files are those of LaBSE's published folder. `encoder.json` stays among them, so that the folder is a `checkpoint=`
here too. Nothing in it names code but what torch, transformers and sentence-transformers bring.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from inspect import signature
from pathlib import Path
from typing import Any

from torch import nn

from src.encoder.dual_encoder import DualEncoder
from src.encoder.settings import EncoderSettings, Side
from src.errors import InputError
from src.exporting.languages import write_removals
from src.exporting.modules import (
    TANH,
    Linear,
    Step,
    write_dense,
    write_modules,
    write_pooling,
    write_router,
    write_transformer,
)
from src.reporting.folder import write_json

TASKS: dict[Side, str] = {"query": "query", "passage": "document"}  # as sentence-transformers calls the sides


def check_layout(encoder: DualEncoder) -> None:
    """InputError for what sentence-transformers' own modules cannot compute."""
    for name in encoder.backbones:
        head_of(encoder, name)
    if encoder.debias is not None and not encoder.shared:
        raise InputError(
            "one task cannot name both the side and the language, which two backbones and debiasing would need",
            where="debiasing",
            fix="debiasing=false exports the encoder without its debiasing, and says so",
        )


def write_layout(encoder: DualEncoder, folder: Path, prompts: Mapping[str, str] | None = None) -> None:
    """Write the encoder, and what makes its folder a SentenceTransformer; `prompts` are named ones beside its own."""
    encoder.save(folder)
    if encoder.shared:
        write_transformer(folder, encoder.settings.max_passage_length, headless=_headless(encoder))
        steps = [("", "Transformer"), *_write_pooling(encoder, folder, "shared")]
    else:
        steps = [_write_sides(encoder, folder)]
    steps += _write_normalize(folder, len(steps), encoder.normalize)
    if encoder.debias is not None:
        steps.append((f"{len(steps)}_Router", "Router"))
        write_removals(encoder.debias, folder / steps[-1][0])
        steps += _write_normalize(folder, len(steps), encoder.debias.unit_length)
    write_modules(folder, steps)
    write_json(folder / "config_sentence_transformers.json", model_settings(encoder.settings, prompts or {}))


def model_settings(settings: EncoderSettings, prompts: Mapping[str, str]) -> dict[str, Any]:
    """Prompts and similarity; `encode` without a prompt's name embeds as a passage."""
    return {
        "model_type": "SentenceTransformer",
        "prompts": {**prompts, "query": settings.query_prompt, "document": settings.passage_prompt},
        "default_prompt_name": "document" if settings.passage_prompt else None,
        "similarity_fn_name": "cosine" if settings.normalize else "dot",
    }


def head_of(encoder: DualEncoder, name: str) -> Linear | None:
    """A backbone's own head where it pools by one; InputError where it is no tanh of a matrix."""
    if encoder.settings.pooling != "pooler":
        return None
    backbones: Any = encoder.backbones
    pooler = backbones[name].pooler
    dense, activation = getattr(pooler, "dense", None), getattr(pooler, "activation", None)
    if not isinstance(dense, nn.Linear) or not isinstance(activation, nn.Tanh):
        raise InputError(
            f"sentence-transformers has no module for the head {type(pooler).__name__}",
            where="model.pooling=pooler",
            fix="train with model.pooling=mean or model.pooling=cls",
        )
    return Linear(dense.weight.detach().cpu().numpy(), dense.bias.detach().cpu().numpy())


def _write_sides(encoder: DualEncoder, folder: Path) -> Step:
    """Two transformers, chosen by the task; each cuts texts to its own side's length."""
    modules: dict[str, str] = {}
    routes: dict[str, list[str]] = {}
    for side, task in TASKS.items():
        write_transformer(folder / side, encoder.settings.max_length(side), headless=_headless(encoder))
        encoder.tokenizer.save_pretrained(folder / side)
        steps = [(side, "Transformer"), *_write_pooling(encoder, folder, side)]
        modules |= dict(steps)
        routes[task] = [path for path, _ in steps]
    write_router(folder, modules, routes)
    return "", "Router"


def _write_pooling(encoder: DualEncoder, folder: Path, name: str) -> Iterator[Step]:
    """Pooling, and the head as a module of its own: sentence-transformers does not look at the backbone's output."""
    own = "" if name == "shared" else f"{name}_"
    write_pooling(folder / f"{own}1_Pooling", encoder.dimension, mean=encoder.settings.pooling == "mean")
    yield f"{own}1_Pooling", "Pooling"
    if (head := head_of(encoder, name)) is not None:
        write_dense(folder / f"{own}2_Dense", head, TANH)
        yield f"{own}2_Dense", "Dense"


def _headless(encoder: DualEncoder) -> bool:
    """Whether the backbone's class has a head, and what is saved has none."""
    backbone = next(iter(encoder.backbones.values()))
    optional = "add_pooling_layer" in signature(type(backbone).__init__).parameters
    return optional and encoder.settings.pooling != "pooler"


def _write_normalize(folder: Path, place: int, wanted: bool) -> list[Step]:
    if not wanted:
        return []
    (folder / f"{place}_Normalize").mkdir()
    write_json(folder / f"{place}_Normalize" / "config.json", {})
    return [(f"{place}_Normalize", "Normalize")]
