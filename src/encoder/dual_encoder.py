"""Queries and passages as vectors: one shared backbone or two, pooling, normalisation, prompts."""

from __future__ import annotations

import copy
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from src.data.batch import TextChunks
from src.encoder.adapters import Adapter, read_adapter, write_adapter
from src.encoder.backbone import check_sizes, fit_head, from_config, load_backbone, load_config, load_tokenizer, quiet
from src.encoder.debias import Debias, discard
from src.encoder.pooling import POOLINGS
from src.encoder.settings import EncoderSettings, Side

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

LOCAL: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}


class DualEncoder(nn.Module):
    """Embeds queries and passages; both sides share the tokenizer, and the backbone unless settings say otherwise."""

    def __init__(
        self, backbones: dict[str, PreTrainedModel], tokenizer: PreTrainedTokenizerFast, settings: EncoderSettings
    ) -> None:
        """`backbones` by the names that `backbone_names` gives."""
        super().__init__()
        for backbone in backbones.values():
            fit_head(backbone, settings.pooling)
            check_sizes(backbone, tokenizer, settings)
        self.backbones = nn.ModuleDict(backbones)
        self.tokenizer = tokenizer
        self.settings = settings
        self.dimension: int = backbone.config.hidden_size
        self.shared, self.normalize = settings.shared, settings.normalize
        self.query_prompt, self.passage_prompt = settings.query_prompt, settings.passage_prompt
        self.max_query_length, self.max_passage_length = settings.max_query_length, settings.max_passage_length
        self.gradient_cache = False  # see `embed`
        self.debias: Debias | None = None  # what evaluation removes from embeddings, by their languages
        self.adapter: Adapter | None = None
        self.train()  # a loaded backbone comes in evaluation mode, and trainers leave the mode as it is

    @classmethod
    def start(
        cls, backbone: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, settings: EncoderSettings
    ) -> DualEncoder:
        """An encoder to train; separate sides start alike."""
        names = backbone_names(settings)
        copies = [backbone, *(copy.deepcopy(backbone) for _ in names[1:])]
        return cls(dict(zip(names, copies, strict=True)), tokenizer, settings)

    def adapt(self, adapter: Adapter) -> None:
        """Freeze each backbone and add parameters to train; what is saved has them merged into the weights."""
        for name in self.backbones:
            adapter.attach(self._backbone(name))
        self.adapter = adapter

    def forward(self, input_ids: Tensor, attention_mask: Tensor, side: Side) -> Tensor:
        """Embeddings [n, dimension] in float32 of padded tokens [n, length]."""
        return self._embed({"input_ids": input_ids}, attention_mask, side)

    def embed(self, chunks: TextChunks, side: Side) -> Tensor:
        """Embeddings [texts, dimension] in float32 and in the original order, with gradient.

        With `gradient_cache` nothing but the embeddings is kept for the gradient: the backward pass encodes each chunk
        again, with the dropout it had, so the memory is that of one chunk. It is the gradient of the whole batch and
        reaches each weight once, as without (GradCache: Gao et al., arXiv 2101.06983).
        """
        if not chunks.input_ids:
            return torch.empty(0, self.dimension, device=chunks.restore.device)
        if self.gradient_cache and torch.is_grad_enabled():
            tokens = zip(chunks.input_ids, chunks.attention_mask, strict=True)
            cached = [checkpoint(self, ids, mask, side, use_reentrant=False) for ids, mask in tokens]
            return torch.cat(cached)[chunks.restore]
        inputs = word_inputs(self._backbone_of(side), chunks.input_ids)
        padded = zip(inputs, chunks.attention_mask, strict=True)
        return torch.cat([self._embed(words, mask, side) for words, mask in padded])[chunks.restore]

    def save(self, folder: Path) -> None:
        """Settings, tokenizer, architecture, debiasing, weights; a shared encoder's folder also serves `model=hf`."""
        self.save_structure(folder)
        with quiet():
            for name in self.backbones:
                backbone = self._backbone(name)
                plain = self.adapter.merged(backbone) if self.adapter else backbone
                plain.save_pretrained(_backbone_folder(folder, name))
                if self.adapter:
                    self.adapter.export(backbone, _backbone_folder(folder, name))

    def save_structure(self, folder: Path) -> None:
        """All but the weights."""
        folder.mkdir(parents=True, exist_ok=True)
        self.settings.write(folder)
        write_adapter(self.adapter, folder)
        discard(folder)
        if self.debias is not None:
            self.debias.save(folder)
        # the last call's truncation is no property of the tokenizer, but would be saved with it
        self.tokenizer.backend_tokenizer.no_truncation()
        self.tokenizer.save_pretrained(folder)
        for name in self.backbones:
            config = self._backbone(name).config
            merged = self.adapter.merged_config(config) if self.adapter else config
            merged.save_pretrained(_backbone_folder(folder, name))

    @classmethod
    def load(cls, folder: Path, *, weights: bool = True) -> DualEncoder:
        """What `save` wrote, or without `weights` its structure, drawn anew; no code and no pickle of it is run.

        Debiasing belongs to the weights, and is left out with them.
        """
        settings = EncoderSettings.read(folder)
        tokenizer = load_tokenizer(str(folder), **LOCAL)
        adapter = None if weights else read_adapter(folder)  # of merged weights nothing is left of it
        backbones = {
            name: _read_backbone(_backbone_folder(folder, name), weights=weights, adapter=adapter)
            for name in backbone_names(settings)
        }
        encoder = cls(backbones, tokenizer, settings)
        if adapter:
            encoder.adapt(adapter)
        encoder.debias = Debias.load(folder, encoder.dimension) if weights else None
        return encoder

    def _embed(self, words: dict[str, Tensor], attention_mask: Tensor, side: Side) -> Tensor:
        output = self._backbone_of(side)(**words, attention_mask=attention_mask)
        embeddings = POOLINGS[self.settings.pooling](output, attention_mask)
        return functional.normalize(embeddings, dim=-1) if self.normalize else embeddings

    def _backbone_of(self, side: Side) -> Any:
        return self._backbone("shared" if self.shared else side)

    def _backbone(self, name: str) -> Any:
        return self.backbones[name]


def word_inputs(backbone: PreTrainedModel, input_ids: list[Tensor]) -> list[dict[str, Tensor]]:
    """What a backbone is given for the words of each chunk [texts, length]: embeddings, from one lookup for all.

    The gradient of a lookup is as large as the vocabulary, so one for each chunk would cost more than the chunk saves.
    """
    if "inputs_embeds" not in signature(backbone.forward).parameters:  # not all remote code takes them
        return [{"input_ids": ids} for ids in input_ids]
    flat = backbone.get_input_embeddings()(torch.cat([ids.flatten() for ids in input_ids]))
    parts = flat.split([ids.numel() for ids in input_ids])
    return [{"inputs_embeds": part.view(*ids.shape, -1)} for part, ids in zip(parts, input_ids, strict=True)]


def backbone_names(settings: EncoderSettings) -> tuple[str, ...]:
    """What an encoder's backbones are called."""
    return ("shared",) if settings.shared else ("query", "passage")


def _backbone_folder(folder: Path, name: str) -> Path:
    return folder if name == "shared" else folder / name


def _read_backbone(folder: Path, *, weights: bool, adapter: Adapter | None) -> PreTrainedModel:
    config = load_config(str(folder), **LOCAL)
    if not weights:
        return from_config(adapter.bare_config(config) if adapter else config)
    return load_backbone(str(folder), config, strict=True, use_safetensors=True, **LOCAL)
