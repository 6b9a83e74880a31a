"""Transformer backbones and their tokenizers: made or read from a checkpoint, checked, without remote code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from src.data.tokens import check_fast
from src.encoder.settings import EncoderSettings
from src.errors import InputError

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel, PreTrainedTokenizerFast

SHOWN = 3  # names of weights in an error


@contextmanager
def quiet() -> Iterator[None]:
    """Hold back transformers' own warnings and bars: what matters in them is checked here."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


def load_tokenizer(source: str, **options: Any) -> PreTrainedTokenizerFast:
    """The fast tokenizer of a folder or hub id; `options` as AutoTokenizer takes them."""
    from transformers import AutoTokenizer

    with quiet(), _explained(source, "tokenizer"):
        tokenizer: Any = AutoTokenizer.from_pretrained(source, **options)
    check_fast(tokenizer)
    # a missing file gives a tokenizer that knows nothing but its special tokens, not an error
    if len(tokenizer) <= len(tokenizer.all_special_tokens):
        raise InputError("the model has no tokenizer", where=source, fix="add its tokenizer.json")
    if tokenizer.pad_token_id is None:
        raise InputError("the tokenizer has no padding token", where=source, fix="use an encoder's checkpoint")
    return tokenizer


def load_config(source: str, **options: Any) -> PretrainedConfig:
    """The architecture of a folder or hub id; `options` as AutoConfig takes them."""
    from transformers import AutoConfig

    with quiet(), _explained(source, "config"):
        config = AutoConfig.from_pretrained(source, **options)
    if config.is_encoder_decoder:
        raise InputError(f"{config.model_type} is not an encoder alone", where=source)
    return config


def from_config(config: PretrainedConfig, attention: str = "sdpa") -> PreTrainedModel:
    """A backbone with weights drawn from torch's generator."""
    from transformers import AutoModel

    with quiet():
        return AutoModel.from_config(config, attn_implementation=attention, dtype=torch.float32)


def load_backbone(
    source: str, config: PretrainedConfig, attention: str = "sdpa", *, strict: bool = False, **options: Any
) -> PreTrainedModel:
    """A backbone with the weights of a folder or hub id, in float32; a head that they lack is removed.

    `strict` also refuses weights that the model has no place for, which a checkpoint of another task may hold.
    Weights come from safetensors, or from a pickle of tensors alone (torch's `weights_only`) where there are none.
    """
    from transformers import AutoModel

    with quiet(), _explained(source, "weights"):
        backbone, report = AutoModel.from_pretrained(
            source,
            config=config,
            attn_implementation=attention,
            dtype=torch.float32,  # of the master weights, whatever the checkpoint was saved in
            ignore_mismatched_sizes=True,  # reported, and refused just below
            output_loading_info=True,
            **options,
        )
    head = {key for key in report["missing_keys"] if key.startswith("pooler.")}
    shapes = {f"{key} {tuple(saved)} for {tuple(wanted)}" for key, saved, wanted in report["mismatched_keys"]}
    _refuse(source, "are missing", report["missing_keys"] - head)
    _refuse(source, "have another shape", shapes)
    _refuse(source, "have no place", report["unexpected_keys"] if strict else set())
    if head:
        _remove_head(backbone)
    return backbone


def fit_head(backbone: PreTrainedModel, pooling: str) -> None:
    """Keep the backbone's own head only where it is used: unused parameters would stop a distributed run."""
    if pooling != "pooler":
        if hasattr(backbone, "pooler"):
            _remove_head(backbone)
    elif getattr(backbone, "pooler", None) is None:
        raise InputError(
            f"this {backbone.config.model_type} checkpoint has no trained pooler",
            where="model.pooling=pooler",
            fix="model.pooling=mean or model.pooling=cls",
        )


def check_sizes(backbone: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, settings: EncoderSettings) -> None:
    """Refuse token ids and lengths that the backbone has no embeddings for, and prompts that leave no room for text."""
    embeddings: Any = backbone.get_input_embeddings()
    rows = embeddings.num_embeddings
    if len(tokenizer) > rows:
        raise InputError(
            f"the tokenizer has {len(tokenizer)} tokens, the model {rows} embeddings", where="model.name_or_path"
        )
    positions = usable_positions(backbone)
    for side in ("query", "passage"):
        length, key = settings.max_length(side), f"model.max_{side}_length"
        if positions is not None and length > positions:
            raise InputError(
                f"{key} {length} > {positions} positions of the model", where=key, fix=f"{key}={positions}"
            )
        taken = len(tokenizer(settings.prompt(side))["input_ids"])
        if taken >= length:
            raise InputError(
                f"prompt and special tokens take {taken} of {length} tokens", where=key, fix=f"raise {key}"
            )


def usable_positions(backbone: PreTrainedModel) -> int | None:
    """The longest input in tokens, None where positions are relative and nothing limits them."""
    for name, module in backbone.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            # RoBERTa counts positions from its padding index on: XLM-R's table of 514 serves 512 tokens
            return module.num_embeddings - (0 if module.padding_idx is None else module.padding_idx + 1)
    return getattr(backbone.config, "max_position_embeddings", None)


def _remove_head(backbone: PreTrainedModel) -> None:
    backbone.pooler = None  # type: ignore[assignment]  # as transformers itself does without `add_pooling_layer`


@contextmanager
def _explained(source: str, part: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # of many kinds, the hub's, the parser's, the file system's: all mean this
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"cannot load the model's {part}: {reason}", where=source) from error


def _refuse(source: str, fault: str, weights: set[str]) -> None:
    # transformers would go on, with weights drawn at random
    if weights:
        shown = ", ".join(sorted(weights)[:SHOWN]) + (", ..." if len(weights) > SHOWN else "")
        raise InputError(
            f"the checkpoint does not fit the model: {len(weights)} weights {fault}: {shown}", where=source
        )
